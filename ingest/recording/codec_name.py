"""What browsers call a codec: RFC 6381 clause 3.3 for H.264, ISO/IEC 14496-15 clause E.3 for H.265."""

from ingest.packet import Codec
from ingest.recording.access_unit import VideoLayout

_SPACES = ("", "A", "B", "C")


def codec_name(layout: VideoLayout) -> str:
    """As `avc1.64001f` or `hvc1.1.6.L93.B0`; the sets of the layout are those that `video_layout` has read."""
    sps = layout.sps
    if layout.codec is Codec.H264:
        return f"avc1.{sps[1]:02x}{sps[2]:02x}{sps[3]:02x}"
    plain = sps.replace(b"\x00\x00\x03", b"\x00\x00")  # emulation prevention, H.265 7.4.2.1
    general, flags, constraints, level = plain[3], plain[4:8], plain[8:14].rstrip(b"\x00"), plain[14]
    reversed_flags = int(f"{int.from_bytes(flags, 'big'):032b}"[::-1], 2)
    profile = f"{_SPACES[general >> 6]}{general & 0x1F}"
    tier = "H" if general & 0x20 else "L"
    return ".".join(["hvc1", profile, f"{reversed_flags:X}", f"{tier}{level}", *(f"{one:X}" for one in constraints)])
