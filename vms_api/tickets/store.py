"""Repair tickets, the cameras they are about and their history in the database."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from vms_api.database import Connection, RowNumber, Transaction, from_us, metadata, to_us, upsert
from vms_api.tickets.cause import Cause
from vms_api.tickets.lifecycle import TicketState
from vms_api.tickets.ticket import Ticket, TicketEntry

_IS_OPEN = sa.text("state <> 'closed'")
_OF_OPEN: dict[str, Any] = {"sqlite_where": _IS_OPEN, "postgresql_where": _IS_OPEN}
_IS_DUPLICATE = sa.text("duplicate_of IS NOT NULL")
_OF_DUPLICATES: dict[str, Any] = {"sqlite_where": _IS_DUPLICATE, "postgresql_where": _IS_DUPLICATE}

tickets = sa.Table(
    "tickets",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("subject", sa.String, nullable=False),
    sa.Column("camera_id", sa.String),
    sa.Column("camera_name", sa.String, nullable=False),
    sa.Column("camera_count", sa.Integer, nullable=False),
    sa.Column("area_id", sa.String, nullable=False),
    sa.Column("cause", sa.String, nullable=False),
    sa.Column("severity", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("opened_at", sa.BigInteger, nullable=False),
    sa.Column("found_at", sa.BigInteger, nullable=False),
    sa.Column("due_at", sa.BigInteger, nullable=False),
    sa.Column("late_told", sa.Boolean, nullable=False, server_default="0"),
    sa.Column("assignee_id", sa.String),
    sa.Column("assignee", sa.String),
    sa.Column("contractor", sa.JSON(none_as_null=True)),
    sa.Column("repeats", sa.Integer, nullable=False),
    sa.Column("repeated", sa.Boolean, nullable=False),
    sa.Column("evidence", sa.String),
    sa.Column("proof", sa.String),
    sa.Column("source", sa.String),
    sa.Column("facts", sa.JSON, nullable=False),
    sa.Column("cleared_at", sa.BigInteger),
    sa.Column("fixed_at", sa.BigInteger),
    sa.Column("closed_at", sa.BigInteger),
    sa.Column("pause", sa.JSON(none_as_null=True)),
    sa.Column("paused_s", sa.Float, nullable=False),
    sa.Column("parts", sa.JSON, nullable=False),
    sa.Column("duplicate_of", sa.String),
    # One open ticket of each subject and cause, whoever finds it, and however many do at once.
    sa.Index("ix_tickets_open", "subject", "cause", unique=True, **_OF_OPEN),
    sa.Index("ix_tickets_number", "number", unique=True),
    sa.Index("ix_tickets_subject_cause_id", "subject", "cause", "id"),
    sa.Index("ix_tickets_state_due_at", "state", "due_at"),
    sa.Index("ix_tickets_area_id_id", "area_id", "id"),
    sa.Index("ix_tickets_opened_at", "opened_at"),
    sa.Index("ix_tickets_duplicate_of", "duplicate_of", **_OF_DUPLICATES),
)

ticket_cameras = sa.Table(
    "ticket_cameras",
    metadata,
    sa.Column("ticket_id", sa.ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("camera_id", sa.String, primary_key=True),
    sa.Index("ix_ticket_cameras_camera_id", "camera_id"),
)

ticket_history = sa.Table(
    "ticket_history",
    metadata,
    sa.Column("id", RowNumber, primary_key=True, autoincrement=True),
    sa.Column("ticket_id", sa.ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("act", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("user_id", sa.String),
    sa.Column("username", sa.String),
    sa.Column("note", sa.String, nullable=False),
    sa.Column("detail", sa.JSON, nullable=False),
    sqlite_autoincrement=True,
)

_TIMES = ("opened_at", "found_at", "due_at", "cleared_at", "fixed_at", "closed_at")
_FIXED = {"id", "number", "subject", "camera_id", "opened_at"}
"""What never changes in the life of a ticket."""


async def insert_ticket(transaction: Transaction, ticket: Ticket, camera_ids: Collection[str]) -> Ticket | None:
    """Adds a ticket under the next number; None where its subject has an open one of that cause already."""
    connection = transaction.connection
    last = (await connection.execute(sa.select(sa.func.max(tickets.c.number)))).scalar_one()
    numbered = ticket.model_copy(update={"number": (last or 0) + 1})
    statement = upsert(connection, tickets).values(_columns(numbered)).on_conflict_do_nothing()
    if (await connection.execute(statement)).rowcount == 0:
        return None
    await put_cameras(transaction, ticket.id, camera_ids)
    return numbered


async def put_cameras(transaction: Transaction, ticket_id: str, camera_ids: Collection[str]) -> None:
    """Adds cameras to those that the ticket is about."""
    rows = [{"ticket_id": ticket_id, "camera_id": camera_id} for camera_id in sorted(set(camera_ids))]
    if rows:
        statement = upsert(transaction.connection, ticket_cameras).values(rows).on_conflict_do_nothing()
        await transaction.connection.execute(statement)


async def update_ticket(transaction: Transaction, ticket: Ticket) -> None:
    """Writes down how far the repair has come. One that is not overdue any more may be told to be so again."""
    values = {key: value for key, value in _columns(ticket).items() if key not in _FIXED}
    if not ticket.overdue:
        values["late_told"] = False
    await transaction.connection.execute(tickets.update().where(tickets.c.id == ticket.id).values(values))


async def mark_late(transaction: Transaction, ids: Collection[str]) -> None:
    """That these are overdue is told now."""
    await transaction.connection.execute(tickets.update().where(tickets.c.id.in_(ids)).values(late_told=True))


async def find_ticket(connection: Connection, ticket_id: str) -> Ticket | None:
    """The ticket with that id."""
    return await _one(connection, sa.select(tickets).where(tickets.c.id == ticket_id))


async def find_open(connection: Connection, subject: str, cause: Cause) -> Ticket | None:
    """The one open ticket of a subject and cause."""
    mine = (tickets.c.subject == subject, tickets.c.cause == cause, tickets.c.state != TicketState.CLOSED)
    return await _one(connection, sa.select(tickets).where(*mine))


async def find_latest(connection: Connection, subject: str, cause: Cause) -> Ticket | None:
    """The latest closed ticket of a subject and cause."""
    mine = (tickets.c.subject == subject, tickets.c.cause == cause, tickets.c.state == TicketState.CLOSED)
    return await _one(connection, sa.select(tickets).where(*mine).order_by(tickets.c.closed_at.desc()).limit(1))


async def pass_on_duplicates(transaction: Transaction, ticket_id: str, original_id: str) -> None:
    """What was a duplicate of the one is one of the other."""
    mine = tickets.c.duplicate_of == ticket_id
    await transaction.connection.execute(tickets.update().where(mine).values(duplicate_of=original_id))


async def left_by_their_original(connection: Connection, since: datetime) -> Sequence[tuple[str, Cause]]:
    """Subject and cause of what was closed as a duplicate of a ticket that is closed since then."""
    original = tickets.alias("original")
    query = (
        sa.select(tickets.c.subject, tickets.c.cause)
        .join(original, original.c.id == tickets.c.duplicate_of)
        .where(tickets.c.duplicate_of.is_not(None), tickets.c.state == TicketState.CLOSED)
        .where(original.c.state == TicketState.CLOSED, original.c.closed_at >= to_us(since))
    )
    return [(subject, Cause(cause)) for subject, cause in await connection.execute(query)]


async def list_open(connection: Connection, causes: Collection[Cause] | None = None) -> Sequence[Ticket]:
    """Every open ticket, of these causes or of all."""
    query = sa.select(tickets).where(tickets.c.state != TicketState.CLOSED).order_by(tickets.c.id)
    if causes is not None:
        query = query.where(tickets.c.cause.in_(causes))
    return [ticket_of(row) for row in (await connection.execute(query)).mappings()]


async def cameras_of(connection: Connection, ticket_id: str) -> list[str]:
    """The cameras that a ticket is about."""
    query = sa.select(ticket_cameras.c.camera_id).where(ticket_cameras.c.ticket_id == ticket_id)
    return list((await connection.execute(query.order_by(ticket_cameras.c.camera_id))).scalars())


async def cameras_of_open(connection: Connection, cause: Cause) -> Mapping[str, frozenset[str]]:
    """The cameras of every open ticket of that cause, by the tickets' ids."""
    query = (
        sa.select(ticket_cameras)
        .join(tickets, tickets.c.id == ticket_cameras.c.ticket_id)
        .where(tickets.c.cause == cause, tickets.c.state != TicketState.CLOSED)
    )
    found: dict[str, set[str]] = {}
    for row in await connection.execute(query):
        found.setdefault(row.ticket_id, set()).add(row.camera_id)
    return {ticket_id: frozenset(ids) for ticket_id, ids in found.items()}


async def add_history(transaction: Transaction, ticket_id: str, entry: TicketEntry) -> None:
    """Adds to what was done; entries are never changed."""
    row = entry.model_dump() | {"ticket_id": ticket_id, "at": to_us(entry.at)}
    await transaction.connection.execute(ticket_history.insert().values(row))


async def list_history(connection: Connection, ticket_id: str) -> list[TicketEntry]:
    """What was done, the oldest first."""
    query = sa.select(ticket_history).where(ticket_history.c.ticket_id == ticket_id).order_by(ticket_history.c.id)
    rows = (await connection.execute(query)).mappings()
    return [TicketEntry.model_validate({**row, "at": from_us(row["at"])}) for row in rows]


async def closed_before(connection: Connection, until: datetime, limit: int) -> Sequence[str]:
    """The ids of tickets that are closed since before then, the oldest first."""
    query = sa.select(tickets.c.id).where(tickets.c.state == TicketState.CLOSED, tickets.c.closed_at < to_us(until))
    return list((await connection.execute(query.order_by(tickets.c.id).limit(limit))).scalars())


async def delete_tickets(transaction: Transaction, ids: Collection[str]) -> None:
    """Removes tickets with their cameras, history and rows of files."""
    await transaction.connection.execute(tickets.delete().where(tickets.c.id.in_(ids)))


async def hand_over(transaction: Transaction, area_id: str, heir_id: str) -> None:
    """The tickets of an area that is removed pass to another one."""
    await transaction.connection.execute(tickets.update().where(tickets.c.area_id == area_id).values(area_id=heir_id))


def ticket_of(row: sa.RowMapping) -> Ticket:
    """The ticket of a row of the table."""
    return Ticket.model_validate({**row, **{key: from_us(row[key]) for key in _TIMES if row[key] is not None}})


def _columns(ticket: Ticket) -> dict[str, Any]:
    row = ticket.model_dump(exclude={"overdue", "contractor", "pause"})
    row |= ticket.model_dump(mode="json", include={"contractor", "pause"})
    return row | {key: to_us(row[key]) for key in _TIMES if row[key] is not None}


async def _one(connection: Connection, query: sa.Select[Any]) -> Ticket | None:
    row = (await connection.execute(query)).mappings().one_or_none()
    return ticket_of(row) if row else None
