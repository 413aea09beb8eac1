"""What the watch reads at every look: whether cameras or devices changed at all, and then only those."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from vms_api.cameras.store import cameras
from vms_api.care.store import device_states
from vms_api.database import Connection
from vms_api.ptz.store import onvif_devices

_PRIME = 999_999_937
"""Times are folded by it before they are summed, so that the sum of any number of rows is a number of 64 bits."""


class TimeMark(NamedTuple):
    """How many rows there are, and the sum of their folded times: two contents of a table have it alike by chance only.

    Every change of a row gives it another time.
    """

    rows: int = 0
    folded: int = 0

    @classmethod
    def of(cls, times_us: Iterable[int]) -> "TimeMark":
        """Of rows that are known."""
        times = list(times_us)
        return cls(len(times), sum(at % _PRIME for at in times))


class CameraRow(NamedTuple):
    """As much of a camera as the watch needs. `at_us`: its last change."""

    id: str
    at_us: int
    area_id: str
    name: str
    address: str
    enabled: bool


class DeviceRow(NamedTuple):
    """How the last look at a camera's device ended; `facts` is what a look that went well was told. `at_us`: when."""

    id: str
    at_us: int
    state: str
    clock_offset_s: float | None
    facts: Mapping[str, Any] | None


async def camera_mark(connection: Connection) -> TimeMark:
    """Of all cameras."""
    return await _mark(connection, cameras.c.updated_at)


async def cameras_since(connection: Connection, at_us: int) -> Sequence[CameraRow]:
    """Cameras that were changed then or later."""
    columns = (cameras.c.id, cameras.c.updated_at, cameras.c.area_id, cameras.c.name, cameras.c.address)
    query = sa.select(*columns, cameras.c.enabled).where(cameras.c.updated_at >= at_us)
    return [CameraRow(*row) for row in await connection.execute(query)]


async def device_mark(connection: Connection) -> TimeMark:
    """Of all devices that were looked at."""
    return await _mark(connection, device_states.c.checked_at)


async def devices_since(connection: Connection, at_us: int) -> Sequence[DeviceRow]:
    """Devices that were looked at then or later."""
    columns = (device_states.c.camera_id, device_states.c.checked_at, device_states.c.state)
    query = sa.select(*columns, device_states.c.clock_offset_s, device_states.c.facts)
    return [DeviceRow(*row) for row in await connection.execute(query.where(device_states.c.checked_at >= at_us))]


async def expected_settings(connection: Connection) -> Mapping[str, str]:
    """The settings that are wanted of devices by camera, as JSON; those of which nothing is wanted are not there."""
    text = sa.cast(onvif_devices.c.expected, sa.String)
    query = sa.select(onvif_devices.c.camera_id, text).where(onvif_devices.c.expected.is_not(None))
    return {row[0]: row[1] for row in (await connection.execute(query)).all()}  # in one go: there are thousands


async def _mark(connection: Connection, at: sa.ColumnElement[int]) -> TimeMark:
    row = (await connection.execute(sa.select(sa.func.count(), sa.func.sum(at % _PRIME)))).one()
    return TimeMark(int(row[0]), int(row[1] or 0))
