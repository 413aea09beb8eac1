"""One picture as a browser's Media Source Extensions take it: made once for a stream, sent to all who watch it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MseOpening:
    """What a player needs before the fragments: the codec's name (RFC 6381) and the initialisation segment."""

    codec: str
    data: bytes


@dataclass(frozen=True, slots=True)
class MseFragment:
    """One picture's `prft`, `moof` and `mdat`. `ticks` counts 1/90000 s on the stream's running clock (decoding)."""

    data: bytes
    opening: MseOpening
    ticks: int
    is_keyframe: bool
    epoch: int

    @property
    def byte_count(self) -> int:
        """Bytes of the fragment."""
        return len(self.data)
