"""The absolute capture time of a picture, as an RTP header extension.

Defined at http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time in its short form: eight bytes of NTP time. A
receiver reckons the times of pictures without one from that of the last picture with one.
"""

import struct

_ONE_BYTE_PROFILE = 0xBEDE  # RFC 8285 clause 4.2
_STAMP = struct.Struct("!HHBQ3x")
_WORDS = (_STAMP.size - 4) // 4
_LENGTH = 8
LARGEST_ID = 14  # RFC 8285 clause 4.2: 15 is reserved


def stamp(extension_id: int, ntp: int) -> bytes:
    """The header's extension that says so: `ntp` counts 2**-32 s since 1900."""
    return _STAMP.pack(_ONE_BYTE_PROFILE, _WORDS, extension_id << 4 | _LENGTH - 1, ntp)
