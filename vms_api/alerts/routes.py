"""Alerts over the API."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict

from vms_api.accounts.current_user import CurrentUser
from vms_api.alerts import store
from vms_api.alerts.alert import Alert
from vms_api.alerts.lifecycle import AlertState
from vms_api.alerts.store import AlertQuery
from vms_api.control import ControlPart
from vms_api.cursor import Cursor, Limit, Page, decode_cursor, encode_cursor
from vms_api.errors import NotFound

router = APIRouter()

Id = Annotated[str, Path(max_length=64)]
CameraFilter = Annotated[str | None, Query(max_length=64)]


class NothingIn(BaseModel):
    """An act that needs no particulars."""

    model_config = ConfigDict(extra="forbid")


@router.get("/alerts")
async def list_alerts(
    _: CurrentUser,
    control: ControlPart,
    state: AlertState | None = None,
    camera_id: CameraFilter = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Alert]:
    """The newest first."""
    before = decode_cursor(cursor, 1)[0] if cursor else None
    async with control.database.read() as connection:
        found = await store.list_alerts(connection, AlertQuery(state, camera_id, before, limit + 1))
    more = encode_cursor(found[limit - 1].id) if len(found) > limit else None
    return Page(items=list(found[:limit]), next_cursor=more)


@router.get("/alerts/{alert_id}")
async def read_alert(_: CurrentUser, alert_id: Id, control: ControlPart) -> Alert:
    """One alert."""
    async with control.database.read() as connection:
        alert = await store.find_alert(connection, alert_id)
    if alert is None:
        raise NotFound("no such alert")
    return alert


@router.get("/alerts/{alert_id}/evidence.jpg", response_class=Response)
async def read_evidence(_: CurrentUser, alert_id: Id, control: ControlPart) -> Response:
    """The picture of the moment; it never changes."""
    async with control.database.read() as connection:
        jpeg = await store.find_evidence(connection, alert_id)
    if jpeg is None:
        raise NotFound("no picture")
    return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=86400, immutable"})


@router.post("/alerts/{alert_id}/acknowledge")
async def acknowledge_alert(user: CurrentUser, alert_id: Id, _body: NothingIn, control: ControlPart) -> Alert:
    """Takes a new alert on."""
    return await control.alerts.acknowledge(alert_id, user)
