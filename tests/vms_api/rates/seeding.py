"""Histories written into a database as the running system would have."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ingest.identifier import new_identifier
from vms_api.database import Database
from vms_api.nodes import store as state_store
from vms_api.nodes.delivery import CameraStatePayload
from vms_api.rates import watch_store
from vms_api.recordings import store as recording_store
from vms_api.recordings.segment import Segment

SEGMENT = timedelta(seconds=60)


async def heard(database: Database, since: datetime, until: datetime) -> None:
    """The node was heard throughout."""
    async with database.write() as transaction:
        await watch_store.extend_watch(transaction, since, until)


async def states(database: Database, camera_id: str, *told: tuple[datetime, str], role: str = "main") -> None:
    """The stream came into these states."""
    async with database.write() as transaction:
        for at, state in told:
            change = CameraStatePayload.model_validate(
                {"id": new_identifier(), "camera_id": camera_id, "role": role, "state": state, "at": at}
            )
            await state_store.insert_camera_state(transaction, change)


async def recorded(database: Database, camera_id: str, since: datetime, count: int) -> Sequence[str]:
    """So many segments of a minute, one after the other."""
    ids = []
    async with database.write() as transaction:
        for number in range(count):
            segment = Segment.model_validate(
                {
                    "recording_id": new_identifier(),
                    "camera_id": camera_id,
                    "role": "main",
                    "volume_id": "v",
                    "path": f"{camera_id}/{number}.mp4",
                    "started_at": since + number * SEGMENT,
                    "duration_s": SEGMENT.total_seconds(),
                    "size_bytes": 1000,
                    "sha256": "ab" * 32,
                    "epoch": 1,
                    "node_epoch": 1,
                    "mask_version": 0,
                    "codec": "h264",
                    "width": 1920,
                    "height": 1080,
                    "keyframe_count": 60,
                    "reason": "continuous",
                }
            )
            await recording_store.insert_segment(transaction, segment)
            ids.append(segment.recording_id)
    return ids
