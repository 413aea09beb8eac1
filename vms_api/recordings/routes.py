"""Recordings over the API: what there is, what is planned, and how the disks are."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, BaseModel

from vms_api.accounts.access import Access, CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.audit.actor import CurrentActor
from vms_api.cameras.registry import existing_camera
from vms_api.control import ControlPart
from vms_api.errors import InvalidRequest
from vms_api.nothing_in import NothingIn
from vms_api.recordings import store
from vms_api.recordings.plan import RecordingPlan
from vms_api.recordings.problem_board import RecordingProblem
from vms_api.recordings.timeline import Timeline, TimelineQuery, read_timeline
from vms_api.recordings.volume import VolumeState

router = APIRouter()

Id = Annotated[str, Path(max_length=64)]
From = Annotated[AwareDatetime | None, Query(alias="from", description="A day before `to`, if not said.")]
To = Annotated[AwareDatetime | None, Query(description="Now, if not said.")]
Resolution = Annotated[float, Query(ge=0, le=86400, description="Shorter spans may be drawn together.")]

LONGEST_RANGE = timedelta(days=100)


class VolumeShown(VolumeState):
    """One volume, with the limits of the site file and the start of its oldest recording."""

    quota_bytes: int | None
    reserve_bytes: int | None
    oldest_at: datetime | None


class VolumesShown(BaseModel):
    """The disks, and what is wrong with keeping and deleting."""

    volumes: list[VolumeShown]
    problems: list[RecordingProblem]


@router.get("/cameras/{camera_id}/recordings")
async def read_recordings(
    access: CurrentAccess,
    control: ControlPart,
    camera_id: Id,
    start: From = None,
    to: To = None,
    resolution_s: Resolution = 0,
) -> Timeline:
    """What was recorded, what is missing and why, and the alerts, over at most 100 days. It shows no picture.

    `to` of the answer is not later than what is on disk: while the camera is recorded, a second or two ago.
    """
    area_id = access.require_camera(Permission.PLAYBACK_VIEW, camera_id)
    now = control.clock.now()
    end = min(to or now, now)
    start = start or end - timedelta(days=1)
    if not timedelta() < end - start <= LONGEST_RANGE:
        raise InvalidRequest.field("from", "range-invalid", "`from` lies before `to` and now, and by at most 100 days")
    found = await control.recordings.opened.find(camera_id, start, end)
    async with control.database.read() as connection:
        camera = await existing_camera(connection, camera_id)
        opened = await store.not_indexed(connection, found)
        known_until = await control.recordings.known_until(connection, camera, opened)
        may_see = access.allows(Permission.UNMASKED_VIEW, area_id)
        asked = TimelineQuery(
            camera_id=camera_id,
            start=start,
            end=max(start, min(end, known_until)),
            is_withheld=await control.recordings.withholds(connection, camera_id, may_see_unmasked=may_see),
            resolution_s=resolution_s,
            with_alerts=access.allows(Permission.ALERT_VIEW, area_id),
            opened=opened,
        )
        return await read_timeline(connection, asked)


@router.get("/cameras/{camera_id}/recording")
async def read_plan(access: CurrentAccess, camera_id: Id, control: ControlPart) -> RecordingPlan:
    """When the camera is recorded, and how long that is kept; null days are those of the site."""
    access.require_camera(Permission.CAMERA_VIEW, camera_id)
    return await control.recordings.plans.read(camera_id)


@router.put("/cameras/{camera_id}/recording")
async def change_plan(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, body: RecordingPlan, control: ControlPart
) -> RecordingPlan:
    """Replaces the camera's plan. Recordings are never kept for less than the site file says."""
    access.require_camera(Permission.CAMERA_MANAGE, camera_id)
    return await control.recordings.plans.change(camera_id, body, actor)


@router.get("/recordings/volumes")
async def read_volumes(access: CurrentAccess, control: ControlPart) -> VolumesShown:
    """How the disks are, for whoever looks after the system anywhere."""
    _require_system(access)
    desk = control.recordings
    shown = []
    async with control.database.read() as connection:
        for state in await desk.volumes.states():
            limits = desk.volumes.settings.get(state.name)
            shown.append(
                VolumeShown(
                    **state.model_dump(),
                    quota_bytes=limits.quota_bytes if limits else None,
                    reserve_bytes=limits.reserve_bytes if limits else None,
                    oldest_at=await store.oldest_at(connection, state.volume_id) if state.volume_id else None,
                )
            )
    return VolumesShown(volumes=shown, problems=list(desk.problems.problems))


@router.post("/recordings/clock-confirmation", status_code=204)
async def confirm_clock(access: CurrentAccess, actor: CurrentActor, _body: NothingIn, control: ControlPart) -> None:
    """Says that the clock is right after it has jumped by more than a day: recordings are deleted again.

    For who runs the whole site; everything that looks too old by the present clock goes next.
    """
    access.require_site(Permission.AREA_MANAGE)
    await control.recordings.retention.confirm_clock(actor)


def _require_system(access: Access) -> None:
    if not access.allows_somewhere(Permission.SYSTEM_VIEW):
        access.require_site(Permission.SYSTEM_VIEW)
