"""A camera whose pictures are looked at."""

from dataclasses import dataclass

from ingest.mask import Polygon


@dataclass(frozen=True, slots=True)
class CheckedCamera:
    """What of a camera matters for that: what is covered, and which picture shows how it should point."""

    masked: tuple[Polygon, ...] = ()
    reference_id: str | None = None
