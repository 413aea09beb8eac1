"""A stop of a round: what its plan has of it, and what was found."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from vms_api.patrols.plan import PatrolStop

Answer = Literal["yes", "no"]
Unreachable = Literal["offline", "removed", "no-right"]
"""Why a stop could not be looked at: no live stream, no such camera any more, or no right to see it any more."""

MOST_NOTE = 2000


class StopVerdict(StrEnum):
    """What was found."""

    NORMAL = "normal"
    ABNORMAL = "abnormal"
    CAMERA_FAULT = "camera-fault"
    CANNOT_JUDGE = "cannot-judge"


class RoundStop(PatrolStop):
    """A stop of one round, the `index`-th from 0.

    `present_s` is for how many seconds it was really looked at, as the server believes; `attended_s` also counts those
    in which somebody was there and no picture played. Both go on where a stop is come back to. `is_extra`: it was added
    on the way. `unexpected` are the numbers of the questions that were not answered as expected.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    index: int
    camera_name: str = ""
    area_id: str | None = None
    is_extra: bool = False
    arrived_at: datetime | None = None
    left_at: datetime | None = None
    present_s: float = 0.0
    attended_s: float = 0.0
    verdict: StopVerdict | None = None
    judged_at: datetime | None = None
    judged_by: str | None = None
    unreachable: bool = False
    unreachable_why: Unreachable | None = None
    answers: tuple[Answer | None, ...] = ()
    unexpected: tuple[int, ...] = ()
    note: str = ""
    snapshot_id: str | None = None
    alert_id: str | None = None
    ticket_id: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody is at it now."""
        return self.arrived_at is not None and self.left_at is None

    @property
    def is_done(self) -> bool:
        """Whether it counts as visited: judged, or recorded as not to be reached."""
        return self.verdict is not None or self.unreachable


Answers = Annotated[list[Answer | None], Field(max_length=20)]
Note = Annotated[str, Field(max_length=MOST_NOTE)]
