"""All that the control process does about recordings, put together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ingest.clock import Clock
from vms_api.accounts.rights_board import RightsBoard
from vms_api.audit.log import AuditLog
from vms_api.cameras.camera import CameraRecord
from vms_api.cameras.health import RecordingHealth
from vms_api.cameras.health_board import HealthBoard
from vms_api.cameras.mask_desk import latest_masks
from vms_api.cameras.registry import CameraRegistry
from vms_api.database import Connection, Database
from vms_api.events import EventLog
from vms_api.nodes.client import NodeClient
from vms_api.nodes.link import NodeLink, NodeState
from vms_api.recordings import store
from vms_api.recordings.hold_desk import HoldDesk
from vms_api.recordings.intake import RecordingIntake
from vms_api.recordings.node_gaps import NodeFacts, NodeGaps
from vms_api.recordings.open_segments import OpenSegments
from vms_api.recordings.plan_desk import PlanDesk
from vms_api.recordings.problem_board import ProblemBoard
from vms_api.recordings.retention_desk import RetentionDesk, RetentionPorts
from vms_api.recordings.segment import OpenSegment
from vms_api.recordings.timeline import withholding
from vms_api.recordings.volume_board import VolumeBoard
from vms_api.settings import SiteFile


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What recordings need of the rest of the process."""

    database: Database
    events: EventLog
    audit: AuditLog
    clock: Clock
    rights: RightsBoard
    registry: CameraRegistry
    health: HealthBoard
    link: NodeLink
    client: NodeClient


class RecordingDesk:
    """The parts, and what several routes ask of them."""

    def __init__(
        self, site: SiteFile, around: Surroundings, count_problems: Callable[[Mapping[str, int]], None]
    ) -> None:
        database, events, audit, clock = around.database, around.events, around.audit, around.clock
        self.settings = site.recording
        self._around = around
        self.opened = OpenSegments(around.client, clock)
        self.intake = RecordingIntake(database, lambda: around.link.epoch, lambda: around.link.epoch_since)
        self.plans = PlanDesk(database, around.registry, audit, clock, site.recording)
        self.holds = HoldDesk(database, audit, clock)
        self.volumes = VolumeBoard(database, events, site.recording.volumes_of(site.storage.data_dir))
        self.problems = ProblemBoard(database, events, clock, count_problems)
        ports = RetentionPorts(around.client.unlink_recordings, around.rights.area_of)
        self.retention = RetentionDesk(database, site.recording, self.volumes, self.problems, audit, clock, ports)
        facts = NodeFacts(self._down_since, lambda: around.link.epoch_since, self._recording_of)
        self.node_gaps = NodeGaps(database, site.recording, site.site.time_zone, clock, facts)

    async def withholds(
        self, connection: Connection, camera_id: str, *, may_see_unmasked: bool
    ) -> Callable[[int], bool]:
        """Of which mask versions a person sees no recordings of the camera."""
        return withholding(await latest_masks(connection, camera_id), may_see_unmasked=may_see_unmasked)

    async def known_until(
        self, connection: Connection, camera: CameraRecord, opened: Sequence[OpenSegment]
    ) -> datetime:
        """Up to when it is known what is recorded, by the index and the files that are not in it yet."""
        now, recording = self._around.clock.now(), self._recording_of(camera)
        is_recording = recording is not None and recording.state == "recording"
        if not opened and not is_recording:
            return now
        ends = [segment.ended_at for segment in opened]
        ends += [recording.since] if recording is not None and is_recording else []
        last = await store.last_end(connection, camera.id)
        return min(now, max([*ends, last] if last is not None else ends))

    def _recording_of(self, camera: CameraRecord) -> RecordingHealth | None:
        return self._around.health.of(camera).recording

    def _down_since(self) -> datetime | None:
        link = self._around.link
        return None if link.state is NodeState.UP else link.since
