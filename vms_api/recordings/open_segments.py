"""What is being recorded at this moment, and is not in the index before its file is whole."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ingest.clock import Clock
from vms_api.errors import NodeProblem, NodeUnavailable
from vms_api.nodes.client import NodeClient
from vms_api.nodes.recording_client import RecordingClient
from vms_api.recordings.segment import OpenSegment

OLDEST = timedelta(minutes=10)
"""What was recorded so long ago is in the index: files are closed after 90 s at most, and announced at once."""


class OpenSegments:
    """Asks the node. It comes before the index: a file that is finished in between is in both, not in neither."""

    def __init__(self, node: NodeClient, clock: Clock) -> None:
        self._node = node
        self._client = RecordingClient(node)
        self._clock = clock

    async def find(self, camera_id: str, start: datetime, end: datetime) -> Sequence[OpenSegment]:
        """The camera's files of which some part lies in [start, end), oldest first; they may be in the index, too.

        Empty while the node does not answer: what it was writing is found again once it is announced.
        """
        if end < self._clock.now() - OLDEST or not self._node.has_node:
            return ()
        try:
            found = await self._client.open_segments(camera_id)
        except (NodeUnavailable, NodeProblem):
            return ()
        return [segment for segment in found if segment.started_at < end and segment.ended_at > start]
