"""Files of alerts over the API."""

from pathlib import Path as FilePath
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel

from vms_api.accounts.access import CurrentAccess
from vms_api.alerts.attachment import ENDINGS, Attachment
from vms_api.alerts.attachment_desk import Upload
from vms_api.alerts.desk import Handler
from vms_api.audit.actor import CurrentActor
from vms_api.control import ControlPart

router = APIRouter()

Id = Annotated[str, Path(max_length=64)]
FileName = Annotated[str, Query(max_length=200)]

FILE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
FILE_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file", "content": {kind: {} for kind in ENDINGS}},
}
_SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


class Attachments(BaseModel):
    """The files of an alert or ticket, the oldest first."""

    items: list[Attachment]


@router.post("/alerts/{alert_id}/attachments", status_code=201, openapi_extra=FILE_BODY)
async def attach_file(
    access: CurrentAccess,
    actor: CurrentActor,
    alert_id: Id,
    request: Request,
    control: ControlPart,
    name: FileName = "",
) -> Attachment:
    """Puts a file to the alert: JPEG, PNG, WebP, PDF or text in UTF-8, at most 20 MB.

    The body is the file itself, `application/octet-stream`; what it is is read from its bytes.
    """
    return await control.attachments.attach(alert_id, upload_of(request, name), Handler(actor, access))


@router.get("/alerts/{alert_id}/attachments")
async def list_files(access: CurrentAccess, actor: CurrentActor, alert_id: Id, control: ControlPart) -> Attachments:
    """The files of the alert."""
    return Attachments(items=await control.attachments.list_files(alert_id, Handler(actor, access)))


@router.get("/attachments/{attachment_id}", response_class=FileResponse, responses=FILE_RESPONSES)
async def read_file(
    access: CurrentAccess, actor: CurrentActor, attachment_id: Id, control: ControlPart
) -> FileResponse:
    """The bytes as they came, to be saved and not to be opened by the browser. The look is recorded."""
    return as_download(*await control.attachments.read(attachment_id, Handler(actor, access)))


def upload_of(request: Request, name: str) -> Upload:
    """The body of a request as a file on its way in."""
    length = request.headers.get("content-length", "")
    return Upload(name, int(length) if length.isdecimal() else None, request.stream())


def as_download(found: Attachment, path: FilePath) -> FileResponse:
    """The file under its own name, to be saved whatever it is."""
    plain = f"attachment.{ENDINGS[found.media_type]}"
    headers = {
        # RFC 6266 clause 4.3: the plain name for who does not know the other.
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(found.name, safe='')}",
        "Content-Security-Policy": _SANDBOX,
        "Cache-Control": "private, no-store",
    }
    kind = "text/plain; charset=utf-8" if found.media_type == "text/plain" else found.media_type
    return FileResponse(path, media_type=kind, headers=headers)
