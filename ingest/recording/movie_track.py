"""A track's own boxes, taken over from the beginning of a recorded file into a file with sample tables."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from ingest.recording.boxes import BoxSpan, box, boxes, full_box, only_box
from ingest.recording.fmp4_writer import Track
from ingest.recording.segment_reader import TRACK_NAMES, TrackName

_TKHD_TAIL = 24  # version and flags, two times, number, reserved, duration: what is written anew
_MDHD_TAIL = 20
_ENABLED_IN_MOVIE = 0x03


@dataclass(frozen=True, slots=True)
class TrackBoxes:
    """What stays the same: the sample description above all, which holds the codec's configuration."""

    number: int
    timescale: int
    handler: bytes
    _tkhd_tail: bytes
    _mdhd_tail: bytes
    _media_boxes: bytes
    _description: bytes

    def track_header(self, created: int, duration: int) -> bytes:
        """`tkhd` (ISO/IEC 14496-12 clause 8.3.2); the duration is in units of the movie's timescale."""
        times = struct.pack(">QQIIQ", created, created, self.number, 0, duration)
        return full_box(b"tkhd", 1, _ENABLED_IN_MOVIE, times, self._tkhd_tail)

    def media_header(self, created: int, duration: int) -> bytes:
        """`mdhd` (clause 8.4.2); the duration is in units of the track's timescale."""
        times = struct.pack(">QQIQ", created, created, self.timescale, duration)
        return full_box(b"mdhd", 1, 0, times, self._mdhd_tail)

    def information(self, *tables: bytes) -> bytes:
        """`minf` with the sample tables given."""
        return box(b"minf", self._media_boxes, box(b"stbl", self._description, *tables))


def track_boxes(init: bytes) -> Mapping[TrackName, TrackBoxes]:
    """The tracks of a file's beginning (`ftyp` and `moov`).

    Raises:
        SegmentDamaged: a box is missing.

    """
    whole = BoxSpan(b"", 0, 0, len(init))
    moov = only_box(init, b"moov", whole)
    tracks = (_track(init, span) for span in boxes(init, moov.payload, moov.end) if span.kind == b"trak")
    return {TRACK_NAMES[Track(track.number)]: track for track in tracks}


def _track(init: bytes, trak: BoxSpan) -> TrackBoxes:
    tkhd, mdia = only_box(init, b"tkhd", trak), only_box(init, b"mdia", trak)
    mdhd, hdlr, minf = (only_box(init, kind, mdia) for kind in (b"mdhd", b"hdlr", b"minf"))
    stsd = only_box(init, b"stsd", only_box(init, b"stbl", minf))
    kept = (span for span in boxes(init, minf.payload, minf.end) if span.kind != b"stbl")
    return TrackBoxes(
        number=struct.unpack_from(">I", init, tkhd.payload + 12)[0],
        timescale=struct.unpack_from(">I", init, mdhd.payload + 12)[0],
        handler=init[hdlr.start : hdlr.end],
        _tkhd_tail=init[tkhd.payload + _TKHD_TAIL : tkhd.end],
        _mdhd_tail=init[mdhd.payload + _MDHD_TAIL : mdhd.end],
        _media_boxes=b"".join(init[span.start : span.end] for span in kept),
        _description=init[stsd.start : stsd.end],
    )
