"""What was counted of one camera on one day: the fact that every rate of every window is summed from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from vms_api.rates.rate import Rate, Tally


class ExcludedTime(NamedTuple):
    """Time of a camera that is not expected of it, why, and who approved that. Microseconds."""

    why: str
    approved_by: str
    length_us: int


@dataclass(frozen=True, slots=True)
class CameraFact:
    """A camera's tallies of a day in one area; one that was moved that day has a part for each stay."""

    camera_id: str
    part: int
    area_id: str
    tallies: Mapping[Rate, Tally]
    excluded: tuple[ExcludedTime, ...] = ()

    @property
    def key(self) -> tuple[str, int]:
        """What it is told apart by within a day."""
        return self.camera_id, self.part


@dataclass(frozen=True, slots=True)
class AreaFact:
    """What was counted in one area on one day, not camera by camera."""

    area_id: str
    rate: Rate
    tally: Tally


@dataclass(frozen=True, slots=True)
class DayFacts:
    """All that was counted of one day."""

    cameras: tuple[CameraFact, ...]
    areas: tuple[AreaFact, ...] = ()
