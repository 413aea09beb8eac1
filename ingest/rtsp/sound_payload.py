"""Sound in RTP: AAC (RFC 3640, mode AAC-hbr), Opus (RFC 7587) and G.711 (RFC 3551 clause 4.5.14)."""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.drops import DropCause
from ingest.rtsp.assembler import EncodedUnit

_SAMPLES_PER_UNIT = 1024  # ISO/IEC 14496-3 clause 4.5.1.1; the frame length flag for 960 is not used by cameras
_MAX_SOUND_BYTES = 64 * 1024
_HEADERS_LENGTH = 2
_MAX_HEADERS_BITS = 1024  # 64 units in one packet, about 1.5 s of sound
_BITS = 8


class PlainSoundAssembler:
    """Codecs whose packets are units by themselves: Opus and G.711. Implements `Assembler`."""

    def __init__(self) -> None:
        self.ready: deque[EncodedUnit] = deque()
        self.drops: Counter[DropCause] = Counter()

    def push(self, payload: memoryview, timestamp: int, *, is_marked: bool) -> None:  # noqa: ARG002 - the seam's signature
        """One payload. The marker says that somebody begins to speak (RFC 3551 clause 4.1), which is not needed."""
        if payload:
            self.ready.append(EncodedUnit(bytes(payload), timestamp))

    def lose(self) -> None:
        """Nothing depends on what is missing."""


@dataclass(frozen=True, slots=True)
class AacHeaderSizes:
    """Bits of an AU header's fields (RFC 3640 clause 3.2.1). AAC-hbr has 13, 3 and 3 (clause 3.3.6)."""

    size: int = 13
    index: int = 3
    index_delta: int = 3


class AacAssembler:
    """AAC access units: several in a packet, or one over several packets. Implements `Assembler`."""

    def __init__(self, sizes: AacHeaderSizes) -> None:
        self._sizes = sizes
        self._fragment = bytearray()
        self._missing = 0
        self.ready: deque[EncodedUnit] = deque()
        self.drops: Counter[DropCause] = Counter()

    def push(self, payload: memoryview, timestamp: int, *, is_marked: bool) -> None:  # noqa: ARG002 - lengths say it
        """One payload: the length of the AU headers in bits, the headers, the units (RFC 3640 clause 3.2)."""
        if len(payload) <= _HEADERS_LENGTH:
            self.drops[DropCause.DAMAGED] += 1
            return
        header_bits = payload[0] << 8 | payload[1]
        body = payload[_HEADERS_LENGTH + -(-header_bits // _BITS) :]
        sizes = list(self._unit_sizes(payload[_HEADERS_LENGTH:], header_bits))
        if len(sizes) == 1 and sizes[0] > len(body):
            self._push_fragment(body, sizes[0], timestamp)
        else:
            self._end_fragment()
            self._push_units(body, sizes, timestamp)

    def lose(self) -> None:
        """A unit that was in the middle is gone."""
        self._end_fragment()

    def _push_units(self, body: memoryview, sizes: list[int], timestamp: int) -> None:
        start = 0
        for number, size in enumerate(sizes):
            if not size or start + size > len(body):
                self.drops[DropCause.DAMAGED] += 1
                return
            self.ready.append(EncodedUnit(bytes(body[start : start + size]), timestamp + number * _SAMPLES_PER_UNIT))
            start += size

    def _push_fragment(self, body: memoryview, whole: int, timestamp: int) -> None:
        """RFC 3640 clause 3.2.3: each packet of a fragmented unit repeats the unit's whole size."""
        if not self._missing:
            if whole > _MAX_SOUND_BYTES:
                self.drops[DropCause.OVERSIZE] += 1
                return
            self._missing = whole
        self._fragment += body
        self._missing -= len(body)
        if self._missing < 0:
            self._end_fragment()
        elif not self._missing:
            self.ready.append(EncodedUnit(bytes(self._fragment), timestamp))
            self._fragment.clear()

    def _end_fragment(self) -> None:
        if self._missing:
            self.drops[DropCause.DAMAGED] += 1
        self._missing = 0
        self._fragment.clear()

    def _unit_sizes(self, headers: memoryview, bits: int) -> Iterator[int]:
        """The units' sizes in the AU headers (RFC 3640 clause 3.2.1.1)."""
        have = min(bits, len(headers) * _BITS, _MAX_HEADERS_BITS)
        value = int.from_bytes(headers[: -(-have // _BITS)], "big") >> -have % _BITS
        step, following = self._sizes.size + self._sizes.index, self._sizes.size + self._sizes.index_delta
        while have >= step:
            have -= step
            yield value >> have + step - self._sizes.size & ((1 << self._sizes.size) - 1)
            step = following
