"""Where the cameras are, kept in memory: with ten thousand of them, reading their ledgers takes a while."""

from collections.abc import Mapping
from dataclasses import dataclass

from vms_api.database import Connection
from vms_api.ledger import store as ledger_store
from vms_api.ledger.ledger import Values


@dataclass(frozen=True, slots=True)
class Position:
    """Degrees of WGS-84."""

    latitude: float
    longitude: float


class PositionBoard:
    """The positions of the ledgers, read again whenever a ledger has changed."""

    def __init__(self) -> None:
        self._mark: tuple[int, ...] | None = None
        self._positions: Mapping[str, Position] = {}

    async def positions(self, connection: Connection) -> Mapping[str, Position]:
        """Every camera that has one, by its id."""
        mark = await ledger_store.ledgers_mark(connection)
        if mark != self._mark:
            ledgers = await ledger_store.list_ledgers(connection)
            found = {camera_id: position_of(ledger.values) for camera_id, ledger in ledgers.items()}
            self._positions = {camera_id: position for camera_id, position in found.items() if position}
            self._mark = mark
        return self._positions


def position_of(values: Values) -> Position | None:
    """The position that a ledger holds, if it holds one."""
    latitude, longitude = values.get("latitude"), values.get("longitude")
    if isinstance(latitude, int | float) and isinstance(longitude, int | float):
        return Position(latitude, longitude)
    return None
