"""What the watch knows of the cameras in service from one look to the next: only what changed is read and judged."""

import asyncio
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from ingest.address import dial_target
from ingest.errors import AddressRefused
from vms_api.areas.area import AreaTree
from vms_api.cameras.health_board import HealthBoard
from vms_api.care.device import DeviceFacts
from vms_api.database import Connection
from vms_api.tickets import watch_store
from vms_api.tickets.cause import Cause
from vms_api.tickets.fold import Whereabouts
from vms_api.tickets.followed_rows import FollowedRows
from vms_api.tickets.maintenance import MaintenanceWindow, covers
from vms_api.tickets.reading import NOTHING_KNOWN, DeviceView, Verdicts, differing, facts_of, verdicts_of
from vms_api.tickets.watch_store import CameraRow, DeviceRow

_AT_ONCE = 1000
"""Cameras that are judged in one go: a few milliseconds."""
_NEVER = Verdicts()


class CameraMemory:
    """One for the watch.

    `cameras` are those in service by id, `places` where they are, `verdicts` what was last said of each: None for a
    fault of a camera in maintenance, which may be well, but with which nothing is found wrong.
    """

    def __init__(self, health: HealthBoard, clock_limit_s: float) -> None:
        self._health = health
        self._clock_limit_s = clock_limit_s
        self._camera_rows = FollowedRows(watch_store.camera_mark, watch_store.cameras_since)
        self._device_rows = FollowedRows(watch_store.device_mark, watch_store.devices_since)
        self._expected: Mapping[str, str] = {}
        self._devices: dict[str, DeviceView] = {}
        self._hosts: dict[str, str] = {}
        self._tree: AreaTree | None = None
        self.cameras: Mapping[str, CameraRow] = {}
        self.places: Mapping[str, Whereabouts] = {}
        self.verdicts: dict[str, Verdicts] = {}

    async def refresh(self, connection: Connection, tree: AreaTree) -> None:
        """Reads which cameras and devices there are now."""
        moved = await self._camera_rows.follow(connection)
        if moved or tree is not self._tree:
            self._place(moved, tree)
        looked_at = await self._device_rows.follow(connection)
        expected = await watch_store.expected_settings(connection)
        if looked_at or expected != self._expected:
            before, self._expected = self._expected, expected
            changed = {id_ for id_ in {*before, *expected} if before.get(id_) != expected.get(id_)}
            self._view(looked_at | changed)

    async def judge(self, windows: Sequence[MaintenanceWindow], now: datetime, waiting: Collection[str]) -> list[str]:
        """Looks at every camera; the ids of those of which something may follow: what is said of them is new, or wrong.

        `waiting` are cameras that have to be looked at in any case.
        """
        found = list[str]()
        every, known, devices = list(self.cameras), self.verdicts, self._devices
        for start in range(0, len(every), _AT_ONCE):
            for camera_id in every[start : start + _AT_ONCE]:
                device = devices.get(camera_id, NOTHING_KNOWN)
                said = verdicts_of(self._health.reported(camera_id), device, self._clock_limit_s)
                if True in said:
                    said = self._excused(camera_id, said, windows, now)
                elif said == known.get(camera_id) and camera_id not in waiting:
                    continue
                known[camera_id] = said
                found.append(camera_id)
            await asyncio.sleep(0)  # requests are answered between
        return found

    def of(self, camera_id: str) -> Verdicts:
        """What was last said of the camera."""
        return self.verdicts.get(camera_id, _NEVER)

    def facts(self, camera_id: str, cause: Cause) -> Mapping[str, str | float]:
        """What there is to tell of that fault of the camera now."""
        health, device = self._health.reported(camera_id), self._devices.get(camera_id, NOTHING_KNOWN)
        return facts_of(cause, health, device)

    def _excused(self, camera_id: str, said: Verdicts, windows: Sequence[MaintenanceWindow], now: datetime) -> Verdicts:
        if covers(windows, camera_id, self.places[camera_id].area_path, now) is None:
            return said
        return Verdicts(*(None if is_wrong else is_wrong for is_wrong in said))

    def _place(self, moved: Iterable[str], tree: AreaTree) -> None:
        """Which cameras are in service, and where."""
        rows = self._camera_rows.rows
        for camera_id in moved:
            self._hosts.pop(camera_id, None)
            if camera_id in rows:
                self._hosts[camera_id] = _host(rows[camera_id].address)
        lineages = {area.id: area.lineage for area in tree}
        self._tree = tree
        self.cameras = {id_: row for id_, row in rows.items() if row.enabled and row.address}
        self.places = {
            id_: Whereabouts(lineages.get(row.area_id, ()), self._hosts[id_]) for id_, row in self.cameras.items()
        }
        self.verdicts = {id_: said for id_, said in self.verdicts.items() if id_ in self.cameras}

    def _view(self, changed: Iterable[str]) -> None:
        rows = self._device_rows.rows
        for camera_id in changed:
            self._devices[camera_id] = _view_of(rows.get(camera_id), self._expected.get(camera_id))


def _view_of(row: DeviceRow | None, expected: str | None) -> DeviceView:
    """A device that is not reached tells nothing; what it told before is old."""
    if row is None or row.state != "reachable":
        return NOTHING_KNOWN
    wanted = json.loads(expected) if expected else None
    if not wanted or not row.facts:
        return DeviceView(row.clock_offset_s)
    return DeviceView(row.clock_offset_s, differing(DeviceFacts.model_validate(row.facts), wanted))


def _host(address: str) -> str:
    with suppress(AddressRefused):
        return dial_target(address).host
    return ""
