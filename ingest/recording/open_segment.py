"""A file that is still being written, as far as it can be read."""

from dataclasses import dataclass

from ingest.recording.segment import SegmentHeader


@dataclass(frozen=True, slots=True)
class OpenSegment:
    """`duration_s` seconds of its pictures are in the file; it has its last name once it is whole."""

    header: SegmentHeader
    duration_s: float
