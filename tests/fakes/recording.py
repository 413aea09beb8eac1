"""A recording of several files, as the recorder leaves it when a camera runs on: one epoch, one clock."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby, zip_longest
from pathlib import Path

from ingest.audio import AudioDescription, AudioPacket
from ingest.packet import Packet
from ingest.recording.access_unit import video_layout
from ingest.recording.epoch_timeline import EpochTimeline
from ingest.recording.segment import PART_SUFFIX, FileFacts, SegmentInfo, segment_info
from ingest.recording.segment_file import SegmentFile
from ingest.recording.segment_muxer import SegmentMuxer
from ingest.recording.segment_reader import SegmentReader
from tests.fakes.segment import STARTED_AT, segment_header

Sound = tuple[AudioDescription, Sequence[AudioPacket]]


def write_recording(
    volume: Path,
    packets: Sequence[Packet],
    groups_per_file: int = 2,
    *,
    started_at: datetime = STARTED_AT,
    sound: Sound | None = None,
    **header: object,
) -> list[SegmentInfo]:
    """Files of so many groups of pictures each; `started_at` is the time of the first picture. The rows, in order."""
    timeline = EpochTimeline(packets[0])
    shown_first = packets[0].media_time_s
    written = []
    parts = list(_parts(packets, groups_per_file))
    for part, after in zip_longest(parts, parts[1:]):
        begins_s = part[0].media_time_s - shown_first
        start = started_at + timedelta(seconds=begins_s)
        heard = [p for p in sound[1] if _belongs(p, part, after, packets[0])] if sound else []
        piece = (sound[0], heard) if sound else None
        written.append(_write(volume, part, timeline, piece, {**header, "started_at": start}))
    return written


def _parts(packets: Sequence[Packet], groups_per_file: int) -> Iterator[list[Packet]]:
    groups: list[list[Packet]] = []
    for packet in packets:
        if packet.is_keyframe:
            groups.append([])
        groups[-1].append(packet)
    for _, some in groupby(enumerate(groups), key=lambda numbered: numbered[0] // groups_per_file):
        yield [packet for _, group in some for packet in group]


def _belongs(sound: AudioPacket, part: Sequence[Packet], after: Sequence[Packet] | None, first: Packet) -> bool:
    """Whether it was heard while the part's pictures came. Sound is stamped on the arrival of the first picture."""
    stamp = (sound.received_monotonic_s - first.received_monotonic_s) / float(first.time_base) + first.dts
    return part[0].dts <= stamp and (after is None or stamp < after[0].dts)


def _write(
    volume: Path, packets: Sequence[Packet], timeline: EpochTimeline, sound: Sound | None, header: dict[str, object]
) -> SegmentInfo:
    description = sound[0] if sound else None
    known = segment_header(packets[0], audio_codec=description.codec if description else None, **header)
    muxer = SegmentMuxer(known, video_layout(packets[0].codec, packets[0].data), description, part_s=1.0)
    pieces = [muxer.beginning]
    for packet in packets:
        pieces += [piece.data for piece in muxer.add_video(timeline.picture(packet))]
    for heard in sound[1] if sound else ():
        assert description is not None
        pieces += [piece.data for piece in muxer.add_audio(timeline.sound(heard, description.clock_rate))]
    pieces += [piece.data for piece in muxer.close()]
    volume.mkdir(parents=True, exist_ok=True)
    file = SegmentFile(volume, known, pieces[0])
    for piece in pieces[1:]:
        file.append(piece)
    sha256 = file.finish()
    return segment_info(known, FileFacts(muxer.duration_s, file.size_bytes, sha256, muxer.keyframe_count))


class Unfinished:
    """A file of `write_recording` as it was while it was written: it grows until it is whole."""

    def __init__(self, volume: Path, info: SegmentInfo, seconds: float) -> None:
        self._whole = volume / info.path
        self._part = self._whole.with_name(self._whole.name + PART_SUFFIX)
        self._info = info
        with SegmentReader(self._whole) as reader:
            self._ends = {fragment.time_s + fragment.duration_s: fragment for fragment in reader.fragments}
        self._data = self._whole.read_bytes()
        self._whole.unlink()
        self.grow(seconds)

    def grow(self, seconds: float) -> None:
        """It has so many seconds of pictures, and a fragment that has just begun."""
        self._seconds, last = max((end, one) for end, one in self._ends.items() if end <= seconds + 0.01)
        self._part.write_bytes(self._data[: last.offset + last.size + 20])

    def finish(self) -> SegmentInfo:
        """It is whole."""
        self._part.write_bytes(self._data)
        self._part.rename(self._whole)
        return self._info

    def report(self) -> dict[str, object]:
        """What a node tells of it."""
        header = {name: getattr(self._info, name) for name in _TOLD}
        return {**header, "started_at": self._info.started_at.isoformat(), "duration_s": self._seconds}


_TOLD = (
    "recording_id",
    "camera_id",
    "role",
    "volume_id",
    "path",
    "epoch",
    "node_epoch",
    "mask_version",
    "reason",
)
