"""The rates, what each is counted in, and a rate's value with all that is needed to count it again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, Field

METHOD_VERSION = "1"
"""Raised with every change of a definition in docs/rates.md; each number says by which it was counted."""

Unit = Literal["s", "camera-days", "cameras", "fields", "rounds", "alerts", "tickets"]


class Rate(StrEnum):
    """What a place is assessed on. The values are stored and part of addresses: none is renamed."""

    ONLINE = "online"
    STREAM_INTACT = "stream-intact"
    PICTURE_INTACT = "picture-intact"
    RECORDING = "recording-completeness"
    RETENTION = "retention-met"
    CLOCK = "clock-compliance"
    LEDGER = "ledger-completeness"
    NETWORKING = "networking"
    PURPOSED_USE = "purposed-use"
    PATROL = "patrol-completion"
    ALERTS = "alert-handling"
    TICKETS = "ticket-closure"

    @property
    def column(self) -> str:
        """Its name in the database."""
        return self.value.replace("-", "_")


CAMERA_RATES = (
    Rate.ONLINE,
    Rate.STREAM_INTACT,
    Rate.PICTURE_INTACT,
    Rate.RECORDING,
    Rate.RETENTION,
    Rate.CLOCK,
    Rate.LEDGER,
    Rate.NETWORKING,
    Rate.PURPOSED_USE,
)
"""Those that are counted camera by camera; the others are counted in an area."""
AREA_RATES = (Rate.PATROL, Rate.ALERTS, Rate.TICKETS)

UNITS: Mapping[Rate, Unit] = MappingProxyType(
    {
        Rate.ONLINE: "s",
        Rate.STREAM_INTACT: "s",
        Rate.PICTURE_INTACT: "s",
        Rate.RECORDING: "s",
        Rate.RETENTION: "camera-days",
        Rate.CLOCK: "camera-days",
        Rate.LEDGER: "fields",
        Rate.NETWORKING: "camera-days",
        Rate.PURPOSED_USE: "cameras",
        Rate.PATROL: "rounds",
        Rate.ALERTS: "alerts",
        Rate.TICKETS: "tickets",
    }
)

_OVER_KNOWN = frozenset({Rate.PICTURE_INTACT, Rate.RETENTION, Rate.CLOCK, Rate.LEDGER, Rate.PATROL})
"""Divided by what was checked; every other rate by what was expected, so that what is unknown counts against it."""


class Tally(NamedTuple):
    """What was counted of one rate: seconds as microseconds, else a number. numerator <= known <= expected."""

    numerator: int = 0
    known: int = 0
    expected: int = 0

    def plus(self, other: "Tally") -> "Tally":
        """Both together."""
        return Tally(self.numerator + other.numerator, self.known + other.known, self.expected + other.expected)


NOTHING = Tally()


def yes_or_no(answer: bool | None) -> Tally:
    """One camera on one day: it does, it does not, or (None) nobody knows."""
    return Tally(int(bool(answer)), int(answer is not None), 1)


class Excluded(BaseModel, frozen=True):
    """Time that a camera was not expected to work, and who said so."""

    camera_id: str
    seconds: float
    why: str
    approved_by: str


class RateValue(BaseModel, frozen=True):
    """A rate of an area and a window. `value` is null where there is nothing to divide by, or too little is known.

    `coverage` is the share of what was expected about which anything is known (1 when nothing was expected).
    """

    rate: Rate
    numerator: float
    denominator: float
    value: float | None
    unit: Unit
    coverage: float
    insufficient: bool
    target: float | None = None
    excluded: Sequence[Excluded] = ()
    method_version: str = METHOD_VERSION


@dataclass(frozen=True, slots=True)
class Judging:
    """How much has to be known for a number to be one, and the targets.

    `counted_share`: how many of the window's days were counted at all, since counting began. One that never was is
    unknown as a whole.
    """

    min_coverage: float
    targets: Mapping[Rate, float]
    counted_share: float = 1.0


def value_of(rate: Rate, tally: Tally, judging: Judging) -> RateValue:
    """The rate of what was counted; never a division by nothing."""
    denominator = tally.known if rate in _OVER_KNOWN else tally.expected
    coverage = (tally.known / tally.expected if tally.expected else 1.0) * judging.counted_share
    is_insufficient = coverage < judging.min_coverage
    scale = 1e6 if UNITS[rate] == "s" else 1
    return RateValue(
        rate=rate,
        numerator=tally.numerator / scale,
        denominator=denominator / scale,
        value=None if is_insufficient or not denominator else tally.numerator / denominator,
        unit=UNITS[rate],
        coverage=coverage,
        insufficient=is_insufficient,
        target=judging.targets.get(rate),
    )


TargetValue = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
