"""Groups of pictures of a recorded file: what can be decoded by itself, and the least that is ever played."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ingest.recording.access_unit import TrackSample
from ingest.recording.errors import SegmentDamaged
from ingest.recording.fmp4_writer import VIDEO_TIMESCALE, Track, fragment
from ingest.recording.segment_reader import Fragment, SegmentReader, TrackName


@dataclass(slots=True)
class PictureGroup:
    """A key frame and what depends on it. Seconds count from the file's first picture.

    `fragments` are those of all tracks from this key frame to the next, in the order they lie in the file.
    """

    time_s: float
    duration_s: float = 0.0
    fragments: list[Fragment] = field(default_factory=list)


def picture_groups(reader: SegmentReader, end: int | None = None) -> Sequence[PictureGroup]:
    """All groups of the file that can be read, oldest first; of its first `end` bytes, if that is said."""
    groups: list[PictureGroup] = []
    for one in reader.fragments:
        if end is not None and one.offset >= end:
            break
        if one.track == "video":
            if one.is_keyframe:
                groups.append(PictureGroup(one.time_s))
            if groups:
                groups[-1].duration_s = one.time_s + one.duration_s - groups[-1].time_s
        if groups:
            groups[-1].fragments.append(one)
    return groups


def group_times(reader: SegmentReader) -> Sequence[tuple[int, int]]:
    """Start and end of each group on the epoch's clock, in 1/90000 s, from the index at the file's end.

    Ten times as fast as `picture_groups`, which notices damage. Empty: the file has to be read for them.
    """
    places = reader.keyframe_places()
    times = [time for time, _ in places]
    if not places or any(after <= before for before, after in pairwise(times)):
        return ()
    try:
        end = reader.video_end(places[-1][1])
    except (SegmentDamaged, OSError):
        return ()
    return list(zip(times, [*times[1:], end], strict=True)) if end > times[-1] else ()


def fragments_of(reader: SegmentReader, groups: Sequence[PictureGroup], tracks: Collection[TrackName]) -> bytes:
    """The fragments of these groups as they are, without other tracks.

    Raises:
        SegmentDamaged: the file has become shorter.
        OSError: the disk does not give them.

    """
    return b"".join(reader.read(one) for group in groups for one in group.fragments if one.track in tracks)


def keyframes_of(reader: SegmentReader, groups: Sequence[PictureGroup]) -> bytes:
    """The key frames of these groups alone, each in a fragment that lasts as long as its group did.

    So they play on the same clock as the whole, with as little to read and to decode as there can be.

    Raises:
        SegmentDamaged: the file has become shorter.
        OSError: the disk does not give them.

    """
    return b"".join(_keyframes(reader, groups))


def _keyframes(reader: SegmentReader, groups: Sequence[PictureGroup]) -> Iterator[bytes]:
    for number, group in enumerate(groups, start=1):
        first = group.fragments[0]
        sample = reader.samples(first)[0]
        start = sample.offset - first.offset
        data = reader.read(first)[start : start + sample.size]
        if len(data) < sample.size:
            raise SegmentDamaged("a key frame is not whole")
        end = first.decode_time + max(1, round(group.duration_s * VIDEO_TIMESCALE))
        picture = TrackSample(data, first.decode_time, sample.composition_offset, is_keyframe=True)
        yield fragment(Track.VIDEO, number, [picture], end)
