"""The rights in force, in memory: rebuilt with every change, in the transaction of the change."""

from collections.abc import Callable, Mapping

from vms_api.accounts.errors import LastAdmin
from vms_api.accounts.grant_store import read_rights
from vms_api.accounts.rights import RightsIndex, RightsRecord
from vms_api.areas.area import AreaTree
from vms_api.database import Connection, Transaction


class RightsBoard:
    """The index of rights and where each camera is. Listeners are told when somebody may have lost or gained a right.

    The rows are read inside the changing transaction and take effect after its commit, so that the index is never
    behind the database and never ahead of it.
    """

    def __init__(self) -> None:
        self.index = RightsIndex(RightsRecord(AreaTree([])))
        self._camera_areas: dict[str, str] = {}
        self._listeners: list[Callable[[], None]] = []

    async def load(self, connection: Connection, camera_areas: Mapping[str, str]) -> None:
        """Takes everything as it is stored."""
        self.index = RightsIndex(await read_rights(connection))
        self._camera_areas = dict(camera_areas)

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Has `listener` called after each change."""
        self._listeners.append(listener)

    def area_of(self, camera_id: str) -> str | None:
        """The area in which the camera is; None when there is no such camera."""
        return self._camera_areas.get(camera_id)

    def camera_ids(self) -> list[str]:
        """Every camera of the site."""
        return list(self._camera_areas)

    def camera_counts(self) -> Mapping[str, int]:
        """Cameras of each area that has some."""
        counts: dict[str, int] = {}
        for area_id in self._camera_areas.values():
            counts[area_id] = counts.get(area_id, 0) + 1
        return counts

    async def record_change(self, transaction: Transaction) -> None:
        """Users, groups, grants or areas have been changed in this transaction.

        Raises:
            LastAdmin: nobody would be left to grant rights in the whole site.

        """
        index = RightsIndex(await read_rights(transaction.connection))
        if self.index.has_administrator() and not index.has_administrator():
            raise LastAdmin
        transaction.after_commit(lambda: self._replace(index))

    def place_camera(self, transaction: Transaction, camera_id: str, area_id: str | None) -> None:
        """The camera is in that area from now on; None removes it."""

        def placed() -> None:
            if self._camera_areas.get(camera_id) == area_id:
                return
            if area_id is None:
                del self._camera_areas[camera_id]
            else:
                self._camera_areas[camera_id] = area_id
            self._tell()

        transaction.after_commit(placed)

    def _replace(self, index: RightsIndex) -> None:
        self.index = index
        self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()
