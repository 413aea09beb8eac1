"""The seam between covered pictures and the packets of a masked stream, and what codecs a fleet is given."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ingest.decoder import Decoder
from ingest.frame import Picture
from ingest.mask import CurrentMasks


class Encoder(Protocol):
    """Encodes the pictures of one size to H.264 that browsers take: no B-frames, parameter sets in key frames."""

    def encode(self, picture: Picture, pts: int, *, is_keyframe: bool) -> bytes:
        """One access unit, Annex B. `pts` counts 1/90000 s and grows; the first picture must be a key frame.

        Raises:
            EncodeFailed: nothing came out; make a new encoder.

        """
        ...

    def close(self) -> None:
        """Frees the codec."""
        ...


class EncodeFailed(Exception):
    """The encoder gave an error, or no picture."""


@dataclass(frozen=True, slots=True)
class Codecs:
    """Who decodes under a camera's masks, and who encodes pictures of a width and height.

    `analysed_decoder` is for pictures that are analysed and not encoded again; without one it is the same.
    """

    decoder: Callable[[CurrentMasks], Decoder]
    encoder: Callable[[int, int], Encoder]
    analysed_decoder: Callable[[CurrentMasks], Decoder] | None = None
