"""Sample entries: how a track of a file says what its samples are (ISO/IEC 14496-12 clause 8.5.2)."""

import struct

from ingest.audio import AudioCodec, AudioDescription
from ingest.packet import Codec
from ingest.recording.access_unit import LENGTH_BYTES, VideoLayout
from ingest.recording.boxes import box, full_box
from ingest.recording.errors import NotRecordable
from ingest.sps import sample_format

_DATA_REFERENCE = bytes(6) + struct.pack(">H", 1)
_72_DPI = 0x0048_0000
_DEPTH_24 = 24
# ISO/IEC 14496-15 clause 5.3.3.1.2: profiles whose configuration record tells chroma format and depths.
_TELLING_PROFILES = frozenset({100, 110, 122, 144})
_ARRAY_COMPLETE = 0x80
_G711_FORMATS = {AudioCodec.PCMA: b"alaw", AudioCodec.PCMU: b"ulaw"}
_AAC_OBJECT_TYPE = 0x40  # ISO/IEC 14496-1 table 5: audio of ISO/IEC 14496-3
_AUDIO_STREAM = 0x05 << 2 | 1  # ISO/IEC 14496-1 table 6, and the reserved bit


def video_entry(layout: VideoLayout) -> bytes:
    """`avc1` or `hvc1`: all parameter sets in the entry, none in the samples.

    Raises:
        NotRecordable: the sequence parameter set cannot be read.

    """
    try:
        kind, configuration = (b"avc1", _avcc(layout)) if layout.codec is Codec.H264 else (b"hvc1", _hvcc(layout))
    except (ValueError, IndexError, struct.error) as error:
        raise NotRecordable(f"the parameter sets fit into no file: {error}") from error
    return box(
        kind,
        _DATA_REFERENCE,
        bytes(16),
        struct.pack(">HHIIIH", layout.width, layout.height, _72_DPI, _72_DPI, 0, 1),
        bytes(32),  # compressor name
        struct.pack(">Hh", _DEPTH_24, -1),
        configuration,
    )


def audio_entry(audio: AudioDescription) -> bytes:
    """`mp4a` for AAC, `alaw` or `ulaw` for G.711.

    Raises:
        NotRecordable: another codec.

    """
    kind = b"mp4a" if audio.codec is AudioCodec.AAC else _G711_FORMATS.get(audio.codec)
    if kind is None:
        raise NotRecordable(f"{audio.codec} is not recorded")
    rate = min(audio.clock_rate, 0xFFFF) << 16
    fields = struct.pack(">HHHHI", audio.channels, 16, 0, 0, rate)
    return box(kind, _DATA_REFERENCE, bytes(8), fields, _esds(audio.config) if kind == b"mp4a" else b"")


def _avcc(layout: VideoLayout) -> bytes:
    """AVCDecoderConfigurationRecord, ISO/IEC 14496-15 clause 5.3.3.1.2."""
    (_, all_sps), (_, all_pps) = layout.sets
    sps = layout.sps
    record = bytes((1, sps[1], sps[2], sps[3], 0xFC | LENGTH_BYTES - 1, 0xE0 | len(all_sps)))
    record += _with_lengths(all_sps) + bytes((len(all_pps),)) + _with_lengths(all_pps)
    if sps[1] in _TELLING_PROFILES:
        known = sample_format(Codec.H264, sps)
        record += bytes((0xFC | known.chroma_format, 0xF8 | known.luma_depth - 8, 0xF8 | known.chroma_depth - 8, 0))
    return box(b"avcC", record)


def _hvcc(layout: VideoLayout) -> bytes:
    """HEVCDecoderConfigurationRecord, ISO/IEC 14496-15 clause 8.3.3.1.2."""
    sps = layout.sps.replace(b"\x00\x00\x03", b"\x00\x00")  # emulation prevention, H.265 7.4.2.1
    known = sample_format(Codec.H265, layout.sps)
    sub_layers, is_nested = (sps[2] >> 1 & 0x07) + 1, sps[2] & 1
    record = bytes((1,)) + sps[3:15]  # general profile, tier, compatibility, constraints, level: H.265 7.3.3
    record += struct.pack(
        ">HBBBBHBB",
        0xF000,
        0xFC,
        0xFC | known.chroma_format,
        0xF8 | known.luma_depth - 8,
        0xF8 | known.chroma_depth - 8,
        0,
        sub_layers << 3 | is_nested << 2 | LENGTH_BYTES - 1,
        len(layout.sets),
    )
    for kind, units in layout.sets:
        record += struct.pack(">BH", _ARRAY_COMPLETE | kind, len(units)) + _with_lengths(units)
    return box(b"hvcC", record)


def _with_lengths(units: tuple[bytes, ...]) -> bytes:
    return b"".join(struct.pack(">H", len(unit)) + unit for unit in units)


def _esds(config: bytes) -> bytes:
    """Elementary stream descriptor, ISO/IEC 14496-14 clause 5.6 and 14496-1 clause 7.2.6."""
    specific = _descriptor(0x05, config)
    decoder = _descriptor(0x04, struct.pack(">BBBHII", _AAC_OBJECT_TYPE, _AUDIO_STREAM, 0, 0, 0, 0), specific)
    stream = _descriptor(0x03, struct.pack(">HB", 0, 0), decoder, _descriptor(0x06, b"\x02"))
    return full_box(b"esds", 0, 0, stream)


def _descriptor(tag: int, *parts: bytes) -> bytes:
    """A descriptor with its length in seven-bit groups (ISO/IEC 14496-1 clause 8.3.3)."""
    payload = b"".join(parts)
    length = bytes((len(payload) & 0x7F,))
    rest = len(payload) >> 7
    while rest:
        length = bytes((rest & 0x7F | 0x80,)) + length
        rest >>= 7
    return bytes((tag,)) + length + payload
