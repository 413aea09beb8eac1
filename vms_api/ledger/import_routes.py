"""Imports of ledgers over the API. An import belongs to who began it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Path, Query, Response

from vms_api.accounts.access import Access, CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.audit.actor import CurrentActor
from vms_api.control import ControlPart
from vms_api.cursor import Cursor, Limit, Page, decode_cursor, encode_cursor
from vms_api.errors import InvalidRequest
from vms_api.ledger.import_desk import ImportFile, page
from vms_api.ledger.ledger_import import Import, MappingIn
from vms_api.ledger.planned_row import ImportRow
from vms_api.ledger.table import MAX_BYTES

router = APIRouter()

Id = Annotated[str, Path(max_length=64)]
FileName = Annotated[str, Query(max_length=200)]
FileBody = Annotated[bytes, Body(media_type="application/octet-stream", max_length=MAX_BYTES)]
RowFilter = Literal["add", "update", "same", "skip", "error", "failed"]


@router.post("/cameras/imports", status_code=201)
async def begin_import(
    access: CurrentAccess,
    actor: CurrentActor,
    data: FileBody,
    response: Response,
    control: ControlPart,
    file_name: FileName = "",
) -> Import:
    """Reads a CSV or XLSX file and plans its import. The body is the file itself, `application/octet-stream`.

    Nothing is written. The plan is there for an hour, for the person who made it.
    """
    _require_manager(access)
    opened = await control.ledger.imports.begin(ImportFile(file_name, data), access, actor)
    response.headers["Location"] = f"/api/v1/cameras/imports/{opened.id}"
    return opened.shown()


@router.get("/cameras/imports/{import_id}")
async def read_import(access: CurrentAccess, import_id: Id, control: ControlPart) -> Import:
    """How an import stands."""
    return control.ledger.imports.find(import_id, access.user.id).shown()


@router.put("/cameras/imports/{import_id}/mapping")
async def map_import(access: CurrentAccess, import_id: Id, body: MappingIn, control: ControlPart) -> Import:
    """Plans again with other columns. At the commit the mapping is remembered for tables with the same titles."""
    opened = control.ledger.imports.find(import_id, access.user.id)
    await control.ledger.imports.map(opened, body)
    return opened.shown()


@router.get("/cameras/imports/{import_id}/rows")
async def list_import_rows(
    access: CurrentAccess,
    import_id: Id,
    control: ControlPart,
    action: RowFilter | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[ImportRow]:
    """The rows in the order of the file, with what will be done or what is wrong at which cell."""
    opened = control.ledger.imports.find(import_id, access.user.id)
    after = _row_number(decode_cursor(cursor, 1)[0]) if cursor else 0
    rows, last = page(opened.rows, action, after, limit)
    more = encode_cursor(str(last)) if last is not None else None
    return Page(items=[row.as_shown() for row in rows], next_cursor=more)


@router.post("/cameras/imports/{import_id}/commit", status_code=202)
async def commit_import(access: CurrentAccess, import_id: Id, control: ControlPart) -> Import:
    """Begins to write the rows that add or change something. It goes on by itself; others write in between."""
    opened = control.ledger.imports.find(import_id, access.user.id)
    await control.ledger.imports.commit(opened)
    return opened.shown()


@router.delete("/cameras/imports/{import_id}", status_code=204)
async def cancel_import(access: CurrentAccess, import_id: Id, control: ControlPart) -> None:
    """Gives an import up. One that is being written ends after its batch; what was written stays."""
    control.ledger.imports.cancel(control.ledger.imports.find(import_id, access.user.id))


def _require_manager(access: Access) -> None:
    """Lets pass who manages cameras somewhere; each row is judged by its own area.

    Raises:
        NotAllowed: the caller manages cameras nowhere.

    """
    if not access.allows_somewhere(Permission.CAMERA_MANAGE):
        access.require_site(Permission.CAMERA_MANAGE)


def _row_number(text: str) -> int:
    if not text.isdecimal():
        raise InvalidRequest.field("cursor", "cursor-invalid", "not a cursor of this list")
    return int(text)
