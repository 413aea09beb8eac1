"""The recordings of the demo's week: real files that show a sheet which says what they are, and their rows."""

import hashlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np

from ingest.camera import CameraId, StreamRole
from ingest.frame import Image
from ingest.identifier import new_identifier
from ingest.packet import Codec
from ingest.recording.access_unit import TrackSample, VideoLayout, length_prefixed, video_layout
from ingest.recording.segment import FileFacts, SegmentHeader, SegmentInfo, segment_info
from ingest.recording.segment_muxer import SegmentMuxer
from ingest.recording.volume import VolumePlace, claim
from ingest.virtual_camera.clip import CLOCK_RATE
from ingest.virtual_camera.clip_file import encode_pictures, read_clip
from vms_api.database import Transaction
from vms_api.recordings.segment import Segment
from vms_api.recordings.settings import VolumeSettings
from vms_api.recordings.store import insert_first_segments
from vms_api.recordings.volume import VolumeState
from vms_api.recordings.volume_store import put_volume

LONGEST_FILE = timedelta(hours=1)
"""The recorder's own files last a minute; a hundred thousand of them would be of no use to anybody here."""
_PERIOD_S = 1800
"""Seconds between two pictures of a file."""
_WIDTH, _HEIGHT = 640, 360
_PAPER, _INK = (52, 46, 40), (220, 220, 220)

Span = tuple[datetime, datetime]


def hours_of(spans: Sequence[Span], missing: Sequence[Span]) -> Iterator[Span]:
    """The spans without what is missing, cut where a UTC hour begins. Both in order, neither overlaps itself."""
    for since, until in spans:
        at = since
        while at < until:
            hour = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + LONGEST_FILE
            end = min(hour, until, *(start for start, _ in missing if start > at))
            covering = [stop for start, stop in missing if start <= at < stop]
            if covering:
                at = covering[0]
                continue
            yield at, end
            at = end


async def write_past(
    transaction: Transaction, settings: VolumeSettings, recorded: Mapping[str, Sequence[Span]], now: datetime
) -> None:
    """Writes the files of each camera and adds them to the index; nothing is flushed: all of it goes with the demo."""
    place = VolumePlace(settings.name, settings.path, settings.quota_bytes, settings.reserve_bytes)
    volume_id = claim(place, None, now)
    await put_volume(transaction, VolumeState(volume_id=volume_id, name=settings.name, state="ok", at=now))
    pictures = _sheets()
    layout = video_layout(Codec.H264, pictures[0])
    samples = [length_prefixed(layout.codec, picture) for picture in pictures]
    for camera_id, spans in recorded.items():
        found = []
        for epoch, (since, until) in enumerate(spans, start=1):
            header = _header(camera_id, volume_id, since, epoch, layout)
            info = _write(settings.path, header, layout, samples, (until - since).total_seconds())
            found.append(Segment.model_validate(asdict(info)))
        await insert_first_segments(transaction, found)


def _header(camera_id: str, volume_id: str, since: datetime, epoch: int, layout: VideoLayout) -> SegmentHeader:
    return SegmentHeader(
        recording_id=new_identifier(),
        camera_id=CameraId(camera_id),
        role=StreamRole.MAIN,
        epoch=epoch,
        node_epoch=1,
        started_at=since,
        clock_offset_s=None,
        mask_version=0,
        codec=layout.codec,
        width=layout.width,
        height=layout.height,
        profile=layout.profile,
        audio_codec=None,
        volume_id=volume_id,
    )


def _write(
    folder: Path, header: SegmentHeader, layout: VideoLayout, samples: Sequence[bytes], duration_s: float
) -> SegmentInfo:
    muxer = SegmentMuxer(header, layout, None, _PERIOD_S)
    end = round(duration_s * CLOCK_RATE)
    pieces = [muxer.beginning]
    for number, time in enumerate(range(0, end, _PERIOD_S * CLOCK_RATE)):
        sample = TrackSample(samples[number % len(samples)], time, 0, is_keyframe=True)
        pieces += [piece.data for piece in muxer.add_video(sample)]
    whole = b"".join([*pieces, *(piece.data for piece in muxer.close(end))])
    path = folder / header.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(whole)
    digest = hashlib.sha256(whole).hexdigest()
    return segment_info(header, FileFacts(end / CLOCK_RATE, len(whole), digest, muxer.keyframe_count))


def _sheets() -> Sequence[bytes]:
    """Key frames that follow each other, Annex B."""
    with tempfile.TemporaryDirectory(prefix="xueliang-demo-") as scratch:
        target = Path(scratch) / "sheet.mp4"
        encode_pictures(target, [_sheet()] * 2, (_WIDTH, _HEIGHT), 1, 1.0)
        units = read_clip(target).units
    return [b"".join(b"\0\0\0\1" + nal for nal in unit.nal_units) for unit in units]


def _sheet() -> Image:
    sheet = np.full((_HEIGHT, _WIDTH, 3), _PAPER, np.uint8)
    for row, (text, scale) in enumerate((("DEMO DATA", 1.6), ("This hour is made up: no camera was there.", 0.7))):
        (width, _), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, 2)
        place = ((_WIDTH - width) // 2, 170 + row * 56)
        cv2.putText(sheet, text, place, cv2.FONT_HERSHEY_SIMPLEX, scale, _INK, 2, cv2.LINE_AA)
    return sheet
