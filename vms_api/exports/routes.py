"""Exports over the API: ask, decide, fetch once."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from vms_api.accounts.access import Access, CurrentAccess
from vms_api.accounts.errors import Hidden, NotAllowed
from vms_api.accounts.permission import Permission
from vms_api.audit.actor import CurrentActor
from vms_api.audit.entry import Place
from vms_api.control import Control, ControlPart
from vms_api.cursor import Cursor, Limit, Page, decode_cursor, encode_cursor
from vms_api.errors import InvalidRequest
from vms_api.exports import store
from vms_api.exports.contents import read_contents
from vms_api.exports.desk import TICKET_S, Request
from vms_api.exports.errors import ExportTicketWrong, NothingRecorded
from vms_api.exports.export import Export, ExportIn
from vms_api.exports.lifecycle import ExportAct, ExportState
from vms_api.exports.missing import foreseen
from vms_api.exports.store import ExportRow
from vms_api.nothing_in import NothingIn
from vms_api.purposes.settings import Occasion

router = APIRouter()

Id = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9-]+$")]
Ticket = Annotated[str, Query(max_length=100)]

_ZIP = "application/zip"


class TicketOut(BaseModel):
    """A ticket for one download, and where it is used."""

    ticket: str
    url: str
    expires_in_s: float


@router.post("/exports", status_code=201)
async def ask_for_export(access: CurrentAccess, actor: CurrentActor, body: ExportIn, control: ControlPart) -> Export:
    """Asks for an export; somebody else has to approve it. What will be missing is said at once."""
    places = [Place(access.require_camera(Permission.EXPORT_REQUEST, id_), id_) for id_ in body.camera_ids]
    control.exports.check_length(body)
    if body.end > control.clock.now():
        raise InvalidRequest.field("to", "in-the-future", "the future is not recorded yet")
    purposes = [await control.purposes.go_by(Occasion.EXPORT, actor, place) for place in places]
    row = control.exports.draft(Request(body, places, purposes[0]), access.user)
    being_written = await control.export_builder.being_written(row)
    async with control.database.read() as connection:
        contents = await read_contents(connection, row, control.rights, being_written)
    if not any(camera.files or camera.opened for camera in contents):
        raise NothingRecorded
    row.export.missing = [span for camera in contents for span in foreseen(camera.entry.id, camera.spans)]
    return await control.exports.ask(row, actor)


@router.get("/exports")
async def list_exports(
    access: CurrentAccess, control: ControlPart, cursor: Cursor = None, limit: Limit = 50
) -> Page[Export]:
    """One's own exports, and those that one may decide about; newest first."""
    before = decode_cursor(cursor, 1)[0] if cursor else None
    area_ids = access.area_ids(Permission.EXPORT_APPROVE)
    async with control.database.read() as connection:
        found = await store.list_visible(connection, access.user.id, area_ids, before, limit + 1)
    more = encode_cursor(found[limit - 1].export.id) if len(found) > limit else None
    return Page(items=[_shown(row, control) for row in found[:limit]], next_cursor=more)


@router.get("/exports/{export_id}")
async def read_export(access: CurrentAccess, export_id: Id, control: ControlPart) -> Export:
    """One export, with its progress while it is being built."""
    row = await control.exports.find(export_id)
    if row.requested_by_id != access.user.id:
        _require_all(access, Permission.EXPORT_APPROVE, row)
    return _shown(row, control)


@router.post("/exports/{export_id}/approve")
async def approve_export(
    access: CurrentAccess, actor: CurrentActor, export_id: Id, _body: NothingIn, control: ControlPart
) -> Export:
    """Lets out what somebody else has asked for; it is built at once."""
    _require_all(access, Permission.EXPORT_APPROVE, await control.exports.find(export_id))
    export = await control.exports.decide(export_id, ExportAct.APPROVE, access.user, actor)
    control.export_builder.wake()
    return export


@router.post("/exports/{export_id}/reject")
async def reject_export(
    access: CurrentAccess, actor: CurrentActor, export_id: Id, _body: NothingIn, control: ControlPart
) -> Export:
    """Refuses what somebody else has asked for."""
    _require_all(access, Permission.EXPORT_APPROVE, await control.exports.find(export_id))
    return await control.exports.decide(export_id, ExportAct.REJECT, access.user, actor)


@router.post("/exports/{export_id}/download-ticket", status_code=201)
async def issue_ticket(access: CurrentAccess, export_id: Id, _body: NothingIn, control: ControlPart) -> TicketOut:
    """A ticket for one download within a minute, for who asked for the export and still may."""
    row = await _own(access, export_id, control)
    ticket = control.exports.issue_ticket(row, access.user)
    url = f"/api/v1/exports/{export_id}/package?ticket={ticket}"
    return TicketOut(ticket=ticket, url=url, expires_in_s=TICKET_S)


@router.get(
    "/exports/{export_id}/package",
    response_class=Response,
    responses={200: {"description": "An evidence package", "content": {_ZIP: {}}}},
)
async def download_package(
    access: CurrentAccess, actor: CurrentActor, export_id: Id, ticket: Ticket, control: ControlPart
) -> Response:
    """The package, once. A download that broke off may be begun again with a new ticket; a whole one is the last."""
    row = await _own(access, export_id, control)
    await control.exports.hand_out(row, ticket, access.user, actor)
    async with AsyncExitStack() as stack:
        answer = await stack.enter_async_context(control.export_builder.package(export_id))
        opened = stack.pop_all()
    size = answer.headers["Content-Length"]

    async def sent() -> AsyncIterator[bytes]:
        async with opened:
            async for chunk in answer.aiter_bytes():
                yield chunk
        await control.exports.downloaded(export_id)
        await control.export_builder.drop(export_id)

    headers = {"Content-Length": size, "Content-Disposition": f'attachment; filename="xueliang-{export_id}.zip"'}
    return StreamingResponse(sent(), media_type=_ZIP, headers=headers)


def _shown(row: ExportRow, control: Control) -> Export:
    if row.export.state is not ExportState.BUILDING:
        return row.export.model_copy(update={"waits_for_recording": control.export_builder.is_waiting(row.export.id)})
    return row.export.model_copy(update={"progress": control.export_builder.progress(row.export.id) or 0.0})


def _require_all(access: Access, permission: Permission, row: ExportRow) -> None:
    """Lets pass who may do it in the areas of all its cameras.

    Raises:
        NotFound: the caller sees none of them.
        NotAllowed: the caller sees some, but may not in all.

    """
    areas = list(dict.fromkeys(row.area_ids))
    refused = [area_id for area_id in areas if not access.allows(permission, area_id)]
    if not refused:
        return
    if not any(access.sees(area_id) for area_id in areas):
        raise Hidden("no such export")
    raise NotAllowed(permission, access.rights.who_can_grant(refused[0]))


async def _own(access: Access, export_id: str, control: Control) -> ExportRow:
    """The caller's own export, for as long as the caller may export from its cameras.

    Raises:
        NotFound: there is none that the caller sees.
        NotAllowed: the right has ended.
        ExportTicketWrong: it is somebody else's.

    """
    row = await control.exports.find(export_id)
    _require_all(access, Permission.EXPORT_REQUEST, row)
    if row.requested_by_id != access.user.id:
        raise ExportTicketWrong("only who asked for it can fetch it")
    return row
