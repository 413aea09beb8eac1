"""What a picture's packets say of it beyond their timestamp, as an RTP header extension.

Two elements, each only where the browser has agreed to it:

- the absolute capture time (http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time) in its short form: eight
  bytes of NTP time. A receiver reckons the times of pictures without one from that of the last picture with one;
- the playout delay (http://www.webrtc.org/experiments/rtp-hdrext/playout-delay): the least and the most that a picture
  may wait for a smooth course, 12 bits each, in steps of 10 ms. Ours are zero: what a camera sees is shown when it is
  there. It holds until another one is said.
"""

from dataclasses import dataclass

_ONE_BYTE_PROFILE = b"\xbe\xde"  # RFC 8285 clause 4.2
_WORD = 4
_NO_DELAY = bytes(3)
LARGEST_ID = 14  # RFC 8285 clause 4.2: 15 is reserved


@dataclass(frozen=True, slots=True)
class ExtensionIds:
    """The numbers agreed on, 1 to 14; None for what was not."""

    capture_time: int | None
    playout_delay: int | None

    def stamp(self, ntp: int) -> bytes:
        """The header's extension of a picture that came at `ntp` (2**-32 s since 1900); empty if none is agreed on."""
        elements = _element(self.capture_time, ntp.to_bytes(8, "big")) + _element(self.playout_delay, _NO_DELAY)
        if not elements:
            return b""
        elements += bytes(-len(elements) % _WORD)
        return _ONE_BYTE_PROFILE + (len(elements) // _WORD).to_bytes(2, "big") + elements


def _element(number: int | None, data: bytes) -> bytes:
    return b"" if number is None else bytes([number << 4 | len(data) - 1]) + data
