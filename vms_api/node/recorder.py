"""Recording on the node: plans from the desired state in, news of files, gaps and volumes to the outbox."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ingest.camera import CameraId
from ingest.clock import Clock
from ingest.fleet import CameraFleet
from ingest.recording.camera_recorders import CameraRecorders
from ingest.recording.gap import Gap
from ingest.recording.garbage import Garbage
from ingest.recording.plan import RecordingPlan
from ingest.recording.segment import SegmentInfo
from ingest.recording.settings import RecorderSettings
from ingest.recording.volume import VolumePlace, VolumeState
from ingest.recording.volume_shelf import VolumeShelf
from ingest.recording.volume_writer import VolumeWriter
from vms_api.node.messages import DeletionMessage, Launch, VolumeMessage
from vms_api.node.outbox import Outbox
from vms_api.node.recording_report import open_report, recording_report, volume_report

_MOST_IDS = 500


class NodeRecorder:
    """What the node does about recording. Methods may be called from any thread."""

    def __init__(self, launch: Launch, fleet: CameraFleet, outbox: Outbox, clock: Clock) -> None:
        site = launch.settings.recording
        data_dir = Path(launch.data_dir)
        settings = RecorderSettings(
            node_epoch=launch.epoch, segment_s=site.segment_s, part_s=site.part_s, sync_s=site.sync_s
        )
        news = _News(outbox)
        places = [
            VolumePlace(volume.name, volume.path, volume.quota_bytes, volume.reserve_bytes)
            for volume in (site.volumes_of(data_dir) if site.enabled else ())
        ]
        self._shelf = VolumeShelf(VolumeWriter(place, settings, clock, news) for place in places)
        journal = data_dir / "nodes" / launch.node_id / "gaps.json"
        journal.parent.mkdir(parents=True, exist_ok=True)
        self._recorders = CameraRecorders(fleet, self._shelf, settings, clock, news, journal)

    def start(self) -> None:
        """Starts the threads; nothing is written before `apply` has named the volumes."""
        self._recorders.start()

    def apply(self, plans: Sequence[RecordingPlan], volumes: Sequence[VolumeMessage]) -> None:
        """Makes these the plans, and these the identities that are expected."""
        self._recorders.apply(plans, {volume.name: volume.volume_id for volume in volumes})

    def trigger(self, camera_id: CameraId) -> None:
        """There is an alert of that camera."""
        self._recorders.trigger(camera_id)

    def delete(self, request: DeletionMessage) -> None:
        """Deletes files; that they are gone is told by the outbox."""
        items: dict[str, list[Garbage]] = defaultdict(list)
        for item in request.items:
            items[item.volume_id].append(Garbage(item.recording_id, item.path))
        self._shelf.remove(items)

    def reports(self) -> dict[CameraId, dict[str, Any]]:
        """Each camera's recording as the heartbeat has it."""
        return {camera_id: recording_report(state) for camera_id, state in self._recorders.states().items()}

    def open_reports(self, camera_id: CameraId) -> list[dict[str, Any]]:
        """A camera's files that the index need not have yet, oldest first."""
        return [open_report(one) for one in self._recorders.open_segments(camera_id)]

    def volume_reports(self) -> list[dict[str, Any]]:
        """Each volume as the heartbeat has it."""
        return [volume_report(state) for state in self._recorders.volume_states()]

    def close(self) -> None:
        """Finishes all files; a disk that hangs is not waited for."""
        self._recorders.close()


class _News:
    """What the recorder tells, put into the outbox: on disk before anything else happens to it."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def on_segment(self, info: SegmentInfo) -> None:
        self._outbox.put_segment(info)

    def on_gap(self, gap: Gap) -> None:
        self._outbox.put_gap(gap)

    def on_garbage(self, recording_ids: Sequence[str]) -> None:
        for first in range(0, len(recording_ids), _MOST_IDS):
            self._outbox.put_garbage(recording_ids[first : first + _MOST_IDS])

    def on_volume(self, state: VolumeState) -> None:
        self._outbox.put_volume(state)
