"""Opening playbacks and serving their parts: what is recorded, what of it this person may see, and where it lies."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from ingest.identifier import new_identifier
from ingest.recording.errors import SegmentDamaged
from vms_api.accounts.logins import LoginBoard
from vms_api.audit.look_store import OpenLook
from vms_api.cameras.mask_desk import latest_masks
from vms_api.errors import FieldError, NodeProblem, NotFound
from vms_api.nodes.client import NodeSnapshot
from vms_api.nodes.recording_client import ClipBytes, FileIndex, GroupBytes, RecordingClient
from vms_api.playback.board import OpenPlayback, PlaybackBoard
from vms_api.playback.clip import ClipRange
from vms_api.playback.errors import NotRecorded, PlaybackTooLong, RecordingWithheld
from vms_api.playback.past_pictures import PastPictures, Viewing, place_of
from vms_api.playback.plan import RecordedFile, planned
from vms_api.playback.playback import LONGEST, PlaybackIn, SpeedClass
from vms_api.playback.playlist import init_numbers
from vms_api.playback.simulation_desk import SimulationDesk
from vms_api.recordings.coverage import SpanKind
from vms_api.recordings.desk import Surroundings
from vms_api.recordings.segment import OpenSegment
from vms_api.recordings.store import find_segment, mark_damaged
from vms_api.recordings.timeline import Timeline, withholding

log = structlog.get_logger()


class PlaybackDesk:
    """Finds what was recorded. Whether somebody may see the camera at all is the routes' business."""

    def __init__(self, around: Surroundings, logins: LoginBoard, time_zone: str) -> None:
        self._database = around.database
        self._clock = around.clock
        self._client = RecordingClient(around.client)
        self._past = PastPictures(around.database, around.client, around.clock)
        self.simulations = SimulationDesk(around, time_zone)
        self.board = PlaybackBoard(around.database, around.audit, around.clock, around.rights, logins)

    async def open(self, viewing: Viewing, body: PlaybackIn) -> tuple[OpenPlayback, Timeline]:
        """A new playback with what is known of its range; of nothing, if nothing was recorded that the person may see.

        Raises:
            PlaybackTooLong: more than six hours.
            NodeUnavailable: the files cannot be reached now.

        """
        if body.end - body.start > LONGEST:
            hours = f"at most {LONGEST / timedelta(hours=1):g} hours"
            raise PlaybackTooLong(hours, errors=[FieldError("to", PlaybackTooLong.code, hours)])
        segments, timeline = await self._past.recorded(viewing, body.start, body.end)
        files = await self._files(segments, body)
        if await self._mark([file.recording_id for file in files if file.is_spoilt]):
            _, timeline = await self._past.recorded(viewing, body.start, body.end)
        pieces = planned(files, body.start, body.end, body.speed_class.piece_s)
        detail = {"from": body.start.isoformat(), "to": body.end.isoformat(), "speed_class": body.speed_class}
        now = self._clock.now()
        record = OpenLook(new_identifier(), viewing.actor, viewing.place, viewing.purpose, now, detail)
        return await self.board.open(record, viewing.caller, body.speed_class, pieces), timeline

    async def init(self, playback: OpenPlayback, number: int) -> bytes:
        """The bytes that the playlist calls `init-NUMBER.mp4`.

        Raises:
            NotFound: the playlist has no such address.

        """
        wanted = {count: name for name, count in init_numbers(playback.pieces).items()}.get(number)
        file = next((piece.file for piece in playback.pieces if piece.file.init == wanted), None)
        if file is None:
            raise NotFound("no such part")
        return await self._client.init(file.place, keyframes=playback.keyframes)

    async def part(self, playback: OpenPlayback, name: tuple[str, int, int], *, may_see_unmasked: bool) -> GroupBytes:
        """The bytes of a piece: `name` is its recording, first and last group.

        Raises:
            NotFound: the playlist has no such address.
            RecordingWithheld: masks were drawn meanwhile.

        """
        piece = next((p for p in playback.pieces if (p.file.recording_id, p.first, p.last) == name), None)
        if piece is None:
            raise NotFound("no such part")
        async with self._database.read() as connection:
            masks = await latest_masks(connection, playback.camera_id)
        is_withheld = withholding(masks, may_see_unmasked=may_see_unmasked)
        if is_withheld(piece.file.mask_version):
            raise RecordingWithheld
        file, groups = piece.file, (piece.first, piece.last)
        try:
            found = await self._client.groups(
                file.place, groups, keyframes=playback.keyframes, open_bytes=file.open_bytes
            )
        except NodeProblem as problem:
            if problem.node_code == SegmentDamaged.code:
                await self._mark([file.recording_id])
            raise
        if found.damage is not None:
            await self._mark([file.recording_id])
        return found

    async def picture(self, viewing: Viewing, at: datetime) -> NodeSnapshot:
        """What was to be seen at that instant. Raises as `PastPictures.picture`."""
        return await self._past.picture(viewing, at)

    async def clip(self, viewing: Viewing, wanted: ClipRange) -> ClipBytes:
        """A range about a moment as one file, as far as it was recorded without a break.

        Raises:
            NotRecorded: nothing of it.
            RecordingWithheld: it was recorded before the present masks.

        """
        segments, timeline = await self._past.recorded(viewing, wanted.start, wanted.end)
        if not segments:
            is_withheld = any(span.kind is SpanKind.WITHHELD for span in timeline.spans)
            raise RecordingWithheld if is_withheld else NotRecorded
        return await self._client.clip([place_of(segment) for segment in segments], wanted)

    async def _files(self, segments: Sequence[OpenSegment], body: PlaybackIn) -> Sequence[RecordedFile]:
        if not segments:
            return ()
        keyframes = body.speed_class is SpeedClass.KEYFRAMES
        indexes = await self._client.indexes([place_of(segment) for segment in segments], keyframes=keyframes)
        return [_file(segment, index) for segment, index in zip(segments, indexes, strict=True)]

    async def _mark(self, recording_ids: Sequence[str]) -> bool:
        """Has the index say that files are damaged, so that every timeline does; whether it did not know of one."""
        if not recording_ids:
            return False
        async with self._database.read() as connection:
            found = [await find_segment(connection, recording_id) for recording_id in recording_ids]
        fresh = [segment for segment in found if segment is not None and not segment.damaged]
        if fresh:
            async with self._database.write() as transaction:
                for segment in fresh:
                    await mark_damaged(transaction, segment)
            log.warning("recording.damaged", recording_ids=[segment.recording_id for segment in fresh])
        return bool(fresh)


def _file(segment: OpenSegment, index: FileIndex) -> RecordedFile:
    return RecordedFile(
        recording_id=segment.recording_id,
        place=place_of(segment),
        epoch=(segment.role, segment.node_epoch, segment.epoch),
        mask_version=segment.mask_version,
        started_at=segment.started_at,
        media_start_s=index.media_start_s,
        init=index.init,
        groups=index.groups,
        damage=index.damage,
        is_away=index.is_away,
        open_bytes=index.open_bytes,
    )
