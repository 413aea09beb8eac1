"""What happened, numbered in the order of the commits and told to everybody who listens.

An event is a row of the transaction that did the act, so there is none without the other. Listeners are only woken;
each reads on from its own number, so nothing is lost or doubled however slow it is, and nothing queues for it.
States that pass (camera health, node state) are not stored: of each, a listener gets the latest.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from ingest.clock import Clock
from vms_api.database import Database, RowNumber, Transaction, metadata, to_us

events = sa.Table(
    "events",
    metadata,
    sa.Column("id", RowNumber, primary_key=True, autoincrement=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
    sa.Column("area_id", sa.String),
    sqlite_autoincrement=True,
)

_PRUNE_EVERY = 256


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `id` is None for a passing state, `area_id` for what concerns the whole site."""

    id: int | None
    kind: str
    data: Mapping[str, Any]
    area_id: str | None = None


Hearer = Callable[[Transaction, Sequence[Event]], Awaitable[None]]
"""What has something to write whenever events are recorded: it is called in their own transaction."""


class Listener:
    """One client of the event stream: woken when there is something to read."""

    def __init__(self, session_key: str | None) -> None:
        self.session_key = session_key
        self.is_closed = False
        self._awake = asyncio.Event()
        self._passing: dict[tuple[str, str], Event] = {}

    async def wait(self) -> None:
        """Returns when something was recorded or passed, or the listener was closed, since the last call."""
        await self._awake.wait()
        self._awake.clear()

    def wake(self) -> None:
        """Something was recorded."""
        self._awake.set()

    def tell(self, subject: str, event: Event) -> None:
        """Keeps the latest passing state of each kind and subject, so that a slow client costs no memory."""
        self._passing[event.kind, subject] = event
        self._awake.set()

    def take_passing(self) -> Sequence[Event]:
        """The passing states since the last call."""
        taken, self._passing = tuple(self._passing.values()), {}
        return taken

    def close(self) -> None:
        """Ends the stream at its next wake-up, which is now."""
        self.is_closed = True
        self._awake.set()


class EventLog:
    """Records events and wakes the listeners. Keeps the last `kept_count` events for those who come back."""

    def __init__(self, database: Database, clock: Clock, kept_count: int = 10_000, recent_count: int = 500) -> None:
        self._database = database
        self._clock = clock
        self._kept_count = kept_count
        self._recent: deque[Event] = deque(maxlen=recent_count)
        self._listeners: set[Listener] = set()
        self._hearers: list[Hearer] = []

    def subscribe(self, hearer: Hearer) -> None:
        """Has `hearer` called with what is recorded, in the transaction that records it."""
        self._hearers.append(hearer)

    @property
    def listener_count(self) -> int:
        """Open event streams."""
        return sum(listener.session_key is not None for listener in self._listeners)

    async def record(
        self, transaction: Transaction, kind: str, data: Mapping[str, Any], area_id: str | None = None
    ) -> None:
        """Adds an event to the act's own transaction; listeners hear of it after the commit."""
        await self.record_all(transaction, [Event(None, kind, data, area_id)])

    async def record_all(self, transaction: Transaction, happened: Sequence[Event]) -> None:
        """The same for several, not numbered yet, in their order and in one go."""
        at = to_us(self._clock.now())
        rows = [
            {"at": at, "kind": event.kind, "data": dict(event.data), "area_id": event.area_id} for event in happened
        ]
        insertion = events.insert().values(rows).returning(events.c.id)
        numbers = sorted((await transaction.connection.execute(insertion)).scalars())
        if numbers[-1] // _PRUNE_EVERY > (numbers[0] - 1) // _PRUNE_EVERY:
            await transaction.connection.execute(events.delete().where(events.c.id <= numbers[-1] - self._kept_count))
        told = [replace(event, id=number) for event, number in zip(happened, numbers, strict=True)]
        transaction.tell_after_commit(lambda: self._committed(told))
        for hear in self._hearers:
            await hear(transaction, told)

    def pass_on(self, kind: str, subject: str, data: Mapping[str, Any]) -> None:
        """Tells every listener a passing state of `subject`."""
        event = Event(None, kind, data)
        for listener in self._listeners:
            listener.tell(subject, event)

    async def span(self) -> tuple[int, int]:
        """The oldest kept and the newest number; (1, 0) before the first event."""
        async with self._database.read() as connection:
            row = (await connection.execute(sa.select(sa.func.min(events.c.id), sa.func.max(events.c.id)))).one()
        oldest, newest = row
        return (oldest, newest) if newest is not None else (1, 0)

    async def after(self, number: int, limit: int = 500) -> Sequence[Event]:
        """The events that follow `number`, oldest first, at most `limit`."""
        if self._recent and (self._recent[0].id or 0) <= number + 1:
            return [event for event in self._recent if (event.id or 0) > number][:limit]
        query = sa.select(events).where(events.c.id > number).order_by(events.c.id).limit(limit)
        async with self._database.read() as connection:
            return [Event(row.id, row.kind, row.data, row.area_id) for row in await connection.execute(query)]

    @contextmanager
    def listen(self, session_key: str | None) -> Iterator[Listener]:
        """A listener for as long as the block lasts; without a session it is a part of the system itself."""
        listener = Listener(session_key)
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    def close_ended(self, is_alive: Callable[[str], bool]) -> None:
        """Ends the streams of logins that are no more, and wakes the others: what they may hear may have changed."""
        for listener in self._listeners:
            if listener.session_key is None or is_alive(listener.session_key):
                listener.wake()
            else:
                listener.close()

    def close(self) -> None:
        """Ends all streams, so that the server can stop."""
        for listener in self._listeners:
            listener.close()

    def _committed(self, told: Sequence[Event]) -> None:
        if self._recent and (self._recent[-1].id or 0) + 1 != told[0].id:
            self._recent.clear()  # a gap: a commit whose task was cancelled before it could tell; the rows are right
        self._recent.extend(told)
        for listener in self._listeners:
            listener.wake()
