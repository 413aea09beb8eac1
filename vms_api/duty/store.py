"""Rosters, and what shifts handed over, in the database. Handovers are only ever added: the tables refuse more."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from vms_api.database import Connection, Transaction, from_us, metadata, to_us, upsert
from vms_api.duty.handover import Handover, Signature
from vms_api.duty.roster import Roster, Shift, ShiftException

rosters = sa.Table(
    "rosters",
    metadata,
    sa.Column("centre_id", sa.ForeignKey("areas.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("shifts", sa.JSON, nullable=False),
    sa.Column("exceptions", sa.JSON, nullable=False),
)

handovers = sa.Table(
    "handovers",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("centre_id", sa.String, nullable=False),
    sa.Column("centre_name", sa.String, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("user_id", sa.String, nullable=False),
    sa.Column("username", sa.String, nullable=False),
    sa.Column("shift", sa.String),
    sa.Column("note", sa.String, nullable=False),
    sa.Column("record", sa.JSON, nullable=False),
    sa.Index("ix_handovers_centre_id_id", "centre_id", "id"),
)

handover_signatures = sa.Table(
    "handover_signatures",
    metadata,
    sa.Column("handover_id", sa.ForeignKey("handovers.id"), primary_key=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("user_id", sa.String, nullable=False),
    sa.Column("username", sa.String, nullable=False),
    sa.Column("note", sa.String, nullable=False),
)


async def list_rosters(connection: Connection) -> Mapping[str, Roster]:
    """The rosters by their centres."""
    rows = (await connection.execute(sa.select(rosters))).mappings()
    return {row["centre_id"]: _roster(row) for row in rows}


async def put_roster(transaction: Transaction, centre_id: str, roster: Roster) -> None:
    """Replaces the roster of a centre."""
    values = {"version": roster.version, **roster.document()}
    statement = upsert(transaction.connection, rosters).values(centre_id=centre_id, **values)
    await transaction.connection.execute(statement.on_conflict_do_update(index_elements=["centre_id"], set_=values))


def _roster(row: sa.RowMapping) -> Roster:
    shifts = [Shift.model_validate(shift) for shift in row["shifts"]]
    return Roster(row["version"], shifts, [ShiftException.model_validate(each) for each in row["exceptions"]])


async def insert_handover(transaction: Transaction, handover: Handover) -> None:
    """A new handover, not signed yet."""
    row = handover.model_dump(exclude={"signature", "record"})
    row |= {"at": to_us(handover.at), "record": handover.record.model_dump(mode="json")}
    await transaction.connection.execute(handovers.insert().values(row))


async def insert_signature(transaction: Transaction, handover_id: str, signature: Signature) -> None:
    """Somebody has taken over."""
    row = signature.model_dump() | {"handover_id": handover_id, "at": to_us(signature.at)}
    await transaction.connection.execute(handover_signatures.insert().values(row))


async def find_handover(connection: Connection, handover_id: str) -> Handover | None:
    """The handover with that id."""
    row = (await connection.execute(_signed().where(handovers.c.id == handover_id))).mappings().one_or_none()
    return _handover(row) if row else None


async def list_handovers(connection: Connection, centre_id: str, before: str | None, limit: int) -> Sequence[Handover]:
    """The centre's handovers, the newest first; `before` is the id of the last one seen."""
    query = _signed().where(handovers.c.centre_id == centre_id).order_by(handovers.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(handovers.c.id < before)
    return [_handover(row) for row in (await connection.execute(query)).mappings()]


def _signed() -> sa.Select[Any]:
    signature = [column.label(f"signature_{column.name}") for column in handover_signatures.c]
    joined = handovers.outerjoin(handover_signatures, handover_signatures.c.handover_id == handovers.c.id)
    return sa.select(handovers, *signature).select_from(joined)


def _handover(row: sa.RowMapping) -> Handover:
    signature = None
    if row["signature_at"] is not None:
        said = {key: row[f"signature_{key}"] for key in ("user_id", "username", "note")}
        signature = Signature(at=from_us(row["signature_at"]), **said)
    facts = {key: row[key] for key in Handover.model_fields if key != "signature"}
    return Handover.model_validate({**facts, "at": from_us(row["at"]), "signature": signature})
