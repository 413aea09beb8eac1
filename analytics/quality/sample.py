"""What is judged: one picture of a camera, and what is known beside it."""

from dataclasses import dataclass
from datetime import datetime

from analytics.geometry import Box
from ingest.frame import Image
from ingest.mask import Polygon


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """What the stream did in the minute or so before the picture.

    `packets` arrived and `lost` are missing by their sequence numbers; `gap_p95_s` is the 95th percentile of the time
    between two pictures' arrivals; `fps_declared` is 0 where the camera declares none; `decode_errors` are pictures
    that could not be decoded; `stalled_s` is how much of the last minute no picture came though the next was long due.
    """

    packets: int
    lost: int
    gap_p95_s: float
    fps_measured: float
    fps_declared: float
    decode_errors: int = 0
    stalled_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture to be judged.

    `picture` is (height, width, 3) uint8, blue first, or None where none could be had; `earlier` is one of the same
    camera some seconds before, of the same size. `taken_at` is aware, `local_hour` 0 to 23 at the camera's place.
    `infrared` is what the camera says of its filter, None where it says nothing. `overlays` are boxes of burnt-in
    text, `masked` the privacy masks; nothing under either has any influence.
    """

    picture: Image | None
    taken_at: datetime
    local_hour: int
    earlier: Image | None = None
    infrared: bool | None = None
    overlays: tuple[Box, ...] = ()
    stream: StreamFacts | None = None
    masked: tuple[Polygon, ...] = ()
