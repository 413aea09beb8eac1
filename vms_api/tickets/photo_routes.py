"""Photos and papers of repair tickets over the API."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import FileResponse

from vms_api.accounts.access import CurrentAccess
from vms_api.alerts.attachment import Attachment
from vms_api.alerts.attachment_routes import (
    FILE_BODY,
    FILE_RESPONSES,
    Attachments,
    FileName,
    as_download,
    upload_of,
)
from vms_api.alerts.desk import Handler
from vms_api.audit.actor import CurrentActor
from vms_api.control import ControlPart

router = APIRouter()

Id = Annotated[str, Path(max_length=64)]


@router.post("/tickets/{ticket_id}/photos", status_code=201, openapi_extra=FILE_BODY)
async def add_photo(
    access: CurrentAccess,
    actor: CurrentActor,
    ticket_id: Id,
    request: Request,
    control: ControlPart,
    name: FileName = "",
) -> Attachment:
    """Puts a file to the ticket, as to an alert: JPEG, PNG, WebP, PDF or text in UTF-8, at most 20 MB."""
    return await control.ticket_photos.attach(ticket_id, upload_of(request, name), Handler(actor, access))


@router.get("/tickets/{ticket_id}/photos")
async def list_photos(access: CurrentAccess, actor: CurrentActor, ticket_id: Id, control: ControlPart) -> Attachments:
    """The files of the ticket."""
    return Attachments(items=await control.ticket_photos.list_files(ticket_id, Handler(actor, access)))


@router.get("/ticket-photos/{photo_id}", response_class=FileResponse, responses=FILE_RESPONSES)
async def read_photo(access: CurrentAccess, actor: CurrentActor, photo_id: Id, control: ControlPart) -> FileResponse:
    """The bytes as they came, to be saved and not to be opened by the browser. The look is recorded."""
    return as_download(*await control.ticket_photos.read(photo_id, Handler(actor, access)))
