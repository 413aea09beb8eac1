"""One act on many alerts over the API."""

from functools import partial

from fastapi import APIRouter, Request

from vms_api.accounts.access import CurrentAccess
from vms_api.alerts.bulk import BulkIn, BulkOut
from vms_api.alerts.bulk_desk import act_on_many
from vms_api.alerts.desk import Handler
from vms_api.audit.actor import CurrentActor
from vms_api.audit.refusal import record_refusal
from vms_api.control import ControlPart

router = APIRouter()


@router.post("/alerts/bulk")
async def act_on_alerts(
    access: CurrentAccess, actor: CurrentActor, body: BulkIn, request: Request, control: ControlPart
) -> BulkOut:
    """The act on each of at most 200 alerts. One that is refused leaves the others as they are done."""
    by, refused = Handler(actor, access), partial(record_refusal, request)
    return BulkOut(results=await act_on_many(control.alerts, body, by, refused))
