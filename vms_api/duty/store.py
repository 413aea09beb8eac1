"""Rosters, and what shifts handed over, in the database. Handovers are only ever added: the tables refuse more."""

from collections.abc import Mapping

import sqlalchemy as sa

from vms_api.database import Connection, Transaction, metadata, upsert
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
    values = {
        "version": roster.version,
        "shifts": [shift.model_dump(mode="json") for shift in roster.shifts],
        "exceptions": [exception.model_dump(mode="json") for exception in roster.exceptions],
    }
    statement = upsert(transaction.connection, rosters).values(centre_id=centre_id, **values)
    await transaction.connection.execute(statement.on_conflict_do_update(index_elements=["centre_id"], set_=values))


def _roster(row: sa.RowMapping) -> Roster:
    shifts = [Shift.model_validate(shift) for shift in row["shifts"]]
    return Roster(row["version"], shifts, [ShiftException.model_validate(each) for each in row["exceptions"]])
