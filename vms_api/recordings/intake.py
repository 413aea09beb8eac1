"""Where the node's news about recordings comes in; each piece may come more than once."""

from collections.abc import Callable, Sequence
from datetime import datetime

from vms_api.database import Database
from vms_api.recordings import gap_store, store, volume_store
from vms_api.recordings.gap import NODE_DOWN, Gap
from vms_api.recordings.segment import Segment
from vms_api.recordings.volume import VolumeState


class RecordingIntake:
    """`epoch` tells which node process is the present one, `epoch_since` since when."""

    def __init__(self, database: Database, epoch: Callable[[], int], epoch_since: Callable[[], datetime]) -> None:
        self._database = database
        self._epoch = epoch
        self._epoch_since = epoch_since

    async def take_segment(self, segment: Segment) -> bool:
        """Into the index; False when it is there already or is to be deleted. Of a camera that is gone, too.

        What the present node has written itself ends the gap that its predecessor left; what it has only found and
        repaired does not.
        """
        async with self._database.write() as transaction:
            if not await store.insert_segment(transaction, segment):
                return False
            if segment.node_epoch == self._epoch() and not segment.recovered:
                await gap_store.end_gaps(transaction, segment.camera_id, NODE_DOWN, segment.started_at)
        return True

    async def take_gap(self, gap: Gap) -> None:
        """A gap has begun or ended. With one of its own the present node accounts for the camera."""
        async with self._database.write() as transaction:
            await gap_store.put_gap(transaction, gap)
            if gap.started_at >= self._epoch_since():
                await gap_store.end_gaps(transaction, gap.camera_id, NODE_DOWN, gap.started_at)

    async def drop_garbage(self, recording_ids: Sequence[str]) -> None:
        """The node has unlinked them."""
        async with self._database.write() as transaction:
            await store.drop_garbage(transaction, recording_ids)

    async def take_volume(self, state: VolumeState) -> None:
        """A volume has changed."""
        async with self._database.write() as transaction:
            await volume_store.put_volume(transaction, state)
