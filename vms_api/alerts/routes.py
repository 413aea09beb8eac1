"""Alerts over the API."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict

from vms_api.accounts.access import Access, CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.alerts import store
from vms_api.alerts.alert import Alert
from vms_api.alerts.lifecycle import AlertState
from vms_api.alerts.store import AlertQuery
from vms_api.audit.actor import CurrentActor
from vms_api.audit.entry import AuditEntry, AuditKind, Place
from vms_api.control import Control, ControlPart
from vms_api.cursor import Cursor, Limit, Page, decode_cursor, encode_cursor
from vms_api.errors import NotFound
from vms_api.problems import JPEG_RESPONSES

router = APIRouter()

Id = Annotated[str, Path(max_length=64)]
IdFilter = Annotated[str | None, Query(max_length=64)]


class NothingIn(BaseModel):
    """An act that needs no particulars."""

    model_config = ConfigDict(extra="forbid")


@router.get("/alerts")
async def list_alerts(
    access: CurrentAccess,
    control: ControlPart,
    state: AlertState | None = None,
    camera_id: IdFilter = None,
    area_id: IdFilter = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Alert]:
    """The alerts that the caller sees, the newest first; of an area with those below it, or of all."""
    before = decode_cursor(cursor, 1)[0] if cursor else None
    area_ids = access.area_ids_below(Permission.ALERT_VIEW, area_id)
    async with control.database.read() as connection:
        found = await store.list_alerts(connection, AlertQuery(area_ids, state, camera_id, before, limit + 1))
    more = encode_cursor(found[limit - 1].id) if len(found) > limit else None
    return Page(items=list(found[:limit]), next_cursor=more)


@router.get("/alerts/{alert_id}")
async def read_alert(access: CurrentAccess, alert_id: Id, control: ControlPart) -> Alert:
    """One alert."""
    return await _permitted(access, Permission.ALERT_VIEW, alert_id, control)


@router.get("/alerts/{alert_id}/evidence.jpg", response_class=Response, responses=JPEG_RESPONSES)
async def read_evidence(access: CurrentAccess, actor: CurrentActor, alert_id: Id, control: ControlPart) -> Response:
    """The picture of the moment; it never changes."""
    alert = await _permitted(access, Permission.ALERT_VIEW, alert_id, control)
    async with control.database.read() as connection:
        jpeg = await store.find_evidence(connection, alert_id)
    if jpeg is None:
        raise NotFound("no picture")
    place = Place(alert.area_id, alert.camera_id)
    await control.audit.record_alone(AuditEntry(AuditKind.EVIDENCE, actor, place, alert_id))
    return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "private, no-store"})


@router.post("/alerts/{alert_id}/acknowledge")
async def acknowledge_alert(
    access: CurrentAccess, actor: CurrentActor, alert_id: Id, _body: NothingIn, control: ControlPart
) -> Alert:
    """Takes a new alert on."""
    await _permitted(access, Permission.ALERT_HANDLE, alert_id, control)
    return await control.alerts.acknowledge(alert_id, actor)


async def _permitted(access: Access, permission: Permission, alert_id: str, control: Control) -> Alert:
    """The alert, for who may do that with alerts of its area."""
    async with control.database.read() as connection:
        alert = await store.find_alert(connection, alert_id)
    if alert is None:
        raise NotFound("no such alert")
    access.require(permission, alert.area_id)
    return alert
