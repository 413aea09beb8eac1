"""Rows of a table that are kept in memory, and read again only where they changed."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from vms_api.database import Connection
from vms_api.tickets.watch_store import TimeMark


class TimedRow(Protocol):
    """A row with an id and the time of its last change."""

    @property
    def id(self) -> str:
        """What it is told apart by."""

    @property
    def at_us(self) -> int:
        """Microseconds."""


Row = TypeVar("Row", bound=TimedRow)


class FollowedRows(Generic[Row]):
    """The rows by id, as they were at the last look.

    What came since is added. If that does not explain the mark of the table, because rows went or the clock was put
    back, all of it is read.
    """

    def __init__(
        self,
        mark: Callable[[Connection], Awaitable[TimeMark]],
        since: Callable[[Connection, int], Awaitable[Sequence[Row]]],
    ) -> None:
        self._read_mark = mark
        self._read_since = since
        self._mark = TimeMark()
        self._rows: dict[str, Row] = {}

    @property
    def rows(self) -> Mapping[str, Row]:
        """All of them."""
        return self._rows

    async def follow(self, connection: Connection) -> set[str]:
        """Reads what changed; the ids of what is another than before, or gone."""
        mark = await self._read_mark(connection)
        if mark == self._mark:
            return set()
        before = self._rows
        newest = max((row.at_us for row in before.values()), default=0)
        self._rows = before | {row.id: row for row in await self._read_since(connection, newest)}
        if TimeMark.of(row.at_us for row in self._rows.values()) != mark:
            self._rows = {row.id: row for row in await self._read_since(connection, 0)}
        self._mark = mark
        return {id_ for id_ in {*before, *self._rows} if before.get(id_) != self._rows.get(id_)}
