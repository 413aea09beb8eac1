"""The gap `node-down`: nobody else can tell that a camera was not recorded while there was no node."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ingest.clock import Clock
from ingest.identifier import new_identifier
from vms_api.cameras import store as camera_store
from vms_api.cameras.camera import CameraRecord
from vms_api.cameras.health import RecordingHealth
from vms_api.database import Connection, Database, Transaction
from vms_api.recordings import gap_store, plan_store, store
from vms_api.recordings.gap import NODE_DOWN, Gap
from vms_api.recordings.plan import RecordingPlan, default_plan
from vms_api.recordings.planned import planned_spans
from vms_api.recordings.settings import RecordingSettings

CHECK_EVERY_S = 1.0
_LOOK_AGAIN_S = 15.0
"""While the node stays away, cameras that came meanwhile are looked for so often: that takes a look at all of them."""
_ACCOUNTED = {"recording", "standby"}


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """What the gaps go by: since when there is no node (None: it is up), and since when this one is the present one.

    `recording_of` is what it says about a camera's recording, None while it says nothing.
    """

    down_since: Callable[[], datetime | None]
    epoch_since: Callable[[], datetime]
    recording_of: Callable[[CameraRecord], RecordingHealth | None]


class NodeGaps:
    """Opens gaps while the node is away, and ends what a former node left open once the present one knows better."""

    def __init__(
        self, database: Database, settings: RecordingSettings, time_zone: str, clock: Clock, node: NodeFacts
    ) -> None:
        self._database = database
        self._settings = settings
        self._zone = ZoneInfo(time_zone)
        self._clock = clock
        self._node = node
        self._opened_s: float | None = None

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.check()
            await asyncio.sleep(CHECK_EVERY_S)

    async def check(self) -> None:
        """One look; costs one query while the node is up and nothing is left open."""
        is_up, epoch_since = self._node.down_since() is None, self._node.epoch_since()
        now_s = self._clock.monotonic_s()
        if not is_up and self._opened_s is not None and now_s - self._opened_s < _LOOK_AGAIN_S:
            return
        self._opened_s = None if is_up else now_s
        async with self._database.read() as connection:
            found = await gap_store.open_gaps(connection)
            left = {gap.camera_id: gap for gap in found if gap.reason == NODE_DOWN or gap.started_at < epoch_since}
            if (is_up and not left) or not self._settings.enabled:
                return
            cameras = {camera.id: camera for camera in await camera_store.list_cameras(connection)}
            plans = await plan_store.list_plans(connection)
            changes = await plan_store.plan_changes(connection)
        async with self._database.write() as transaction:
            for camera_id, gap in left.items():
                ended_at = self._end(cameras.get(camera_id), plans, is_up=is_up)
                if ended_at is not None:
                    await gap_store.end_gap(transaction, gap, ended_at)
            if is_up:
                return
            unaccounted = {gap.camera_id for gap in await gap_store.open_gaps(transaction.connection)}
            for camera in cameras.values():
                if camera.enabled and camera.id not in unaccounted:
                    since = max(camera.created_at, changes.get(camera.id, camera.created_at))
                    await self._open(transaction, camera, self._plan(plans, camera.id), since)

    def _end(self, camera: CameraRecord | None, plans: Mapping[str, RecordingPlan], *, is_up: bool) -> datetime | None:
        """When a gap that was left open ended, None while it goes on.

        A camera that waits is not accounted for yet: the node opens a gap of its own only after some seconds. And one
        that it does not record although that is planned has not been told to it.
        """
        now = self._clock.now()
        if camera is None or not camera.enabled or not self._is_planned(self._plan(plans, camera.id), now):
            return now
        recording = self._node.recording_of(camera) if is_up else None
        return recording.since if recording and recording.state in _ACCOUNTED else None

    def _plan(self, plans: Mapping[str, RecordingPlan], camera_id: str) -> RecordingPlan:
        return plans.get(camera_id) or default_plan(self._settings)

    def _is_planned(self, plan: RecordingPlan, at: datetime) -> bool:
        return bool(planned_spans(plan, self._zone, at, at + timedelta(seconds=1)))

    async def _open(self, transaction: Transaction, camera: CameraRecord, plan: RecordingPlan, since: datetime) -> None:
        """A gap for each part of the plan about which nothing is known; the one that lasts until now stays open."""
        now = self._clock.now()
        oldest = now - timedelta(days=self._settings.retention_max_days)
        known = await _known_until(transaction.connection, camera.id)
        for start, end in planned_spans(plan, self._zone, max(filter(None, (since, oldest, known))), now):
            ended_at = None if end == now else end
            gap = Gap(id=new_identifier(), camera_id=camera.id, started_at=start, ended_at=ended_at, reason=NODE_DOWN)
            await gap_store.put_gap(transaction, gap)


async def _known_until(connection: Connection, camera_id: str) -> datetime | None:
    """Up to when the index says something about the camera."""
    ends = (await store.last_end(connection, camera_id), await gap_store.last_gap_end(connection, camera_id))
    return max(filter(None, ends), default=None)
