"""What a schedule comes to before it is kept: the next times, over the API."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from vms_api.accounts.access import CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.control import ControlPart
from vms_api.patrols.schedule import PatrolSchedule, next_due

router = APIRouter(prefix="/patrol-plans")

MOST_FORESEEN = 8


class PreviewIn(BaseModel):
    """A schedule that somebody is about to keep. The plan's id, where it has one, tells its random times."""

    model_config = ConfigDict(extra="forbid")

    schedule: PatrolSchedule
    plan_id: Annotated[str, Field(max_length=64)] | None = None


class Preview(BaseModel):
    """The next times at which rounds would be due; `time_zone` is that of the schedule's clock times."""

    dues: list[datetime]
    time_zone: str


@router.post("/preview")
async def preview_schedule(access: CurrentAccess, body: PreviewIn, control: ControlPart) -> Preview:
    """The next times that the schedule would bring. Nothing is kept."""
    access.area_ids(Permission.PATROL_VIEW)
    zone = control.patrols.plans.zone
    dues: list[datetime] = []
    at: datetime | None = control.clock.now()
    while at is not None and len(dues) < MOST_FORESEEN:
        at = next_due(body.schedule, body.plan_id or "", at, zone)
        if at is not None:
            dues.append(at)
    return Preview(dues=dues, time_zone=zone.key)
