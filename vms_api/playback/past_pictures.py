"""What was recorded and may be seen by somebody: the files, single pictures, and where key frames lie."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.clock import Clock
from vms_api.accounts.account import Caller
from vms_api.audit.entry import Actor, Place, StatedPurpose
from vms_api.cameras.mask_desk import latest_masks
from vms_api.database import Database
from vms_api.nodes.client import NodeClient, NodeSnapshot
from vms_api.nodes.recording_client import FilePlace, RecordingClient
from vms_api.playback.errors import NotRecorded, RecordingWithheld
from vms_api.recordings.coverage import SpanKind
from vms_api.recordings.open_segments import OpenSegments
from vms_api.recordings.segment import OpenSegment
from vms_api.recordings.store import not_indexed, segments_between
from vms_api.recordings.timeline import Timeline, TimelineQuery, read_timeline, withholding

_A_MOMENT = timedelta(seconds=1)
"""A picture stays on the screen for this long after its file has ended: the next file begins a frame later."""


@dataclass(frozen=True, slots=True)
class Viewing:
    """Who wants to see what, and why: as the routes have looked it up."""

    caller: Caller
    actor: Actor
    place: Place
    purpose: StatedPurpose | None
    may_see_unmasked: bool

    @property
    def camera_id(self) -> str:
        """The camera."""
        return self.place.camera_id or ""


class PastPictures:
    """Finds what was recorded. Whether somebody may see the camera at all is the routes' business."""

    def __init__(self, database: Database, node: NodeClient, clock: Clock) -> None:
        self._database = database
        self._client = RecordingClient(node)
        self._opened = OpenSegments(node, clock)

    async def recorded(
        self, viewing: Viewing, start: datetime, end: datetime
    ) -> tuple[Sequence[OpenSegment], Timeline]:
        """The files of the range that the person may see, and the timeline that says what is missing."""
        camera_id = viewing.camera_id
        being_written = await self._opened.find(camera_id, start, end)
        async with self._database.read() as connection:
            masks = await latest_masks(connection, camera_id)
            is_withheld = withholding(masks, may_see_unmasked=viewing.may_see_unmasked)
            opened = await not_indexed(connection, being_written)
            found = sorted([*await segments_between(connection, camera_id, start, end), *opened], key=_by_start)
            asked = TimelineQuery(camera_id, start, end, is_withheld, with_alerts=False, opened=opened)
            timeline = await read_timeline(connection, asked)
        return [segment for segment in found if not is_withheld(segment.mask_version)], timeline

    async def picture(self, viewing: Viewing, at: datetime) -> NodeSnapshot:
        """What was to be seen at that instant.

        Raises:
            NotRecorded: nothing.
            RecordingWithheld: it was recorded before the present masks.

        """
        segments, timeline = await self.recorded(viewing, at - _A_MOMENT, at + timedelta(microseconds=1))
        if not segments:
            is_withheld = any(span.kind is SpanKind.WITHHELD for span in timeline.spans)
            raise RecordingWithheld if is_withheld else NotRecorded
        return await self._client.picture(place_of(segments[-1]), at)

    async def key_frames(self, viewing: Viewing, start: datetime, end: datetime) -> Sequence[datetime]:
        """Instants in [start, end) whose picture is a key frame: every recorded file begins with one."""
        segments, _timeline = await self.recorded(viewing, start, end)
        return sorted({segment.started_at for segment in segments if segment.started_at >= start})


def place_of(segment: OpenSegment) -> FilePlace:
    """Where the file is."""
    return FilePlace(volume_id=segment.volume_id, path=segment.path)


def _by_start(segment: OpenSegment) -> tuple[datetime, str]:
    return segment.started_at, segment.recording_id
