"""The recording about an alert as one small MP4 file, under the same rights, purpose and masks as a playback."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from vms_api.accounts.access import CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.alerts.store import find_alert
from vms_api.audit.actor import CurrentActor
from vms_api.audit.entry import AuditEntry, AuditKind
from vms_api.control import ControlPart
from vms_api.errors import NotFound
from vms_api.playback.clip import ClipRange
from vms_api.playback.routes import viewing_of

router = APIRouter()

Id = Annotated[str, Path(max_length=64)]

BEFORE, AFTER = timedelta(seconds=5), timedelta(seconds=10)
_RESPONSES: dict[int | str, dict[str, Any]] = {200: {"description": "A film", "content": {"video/mp4": {}}}}


@router.get("/alerts/{alert_id}/clip.mp4", response_class=Response, responses=_RESPONSES)
async def read_clip(access: CurrentAccess, actor: CurrentActor, alert_id: Id, control: ControlPart) -> Response:
    """Five seconds before the alert's picture to ten after it, as far as they are recorded.

    `X-Shown-From` and `X-Shown-To` say which part of them it is: the camera may have been away, and an alert of this
    moment has no ten seconds after it yet.
    """
    async with control.database.read() as connection:
        alert = await find_alert(connection, alert_id)
    if alert is None:
        raise NotFound("no such alert")
    access.require(Permission.ALERT_VIEW, alert.area_id)
    viewing = await viewing_of(access, actor, alert.camera_id, control)
    at = alert.frame_received_at
    clip = await control.playback.clip(viewing, ClipRange(at, at - BEFORE, at + AFTER))
    shown = {"from": clip.shown_from, "to": clip.shown_to}
    entry = AuditEntry(AuditKind.CLIP, actor, viewing.place, alert_id, purpose=viewing.purpose, detail=shown)
    await control.audit.record_alone(entry)
    headers = {"X-Shown-From": clip.shown_from, "X-Shown-To": clip.shown_to, "Cache-Control": "private, no-store"}
    return Response(clip.data, media_type="video/mp4", headers=headers)
