"""What faults do to bytes. All of it is decided by a seed, so that a run can be repeated."""

from collections.abc import Iterator
from dataclasses import replace
from math import log1p
from random import Random

from ingest.virtual_camera.clip import AccessUnit
from ingest.virtual_camera.message import Response
from ingest.virtual_camera.rtp import INTERLEAVED_MAGIC, Burst

_NOISE_BYTES = 2000
_NOISE_LENGTH = 0xFFFF
_PARAMETER_SETS = (b"sprop-parameter-sets=", b"sprop-vps=", b"sprop-sps=", b"sprop-pps=")
_OTHER_TRACK = b"m=application 0 RTP/AVP 107\r\na=rtpmap:107 vnd.onvif.metadata/90000\r\na=control:trackID=%d\r\n"
_LONGEST_LINE = 1000
_HIGHEST_RATE = 1 - 1e-9


def flip_bits(unit: AccessUnit, rate: float, chance: Random) -> AccessUnit:
    """The unit with one bit of about `rate` of its bytes flipped."""
    return replace(unit, nal_units=tuple(_flipped(nal, rate, chance) for nal in unit.nal_units))


def cut_short(unit: AccessUnit, rate: float, chance: Random) -> AccessUnit:
    """The unit with `rate` of its NAL units ending too early; the first byte, which tells the type, stays."""
    cut = (nal[: chance.randint(1, len(nal))] if chance.random() < rate else nal for nal in unit.nal_units)
    return replace(unit, nal_units=tuple(cut))


def lose_packets(burst: Burst, rate: float, chance: Random) -> Burst:
    """The burst without `rate` of its packets."""
    return Burst(tuple(packet for packet in burst.packets if chance.random() >= rate), burst.noise)


def add_noise(burst: Burst, rate: float, chance: Random) -> Burst:
    """The burst behind bytes that are no RTSP, at a chance of `rate`.

    They pretend to be an interleaved packet of 65535 bytes on a channel that nobody asked for, and hold fewer.
    """
    if chance.random() >= rate:
        return burst
    head = bytes([INTERLEAVED_MAGIC, chance.randrange(100, 256)]) + _NOISE_LENGTH.to_bytes(2, "big")
    return Burst(burst.packets, head + chance.randbytes(_NOISE_BYTES))


def without_parameter_sets(response: Response) -> Response:
    """The description without what it says of SPS and PPS (RFC 6184 clause 8.1, RFC 7798 clause 7.1)."""
    return replace(response, body=b"\r\n".join(_stripped(line) for line in response.body.split(b"\r\n")))


def with_long_body(response: Response, size: int) -> Response:
    """The description with attributes that nobody knows, about `size` bytes of them."""
    line = b"a=x-padding:" + b"x" * (_LONGEST_LINE - 14) + b"\r\n"
    return replace(response, body=response.body + line * (size // len(line) + 1))


def with_tracks(response: Response, count: int) -> Response:
    """The description with so many tracks of metadata behind its own."""
    return replace(response, body=response.body + b"".join(_OTHER_TRACK % (10 + index) for index in range(count)))


def with_long_header(response: Response, size: int) -> Response:
    """The answer with header fields that nobody knows, about `size` bytes of them."""
    count = size // _LONGEST_LINE + 1
    padding = {f"X-Padding-{index}": "x" * (_LONGEST_LINE - 20) for index in range(count)}
    return replace(response, headers={**response.headers, **padding})


def _flipped(nal: bytes, rate: float, chance: Random) -> bytes:
    places = tuple(_places(len(nal), rate, chance))
    if not places:
        return nal
    damaged = bytearray(nal)
    for place in places:
        damaged[place] ^= 1 << chance.randrange(8)
    return bytes(damaged)


def _places(size: int, rate: float, chance: Random) -> Iterator[int]:
    """Places hit with probability `rate` each, found by the distances between them: most bytes are never looked at."""
    place = -1
    steepness = -log1p(-min(rate, _HIGHEST_RATE))
    while steepness > 0:
        place += 1 + int(chance.expovariate(steepness))
        if place >= size:
            return
        yield place


def _stripped(line: bytes) -> bytes:
    if not line.startswith(b"a=fmtp:"):
        return line
    head, _, parameters = line.partition(b" ")
    kept = [part for part in parameters.split(b";") if not part.strip().startswith(_PARAMETER_SETS)]
    return head + b" " + b";".join(kept) if kept else b"a=x-empty:"
