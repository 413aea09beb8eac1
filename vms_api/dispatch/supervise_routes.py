"""The acts of dispatchers between the centres."""

from typing import Annotated

from fastapi import APIRouter, Path

from vms_api.accounts.access import CurrentAccess
from vms_api.alerts.alert import Alert
from vms_api.alerts.desk import Handler
from vms_api.alerts.handling import ActIn
from vms_api.audit.actor import CurrentActor
from vms_api.control import ControlPart
from vms_api.dispatch.supervising import SuperviseAct, UrgeIn

router = APIRouter(prefix="/alerts/{alert_id}")

Id = Annotated[str, Path(max_length=64)]


@router.post("/escalate")
async def escalate_alert(
    access: CurrentAccess, actor: CurrentActor, alert_id: Id, body: ActIn, control: ControlPart
) -> Alert:
    """Passes it up to the next centre."""
    return await control.dispatch.supervision.act(alert_id, SuperviseAct.ESCALATE, body, Handler(actor, access))


@router.post("/urge")
async def urge_alert(
    access: CurrentAccess, actor: CurrentActor, alert_id: Id, body: UrgeIn, control: ControlPart
) -> Alert:
    """Urges the centre that answers; with a time, by when it is to be handled."""
    return await control.dispatch.supervision.act(alert_id, SuperviseAct.URGE, body, Handler(actor, access))


@router.post("/take-over")
async def take_over_alert(
    access: CurrentAccess, actor: CurrentActor, alert_id: Id, body: ActIn, control: ControlPart
) -> Alert:
    """Takes it from the centre below, into the caller's hand and centre."""
    return await control.dispatch.supervision.act(alert_id, SuperviseAct.TAKE_OVER, body, Handler(actor, access))


@router.post("/send-back")
async def send_back_alert(
    access: CurrentAccess, actor: CurrentActor, alert_id: Id, body: ActIn, control: ControlPart
) -> Alert:
    """Gives it back to the centre below, where it is new again."""
    return await control.dispatch.supervision.act(alert_id, SuperviseAct.SEND_BACK, body, Handler(actor, access))
