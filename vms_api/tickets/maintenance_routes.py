"""Maintenance windows and the repair times of areas over the API."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, BaseModel, Field

from vms_api.accounts.access import CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.alerts.desk import Handler
from vms_api.audit.actor import CurrentActor
from vms_api.control import ControlPart
from vms_api.tickets.maintenance import MaintenanceWindow
from vms_api.tickets.maintenance_desk import MaintenanceIn
from vms_api.tickets.settings import TicketSettings
from vms_api.tickets.times import TicketTimes

router = APIRouter()

Id = Annotated[str, Path(max_length=64)]


class MaintenanceShown(BaseModel):
    """A window of planned maintenance. `camera_ids` null: all of the area and of those below it.

    It counts once `approved_by` is somebody; that is another person than who asked for it.
    """

    id: str
    area_id: str
    camera_ids: list[str] | None
    starts_at: datetime
    ends_at: datetime
    reason: str
    asked_at: datetime
    asked_by: str | None
    asked_by_me: bool
    approved_at: datetime | None
    approved_by: str | None


class MaintenanceWindows(BaseModel):
    """The windows, the next first, all on one page."""

    items: list[MaintenanceShown]
    next_cursor: None = None


class MaintenanceFilter(BaseModel):
    """Of which area with those below it, and from when on: those that are over by then are left out."""

    area_id: Annotated[str | None, Field(max_length=64)] = None
    since: Annotated[AwareDatetime | None, Field(alias="from")] = None


class AllTicketTimes(BaseModel):
    """The repair times of areas that have some of their own, and those of all others, in hours by severity."""

    items: list[TicketTimes]
    high_hours: float
    medium_hours: float
    low_hours: float


@router.get("/maintenance-windows")
async def list_maintenance_windows(
    access: CurrentAccess, asked: Annotated[MaintenanceFilter, Query()], control: ControlPart
) -> MaintenanceWindows:
    """The windows of areas whose tickets the caller sees; from now on, where no time is named."""
    area_ids = access.area_ids_below(Permission.TICKET_VIEW, asked.area_id)
    found = await control.tickets.maintenance.listed(area_ids, asked.since or control.clock.now())
    return MaintenanceWindows(items=[_shown(window, access.user.id) for window in found])


@router.post("/maintenance-windows", status_code=201)
async def add_maintenance_window(
    access: CurrentAccess, actor: CurrentActor, body: MaintenanceIn, control: ControlPart
) -> MaintenanceShown:
    """Asks for a window; a second person approves it."""
    return _shown(await control.tickets.maintenance.add(body, Handler(actor, access)), access.user.id)


@router.put("/maintenance-windows/{window_id}")
async def change_maintenance_window(
    access: CurrentAccess, actor: CurrentActor, window_id: Id, body: MaintenanceIn, control: ControlPart
) -> MaintenanceShown:
    """The whole window anew, while it waits for its approval."""
    return _shown(await control.tickets.maintenance.replace(window_id, body, Handler(actor, access)), access.user.id)


@router.post("/maintenance-windows/{window_id}/approve")
async def approve_maintenance_window(
    access: CurrentAccess, actor: CurrentActor, window_id: Id, control: ControlPart
) -> MaintenanceShown:
    """Makes it count; not for who asked for it."""
    return _shown(await control.tickets.maintenance.approve(window_id, Handler(actor, access)), access.user.id)


@router.delete("/maintenance-windows/{window_id}", status_code=204)
async def end_maintenance_window(
    access: CurrentAccess, actor: CurrentActor, window_id: Id, control: ControlPart
) -> None:
    """Ends one that is going on; removes one that has not begun or was not approved."""
    await control.tickets.maintenance.end(window_id, Handler(actor, access))


@router.get("/ticket-times")
async def list_ticket_times(access: CurrentAccess, control: ControlPart) -> AllTicketTimes:
    """By when faults are to be mended, in the areas whose tickets the caller sees."""
    seen = access.area_ids(Permission.TICKET_VIEW)
    times = await control.tickets.maintenance.times()
    settings: TicketSettings = control.settings.tickets
    return AllTicketTimes(
        items=[times[area.id] for area in access.rights.tree if area.id in times and area.id in seen],
        high_hours=settings.high_hours,
        medium_hours=settings.medium_hours,
        low_hours=settings.low_hours,
    )


@router.put("/ticket-times")
async def set_ticket_times(
    access: CurrentAccess, actor: CurrentActor, body: TicketTimes, control: ControlPart
) -> TicketTimes:
    """Sets the repair times of one area, for faults that are found from now on."""
    await control.tickets.maintenance.set_times(body, Handler(actor, access))
    return body


def _shown(window: MaintenanceWindow, user_id: str) -> MaintenanceShown:
    return MaintenanceShown(
        id=window.id,
        area_id=window.area_id,
        camera_ids=None if window.camera_ids is None else sorted(window.camera_ids),
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        reason=window.reason,
        asked_at=window.asked_at,
        asked_by=window.asked_by,
        asked_by_me=window.asked_by_id == user_id,
        approved_at=window.approved_at,
        approved_by=window.approved_by,
    )
