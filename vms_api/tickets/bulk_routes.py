"""One act on many tickets over the API."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from vms_api.accounts.access import CurrentAccess
from vms_api.alerts.desk import Handler
from vms_api.audit.actor import CurrentActor
from vms_api.audit.refusal import record_refusal
from vms_api.control import ControlPart
from vms_api.tickets.bulk import MOST, TicketBulkIn, TicketBulkOut
from vms_api.tickets.bulk_desk import act_on_many_tickets
from vms_api.tickets.handling import SomeId
from vms_api.tickets.routes import Assignees, assignees_of

router = APIRouter()


class AssigneesFilter(BaseModel):
    """The areas of the tickets that are to be given away together."""

    area_id: Annotated[list[SomeId], Field(min_length=1, max_length=MOST)]


@router.post("/tickets/bulk")
async def act_on_tickets(
    access: CurrentAccess, actor: CurrentActor, body: TicketBulkIn, request: Request, control: ControlPart
) -> TicketBulkOut:
    """The act on each of at most 200 tickets. One that is refused leaves the others as they are done."""
    by, refused = Handler(actor, access), partial(record_refusal, request)
    return TicketBulkOut(results=await act_on_many_tickets(control.tickets.desk, body.root, by, refused))


@router.get("/ticket-assignees")
async def list_assignees_of_areas(
    access: CurrentAccess, asked: Annotated[AssigneesFilter, Query()], control: ControlPart
) -> Assignees:
    """To whom tickets of all these areas can be given."""
    return await assignees_of(access, list(dict.fromkeys(asked.area_id)), control)
