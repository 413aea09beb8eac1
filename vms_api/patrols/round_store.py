"""Patrol rounds and what was done about them, in the database."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ingest.identifier import new_identifier
from vms_api.database import Connection, RowNumber, Transaction, from_us, metadata, to_us, upsert
from vms_api.patrols.round import EXCUSE, LATE, DueRound, Excuse, RoundEntry, RoundSummary
from vms_api.patrols.round_lifecycle import OPEN, RoundState

_IS_OPEN = sa.text("state IN ('due', 'running', 'paused')")

patrol_rounds = sa.Table(
    "patrol_rounds",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("plan_id", sa.String, nullable=False),
    sa.Column("plan_version", sa.Integer, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("area_id", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("due_at", sa.BigInteger, nullable=False),
    sa.Column("deadline_at", sa.BigInteger, nullable=False),
    sa.Column("late", sa.Boolean, nullable=False),
    sa.Column("user_id", sa.String),
    sa.Column("user_name", sa.String),
    sa.Column("lease_epoch", sa.Integer, nullable=False),
    sa.Column("started_at", sa.BigInteger),
    sa.Column("finished_at", sa.BigInteger),
    sa.Column("current", sa.Integer, nullable=False),
    sa.Column("stop_count", sa.Integer, nullable=False),
    sa.Column("done_count", sa.Integer, nullable=False),
    sa.Column("grid", sa.Integer, nullable=False),
    sa.Column("complete_at", sa.Float, nullable=False),
    sa.Column("stop_order", sa.JSON(none_as_null=True)),
    sa.UniqueConstraint("plan_id", "due_at"),
    sa.Index("ix_patrol_rounds_area_id_due_at", "area_id", "due_at"),
    sa.Index("ix_patrol_rounds_due_at_id", "due_at", "id"),
    sa.Index("ix_patrol_rounds_user_id_due_at", "user_id", "due_at"),
)
sa.Index(
    "ix_patrol_rounds_open_deadline_at",
    patrol_rounds.c.deadline_at,
    sqlite_where=_IS_OPEN,
    postgresql_where=_IS_OPEN,
)

patrol_history = sa.Table(
    "patrol_history",
    metadata,
    sa.Column("id", RowNumber, primary_key=True, autoincrement=True),
    sa.Column("round_id", sa.ForeignKey("patrol_rounds.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("act", sa.String, nullable=False),
    sa.Column("user_id", sa.String),
    sa.Column("user_name", sa.String),
    sa.Column("note", sa.String, nullable=False),
    sa.Column("detail", sa.JSON, nullable=False),
    sqlite_autoincrement=True,
)

_TIMES = ("due_at", "deadline_at", "started_at", "finished_at")
_CHANGING = {
    "state",
    "late",
    "user_id",
    "user_name",
    "lease_epoch",
    "started_at",
    "finished_at",
    "current",
    "stop_count",
    "done_count",
}


@dataclass(frozen=True, slots=True)
class RoundQuery:
    """Which rounds are asked for: of these areas, in these states (None: in any), held by somebody or by anybody.

    `since` and `until`: due in [since, until). `before`: due time (microseconds) and id of the last one seen.
    """

    area_ids: Collection[str] | None = None
    states: Collection[RoundState] | None = None
    user_id: str | None = None
    plan_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: tuple[int, str] | None = None
    limit: int = 50


async def add_due(transaction: Transaction, due: DueRound) -> str | None:
    """A round that has become due, and its id; None when there is one of that plan and time already."""
    connection, round_id = transaction.connection, new_identifier()
    values = asdict(due) | {"due_at": to_us(due.due_at), "deadline_at": to_us(due.deadline_at)}
    values["stop_order"] = values.pop("order")
    values |= {"id": round_id, "state": RoundState.DUE, "late": False, "lease_epoch": 0, "current": 0, "done_count": 0}
    statement = upsert(connection, patrol_rounds).values(values).on_conflict_do_nothing()
    if (await connection.execute(statement)).rowcount == 0:
        return None
    await add_history(transaction, round_id, RoundEntry(due.due_at, "due"))
    return round_id


async def save_round(transaction: Transaction, changed: RoundSummary) -> None:
    """Writes down how far the round has come."""
    values = changed.model_dump(include=_CHANGING)
    values |= {key: to_us(values[key]) for key in _CHANGING.intersection(_TIMES) if values[key] is not None}
    statement = patrol_rounds.update().where(patrol_rounds.c.id == changed.id).values(values)
    await transaction.connection.execute(statement)


async def find_round(connection: Connection, round_id: str) -> RoundSummary | None:
    """The round of that id."""
    found = await _rounds(connection, sa.select(patrol_rounds).where(patrol_rounds.c.id == round_id))
    return found[0] if found else None


async def find_order(connection: Connection, round_id: str) -> Sequence[int] | None:
    """The places of the plan's stops in the order of this round; None: as the plan has them."""
    query = sa.select(patrol_rounds.c.stop_order).where(patrol_rounds.c.id == round_id)
    return (await connection.execute(query)).scalar_one_or_none()


async def list_rounds(connection: Connection, asked: RoundQuery) -> Sequence[RoundSummary]:
    """The rounds that are asked for, the latest due first."""
    query = sa.select(patrol_rounds).where(*_conditions(asked))
    order = (patrol_rounds.c.due_at.desc(), patrol_rounds.c.id.desc())
    return await _rounds(connection, query.order_by(*order).limit(asked.limit))


async def open_past(connection: Connection, now: datetime, limit: int) -> Sequence[RoundSummary]:
    """Rounds that are not over though their deadline is, and that are not recorded as late; the longest due first."""
    query = sa.select(patrol_rounds).where(
        patrol_rounds.c.state.in_(sorted(OPEN)),
        patrol_rounds.c.deadline_at < to_us(now),
        patrol_rounds.c.late.is_(False),
    )
    return await _rounds(connection, query.order_by(patrol_rounds.c.deadline_at).limit(limit))


async def hand_over(transaction: Transaction, area_id: str, heir_id: str) -> None:
    """The rounds of an area that is removed pass to another one."""
    statement = patrol_rounds.update().where(patrol_rounds.c.area_id == area_id).values(area_id=heir_id)
    await transaction.connection.execute(statement)


async def add_history(transaction: Transaction, round_id: str, entry: RoundEntry) -> None:
    """Adds to what was done; entries are never changed."""
    values = asdict(entry) | {"round_id": round_id, "at": to_us(entry.at)}
    await transaction.connection.execute(patrol_history.insert().values(values))


async def list_history(connection: Connection, round_id: str) -> Sequence[RoundEntry]:
    """What was done about a round, oldest first."""
    query = sa.select(patrol_history).where(patrol_history.c.round_id == round_id).order_by(patrol_history.c.id)
    return [_entry(row) for row in (await connection.execute(query)).mappings()]


async def last_act(connection: Connection, round_id: str) -> datetime | None:
    """When a person last did anything about the round itself, or the system found that it was late."""
    table = patrol_history.c
    counted = sa.or_(table.user_id.is_not(None), table.act == LATE)
    query = sa.select(sa.func.max(table.at)).where(table.round_id == round_id, counted)
    at = (await connection.execute(query)).scalar_one()
    return None if at is None else from_us(at)


def round_sort_key(shown: RoundSummary) -> tuple[str, str]:
    """Where the round stands in a list."""
    return str(to_us(shown.due_at)), shown.id


def _conditions(asked: RoundQuery) -> Sequence[sa.ColumnElement[bool]]:
    table = patrol_rounds.c
    wanted: list[sa.ColumnElement[bool]] = []
    if asked.area_ids is not None:
        wanted.append(table.area_id.in_(asked.area_ids))
    if asked.states is not None:
        wanted.append(table.state.in_(sorted(asked.states)))
    if asked.user_id is not None:
        wanted.append(table.user_id == asked.user_id)
    if asked.plan_id is not None:
        wanted.append(table.plan_id == asked.plan_id)
    if asked.since is not None:
        wanted.append(table.due_at >= to_us(asked.since))
    if asked.until is not None:
        wanted.append(table.due_at < to_us(asked.until))
    if asked.before is not None:
        wanted.append(sa.tuple_(table.due_at, table.id) < sa.tuple_(*asked.before))
    return wanted


async def _rounds(connection: Connection, query: sa.Select[Any]) -> Sequence[RoundSummary]:
    rows = (await connection.execute(query)).mappings().all()
    excuses = await _excuses(connection, [row["id"] for row in rows])
    return [
        RoundSummary.model_validate(
            {**row, **{key: from_us(row[key]) for key in _TIMES if row[key] is not None}}
            | {"excuses": excuses.get(row["id"], [])}
        )
        for row in rows
    ]


async def _excuses(connection: Connection, round_ids: Sequence[str]) -> Mapping[str, list[Excuse]]:
    if not round_ids:
        return {}
    query = sa.select(patrol_history).where(patrol_history.c.round_id.in_(round_ids), patrol_history.c.act == EXCUSE)
    found: dict[str, list[Excuse]] = {}
    for row in (await connection.execute(query.order_by(patrol_history.c.id))).mappings():
        entry = _entry(row)
        found.setdefault(row["round_id"], []).append(Excuse(at=entry.at, user_name=entry.user_name, text=entry.note))
    return found


def _entry(row: sa.RowMapping) -> RoundEntry:
    told = {key: row[key] for key in ("act", "user_id", "user_name", "note", "detail")}
    return RoundEntry(at=from_us(row["at"]), **told)
