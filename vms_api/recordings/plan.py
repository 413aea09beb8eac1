"""When a camera is recorded, and for how long that is kept."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from vms_api.cameras.rule import Schedule
from vms_api.errors import FieldError, InvalidRequest
from vms_api.recordings.settings import RecordingSettings

Days = Annotated[int | None, Field(ge=0, le=3650, description="Null: as the site file has it.")]
Roll = Annotated[float, Field(ge=0, le=60, allow_inf_nan=False)]


class RecordingPlan(BaseModel):
    """The plan of one camera. Seconds of pre- and post-roll are for the mode `event`, the schedule for `scheduled`."""

    model_config = ConfigDict(extra="forbid")

    mode: Literal["off", "continuous", "scheduled", "event"]
    schedule: Schedule | None = None
    pre_roll_s: Roll = 5.0
    post_roll_s: Roll = 10.0
    stream: Literal["main", "sub"] = "main"
    audio: bool = True
    retention_min_days: Days = None
    retention_max_days: Days = None

    def desired(self) -> dict[str, Any] | None:
        """What the node is told; null: nothing is recorded."""
        if self.mode == "off":
            return None
        told = self.model_dump(exclude={"retention_min_days", "retention_max_days"})
        return {**told, "volumes": []}


class Retention(BaseModel):
    """How long recordings of a camera are kept: never deleted before `floor`, always after `ceiling`."""

    model_config = ConfigDict(frozen=True)

    floor: timedelta
    ceiling: timedelta


def default_plan(settings: RecordingSettings) -> RecordingPlan:
    """The plan of a camera that nobody has made one for."""
    return RecordingPlan(mode=settings.default_mode)


def retention_of(plan: RecordingPlan | None, settings: RecordingSettings) -> Retention:
    """What holds for a camera with that plan. The site's floor holds even where an older plan has a lower one."""
    floor = max(settings.retention_min_days, (plan and plan.retention_min_days) or 0)
    given = plan.retention_max_days if plan else None
    ceiling = max(floor, settings.retention_max_days if given is None else given)
    return Retention(floor=timedelta(days=floor), ceiling=timedelta(days=ceiling))


def check_plan(plan: RecordingPlan, settings: RecordingSettings) -> None:
    """Refuses plans that mean nothing or undercut the site's floor.

    Raises:
        InvalidRequest: with the field.

    """
    floor = settings.retention_min_days
    errors = []
    if plan.mode == "scheduled" and plan.schedule is None:
        errors.append(FieldError("schedule", "schedule-missing", "the mode `scheduled` needs a schedule"))
    if plan.retention_min_days is not None and plan.retention_min_days < floor:
        errors.append(FieldError("retention_min_days", "retention-below-floor", f"the site keeps {floor} days"))
    lowest = max(floor, plan.retention_min_days or 0)
    if plan.retention_max_days is not None and plan.retention_max_days < lowest:
        errors.append(FieldError("retention_max_days", "retention-below-floor", f"at least {lowest} days are kept"))
    if errors:
        raise InvalidRequest(errors=errors)
