"""Our fragmented MP4 files, byte for byte: the beginning, fragments of one track each, and the index at the end."""

import struct
from collections.abc import Sequence
from enum import IntEnum

from ingest.audio import AudioDescription
from ingest.recording.access_unit import TrackSample, VideoLayout
from ingest.recording.boxes import box, full_box
from ingest.recording.sample_entry import audio_entry, video_entry
from ingest.recording.segment import SegmentHeader

VIDEO_TIMESCALE = 90_000
MOVIE_TIMESCALE = 1000
HEADER_TYPE = bytes.fromhex("8f2ad8f3a0f54c35b1c4c9d0e7a65b11")
"""The user type of the `uuid` box that holds our header (ISO/IEC 14496-12 clause 4.2)."""


class Track(IntEnum):
    """Track numbers in every file of ours."""

    VIDEO = 1
    AUDIO = 2


KEY_FLAGS = 0x0200_0000
"""TrackSample flags of a key frame (ISO/IEC 14496-12 clause 8.8.3.1): depends on no other."""
DELTA_FLAGS = 0x0101_0000
"""Of all others: depends on others, is no sync sample."""
TFHD_FLAGS = 0x02_0000  # default-base-is-moof
TRUN_FLAGS = 0x01 | 0x100 | 0x200 | 0x400 | 0x800  # data offset; duration, size, flags, composition of each sample
TRUN_ENTRY = struct.Struct(">IIIi")
TFRA_ENTRY = struct.Struct(">QQBBB")
_MATRIX = struct.pack(">9I", 0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000)
_UNDETERMINED = 0x55C4  # ISO 639-2 "und", three letters of five bits


def file_beginning(header: SegmentHeader, video: VideoLayout, audio: AudioDescription | None) -> bytes:
    """`ftyp`, our header and `moov`.

    Raises:
        NotRecordable: the codec's configuration cannot be written.

    """
    kind, movie = _opening(video, audio)
    return kind + box(b"uuid", HEADER_TYPE, header.to_json()) + movie


def live_beginning(video: VideoLayout) -> bytes:
    """What a player is sent before the fragments of a live picture: `ftyp` and `moov`.

    Raises:
        NotRecordable: the codec's configuration cannot be written.

    """
    return b"".join(_opening(video, None))


def producer_time(ntp: int, media_time: int) -> bytes:
    """`prft` (ISO/IEC 14496-12 clause 8.16.5): the wall clock, in 2**-32 s since 1900, of the picture that follows."""
    return full_box(b"prft", 1, 0, struct.pack(">IQQ", Track.VIDEO, ntp, media_time))


def fragment(track: Track, number: int, samples: Sequence[TrackSample], end: int) -> bytes:
    """`moof` and `mdat` of consecutive samples of one track (ISO/IEC 14496-12 clause 8.8).

    `number` counts the file's fragments from 1. `end` is the time at which the last sample ends; like all times it is
    in units of the track's timescale and counts from the epoch's beginning.
    """
    times = [*(sample.time for sample in samples[1:]), end]
    entries = b"".join(
        TRUN_ENTRY.pack(
            until - sample.time,
            len(sample.data),
            KEY_FLAGS if sample.is_keyframe else DELTA_FLAGS,
            sample.composition,
        )
        for sample, until in zip(samples, times, strict=True)
    )
    header = full_box(b"mfhd", 0, 0, struct.pack(">I", number))
    place = full_box(b"tfhd", 0, TFHD_FLAGS, struct.pack(">I", track))
    time = full_box(b"tfdt", 1, 0, struct.pack(">Q", samples[0].time))
    run_size = 20 + len(entries)
    moof_size = 8 + len(header) + 8 + len(place) + len(time) + run_size
    run = full_box(b"trun", 1, TRUN_FLAGS, struct.pack(">Ii", len(samples), moof_size + 8), entries)
    moof = box(b"moof", header, box(b"traf", place, time, run))
    return moof + box(b"mdat", *(sample.data for sample in samples))


def file_end(keyframes: Sequence[tuple[int, int]]) -> bytes:
    """`mfra`: time and `moof` offset of each fragment that begins with a key frame (clause 8.8.9 to 8.8.11)."""
    entries = b"".join(TFRA_ENTRY.pack(time, offset, 1, 1, 1) for time, offset in keyframes)
    index = full_box(b"tfra", 1, 0, struct.pack(">III", Track.VIDEO, 0, len(keyframes)), entries)
    size = 8 + len(index) + 16
    return box(b"mfra", index, full_box(b"mfro", 0, 0, struct.pack(">I", size)))


def _opening(video: VideoLayout, audio: AudioDescription | None) -> tuple[bytes, bytes]:
    kind = box(b"ftyp", b"iso6", bytes(4), b"iso6", b"mp41")
    tracks = [_video_track(video)]
    extensions = [_trex(Track.VIDEO)]
    if audio is not None:
        tracks.append(_audio_track(audio))
        extensions.append(_trex(Track.AUDIO))
    return kind, box(b"moov", _mvhd(len(tracks)), *tracks, box(b"mvex", *extensions))


def _mvhd(track_count: int) -> bytes:
    times = struct.pack(">IIII", 0, 0, MOVIE_TIMESCALE, 0)
    rate_and_volume = struct.pack(">IH", 0x1_0000, 0x0100) + bytes(10)
    return full_box(b"mvhd", 0, 0, times, rate_and_volume, _MATRIX, bytes(24), struct.pack(">I", track_count + 1))


def _trex(track: Track) -> bytes:
    return full_box(b"trex", 0, 0, struct.pack(">IIIII", track, 1, 0, 0, 0))


def _video_track(video: VideoLayout) -> bytes:
    size = struct.pack(">II", video.width << 16, video.height << 16)
    media_header = full_box(b"vmhd", 0, 1, bytes(8))
    media = _media(VIDEO_TIMESCALE, b"vide", media_header, video_entry(video))
    return box(b"trak", _tkhd(Track.VIDEO, 0, size), media)


def _audio_track(audio: AudioDescription) -> bytes:
    media_header = full_box(b"smhd", 0, 0, bytes(4))
    media = _media(audio.clock_rate, b"soun", media_header, audio_entry(audio))
    return box(b"trak", _tkhd(Track.AUDIO, 0x0100, bytes(8)), media)


def _tkhd(track: Track, volume: int, size: bytes) -> bytes:
    enabled_in_movie = 0x03
    times = struct.pack(">IIIII", 0, 0, track, 0, 0)
    return full_box(b"tkhd", 0, enabled_in_movie, times, bytes(12), struct.pack(">HH", volume, 0), _MATRIX, size)


def _media(timescale: int, handler: bytes, media_header: bytes, entry: bytes) -> bytes:
    """`mdia` with sample tables that are there and empty: the samples are in the fragments."""
    header = full_box(b"mdhd", 0, 0, struct.pack(">IIIIHH", 0, 0, timescale, 0, _UNDETERMINED, 0))
    kind = full_box(b"hdlr", 0, 0, bytes(4), handler, bytes(13))
    here = box(b"dinf", full_box(b"dref", 0, 0, struct.pack(">I", 1), full_box(b"url ", 0, 1)))
    table = box(
        b"stbl",
        full_box(b"stsd", 0, 0, struct.pack(">I", 1), entry),
        full_box(b"stts", 0, 0, bytes(4)),
        full_box(b"stsc", 0, 0, bytes(4)),
        full_box(b"stsz", 0, 0, bytes(8)),
        full_box(b"stco", 0, 0, bytes(4)),
    )
    return box(b"mdia", header, kind, box(b"minf", media_header, here, table))
