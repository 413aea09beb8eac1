"""The target of each rate: what the site sets, else what docs/rates.md gives reasons for."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from vms_api.rates.rate import Rate, TargetValue

USUAL: Mapping[Rate, float] = MappingProxyType(
    {
        Rate.ONLINE: 0.95,
        Rate.STREAM_INTACT: 0.95,
        Rate.PICTURE_INTACT: 0.98,
        Rate.RECORDING: 0.95,
        Rate.RETENTION: 1.0,
        Rate.CLOCK: 0.98,
        Rate.LEDGER: 0.98,
        Rate.NETWORKING: 1.0,
        Rate.PURPOSED_USE: 0.3,
        Rate.PATROL: 0.95,
        Rate.ALERTS: 0.95,
        Rate.TICKETS: 0.9,
    }
)
"""In good order 98 % and networked 100 % are national figures (发改高技[2015]996); the others are proposals."""


class Target(BaseModel, frozen=True):
    """The target of a rate and why it is that; `target` null: the rate has none. `set_by` null: nobody has set it."""

    rate: Rate
    target: float | None
    reason: str = ""
    set_by: str | None = None
    set_at: datetime | None = None


class TargetIn(BaseModel):
    """A target to be set; null: the rate is to have none."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    rate: Rate
    target: TargetValue | None
    reason: Annotated[str, Field(max_length=500)] = ""


class TargetsIn(BaseModel):
    """Targets of some rates; the others stay."""

    model_config = ConfigDict(extra="forbid")

    targets: Annotated[list[TargetIn], Field(min_length=1, max_length=len(Rate))]


def targets_of(set_: Mapping[Rate, Target]) -> list[Target]:
    """The target of every rate."""
    return [set_.get(rate) or Target(rate=rate, target=USUAL[rate]) for rate in Rate]


def in_force(set_: Mapping[Rate, Target]) -> Mapping[Rate, float]:
    """Those that rates are held against."""
    return {target.rate: target.target for target in targets_of(set_) if target.target is not None}
