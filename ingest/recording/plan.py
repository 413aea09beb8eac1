"""When a camera is recorded: a plan, and what it asks for at a moment. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum, auto
from typing import Protocol

from ingest.camera import CameraId, StreamRole
from ingest.recording.segment import SegmentReason


class RecordingMode(StrEnum):
    """Always, in some hours of the week, or around alerts."""

    CONTINUOUS = "continuous"
    SCHEDULED = "scheduled"
    EVENT = "event"


class WeekPlan(Protocol):
    """Hours of the week."""

    def is_armed(self, at: datetime) -> bool:
        """Whether that instant (time-zone aware) is among them."""
        ...


@dataclass(frozen=True, slots=True)
class RecordingPlan:
    """One camera's plan. `week` None: every hour. Without `volumes` any will do; pre- and post-roll are of EVENT."""

    camera_id: CameraId
    mode: RecordingMode
    week: WeekPlan | None = None
    pre_roll_s: float = 5.0
    post_roll_s: float = 10.0
    role: StreamRole = StreamRole.MAIN
    audio: bool = True
    volumes: frozenset[str] = frozenset()


class Demand(Enum):
    """What a plan asks for now. STANDBY: kept in memory for the beginning of an event."""

    NOTHING = auto()
    STANDBY = auto()
    RECORD = auto()


def demand(plan: RecordingPlan | None, now: datetime, *, is_event: bool) -> Demand:
    """What is asked for at that instant; `is_event`: an alert or its post-roll is on."""
    if plan is None:
        return Demand.NOTHING
    if plan.mode is not RecordingMode.CONTINUOUS and plan.week is not None and not plan.week.is_armed(now):
        return Demand.NOTHING
    if plan.mode is RecordingMode.EVENT and not is_event:
        return Demand.STANDBY
    return Demand.RECORD


def reason_of(plan: RecordingPlan) -> SegmentReason:
    """What its files say about why they were made."""
    return SegmentReason(plan.mode.value)
