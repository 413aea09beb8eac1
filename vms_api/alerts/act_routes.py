"""The acts of people about an alert, from taking it on to closing it."""

from typing import Annotated

from fastapi import APIRouter, Path

from vms_api.accounts.access import CurrentAccess
from vms_api.alerts.alert import Alert
from vms_api.alerts.checklist import CheckIn
from vms_api.alerts.desk import Handler
from vms_api.alerts.handling import ActIn, AssignIn, JudgeIn, NoteIn
from vms_api.alerts.lifecycle import AlertAct
from vms_api.audit.actor import CurrentActor
from vms_api.control import ControlPart

router = APIRouter(prefix="/alerts/{alert_id}")

Id = Annotated[str, Path(max_length=64)]
Step = Annotated[int, Path(ge=0, le=4000)]


@router.post("/acknowledge")
async def acknowledge_alert(
    access: CurrentAccess, actor: CurrentActor, alert_id: Id, body: ActIn, control: ControlPart
) -> Alert:
    """Takes a new alert on: whoever is first has it in hand."""
    return await control.alerts.act(alert_id, AlertAct.ACKNOWLEDGE, body, Handler(actor, access))


@router.post("/assign")
async def assign_alert(
    access: CurrentAccess, actor: CurrentActor, alert_id: Id, body: AssignIn, control: ControlPart
) -> Alert:
    """Gives it to somebody who may handle alerts there."""
    return await control.alerts.act(alert_id, AlertAct.ASSIGN, body, Handler(actor, access))


@router.post("/progress")
async def progress_alert(
    access: CurrentAccess, actor: CurrentActor, alert_id: Id, body: ActIn, control: ControlPart
) -> Alert:
    """Says that the handling has begun."""
    return await control.alerts.act(alert_id, AlertAct.PROGRESS, body, Handler(actor, access))


@router.post("/resolve")
async def resolve_alert(
    access: CurrentAccess, actor: CurrentActor, alert_id: Id, body: JudgeIn, control: ControlPart
) -> Alert:
    """Reports that it is handled, and what it was."""
    return await control.alerts.act(alert_id, AlertAct.RESOLVE, body, Handler(actor, access))


@router.post("/close")
async def close_alert(
    access: CurrentAccess, actor: CurrentActor, alert_id: Id, body: JudgeIn, control: ControlPart
) -> Alert:
    """Closes it; somebody must have judged it by then."""
    return await control.alerts.act(alert_id, AlertAct.CLOSE, body, Handler(actor, access))


@router.post("/reopen")
async def reopen_alert(
    access: CurrentAccess, actor: CurrentActor, alert_id: Id, body: ActIn, control: ControlPart
) -> Alert:
    """Sends it back: the verdict falls, the owner stays."""
    return await control.alerts.act(alert_id, AlertAct.REOPEN, body, Handler(actor, access))


@router.post("/notes", status_code=201)
async def add_note(
    access: CurrentAccess, actor: CurrentActor, alert_id: Id, body: NoteIn, control: ControlPart
) -> Alert:
    """Writes something down with it."""
    return await control.alerts.note(alert_id, body.note, Handler(actor, access))


@router.put("/checklist/{step}")
async def check_step(
    access: CurrentAccess, actor: CurrentActor, alert_id: Id, step: Step, body: CheckIn, control: ControlPart
) -> Alert:
    """Ticks a step of the instructions off, counted from 0, or takes the tick back."""
    return await control.alerts.check(alert_id, step, Handler(actor, access), is_done=body.done)
