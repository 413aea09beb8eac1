"""Alerts over the API."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import AwareDatetime, BaseModel, Field

from vms_api.accounts.access import Access, CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.alerts import store
from vms_api.alerts.alert import Alert
from vms_api.alerts.handling import Verdict
from vms_api.alerts.history import HistoryEntry
from vms_api.alerts.lifecycle import AlertState
from vms_api.alerts.list_store import AlertQuery, find_alerts
from vms_api.audit.actor import CurrentActor
from vms_api.audit.entry import Actor, AuditEntry, AuditKind, Place
from vms_api.control import Control, ControlPart
from vms_api.cursor import Cursor, Limit, Page, decode_cursor, encode_cursor
from vms_api.errors import NotFound
from vms_api.problems import JPEG_RESPONSES

router = APIRouter()

Id = Annotated[str, Path(max_length=64)]
OneId = Annotated[str | None, Field(max_length=64)]


class Person(BaseModel):
    """Somebody who may handle an alert."""

    id: str
    username: str


class AlertFilter(BaseModel):
    """Which alerts are asked for. `state` may come several times; `owner=me`: those which the caller has in hand.

    `centre_id`: those for which that centre answers now; `overdue`: those whose time was missed, or was not.
    `folded`: of each incident only its first alert, with the count of those that followed; `incident_id`: all of one.
    `from` and `to`: raised in [from, to).
    """

    state: Annotated[list[AlertState], Field(max_length=len(AlertState))] = []
    owner: Literal["me"] | None = None
    camera_id: OneId = None
    rule_id: OneId = None
    incident_id: OneId = None
    centre_id: OneId = None
    overdue: bool | None = None
    area_id: OneId = None
    verdict: Verdict | None = None
    since: Annotated[AwareDatetime | None, Field(alias="from")] = None
    until: Annotated[AwareDatetime | None, Field(alias="to")] = None
    folded: bool = False
    cursor: Cursor = None
    limit: Limit = 50


@router.get("/alerts")
async def list_alerts(
    access: CurrentAccess, asked: Annotated[AlertFilter, Query()], control: ControlPart
) -> Page[Alert]:
    """The alerts that the caller sees, the newest first; of an area with those below it, or of all."""
    query = AlertQuery(
        area_ids=access.area_ids_below(Permission.ALERT_VIEW, asked.area_id),
        states=asked.state or None,
        owner_id=access.user.id if asked.owner else None,
        camera_id=asked.camera_id,
        centre_id=asked.centre_id,
        is_overdue=asked.overdue,
        rule_id=asked.rule_id,
        incident_id=asked.incident_id,
        verdict=asked.verdict,
        since=asked.since,
        until=asked.until,
        is_folded=asked.folded,
        before=decode_cursor(asked.cursor, 1)[0] if asked.cursor else None,
        limit=asked.limit + 1,
    )
    async with control.database.read() as connection:
        found = await find_alerts(connection, query)
    more = encode_cursor(found[asked.limit - 1].id) if len(found) > asked.limit else None
    return Page(items=list(found[: asked.limit]), next_cursor=more)


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
    return await _shown(alert, jpeg, actor, control)


@router.get("/alerts/{alert_id}/best.jpg", response_class=Response, responses=JPEG_RESPONSES)
async def read_best_view(access: CurrentAccess, actor: CurrentActor, alert_id: Id, control: ControlPart) -> Response:
    """The object as it was seen best, before or shortly after the moment; where there is such a picture."""
    alert = await _permitted(access, Permission.ALERT_VIEW, alert_id, control)
    async with control.database.read() as connection:
        jpeg = await store.find_best_view(connection, alert_id)
    return await _shown(alert, jpeg, actor, control)


@router.get("/alerts/{alert_id}/history")
async def read_history(access: CurrentAccess, alert_id: Id, control: ControlPart) -> list[HistoryEntry]:
    """What was done about it, the oldest first."""
    await _permitted(access, Permission.ALERT_VIEW, alert_id, control)
    async with control.database.read() as connection:
        return list(await store.list_history(connection, alert_id))


@router.get("/alerts/{alert_id}/handlers")
async def list_handlers(access: CurrentAccess, alert_id: Id, control: ControlPart) -> list[Person]:
    """To whom it can be given."""
    alert = await _permitted(access, Permission.ALERT_HANDLE, alert_id, control)
    return [Person(id=user_id, username=name) for user_id, name in control.alerts.handlers(alert.area_id).items()]


async def _permitted(access: Access, permission: Permission, alert_id: str, control: Control) -> Alert:
    """The alert, for who may do that with alerts of its area."""
    async with control.database.read() as connection:
        alert = await store.find_alert(connection, alert_id)
    if alert is None:
        raise NotFound("no such alert")
    access.require(permission, alert.area_id)
    return alert


async def _shown(alert: Alert, jpeg: bytes | None, actor: Actor, control: Control) -> Response:
    """A picture of the alert, and the row that says who saw it."""
    if jpeg is None:
        raise NotFound("no picture")
    place = Place(alert.area_id, alert.camera_id)
    await control.audit.record_alone(AuditEntry(AuditKind.EVIDENCE, actor, place, alert.id))
    return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "private, no-store"})
