"""Pictures of a camera: snapshots, and live views over WHEP (draft-ietf-wish-whep). Media goes node to browser."""

from contextlib import suppress
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request, Response

from vms_api.accounts.access import CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.audit.actor import CurrentActor
from vms_api.audit.entry import AuditEntry, AuditKind, Place
from vms_api.audit.look_store import OpenLook
from vms_api.control import ControlPart
from vms_api.errors import ContentTypeRequired, EntityTagWrong, NodeProblem, NodeUnavailable
from vms_api.nodes.view_board import OpenView
from vms_api.nodes.whep_cors import FRAGMENT, SDP
from vms_api.problems import JPEG_RESPONSES
from vms_api.purposes.settings import Occasion

router = APIRouter()

Stream = Literal["main", "sub"]
Id = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9-]+$")]
ViewId = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
"""Both become part of a path on the node, so nothing but plain letters is let through."""

_ANSWER: dict[int | str, dict[str, Any]] = {201: {"description": "The view is open", "content": {SDP: {}}}}


@router.get("/cameras/{camera_id}/snapshot.jpg", response_class=Response, responses=JPEG_RESPONSES)
async def read_snapshot(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, control: ControlPart, stream: Stream = "main"
) -> Response:
    """The latest picture."""
    place = Place(access.require_camera(Permission.SNAPSHOT_VIEW, camera_id), camera_id)
    purpose = await control.purposes.go_by(Occasion.OTHER_AREA, actor, place)
    snapshot = await control.node_client.snapshot(camera_id, stream)
    entry = AuditEntry(AuditKind.SNAPSHOT, actor, place, purpose=purpose, detail={"stream": stream})
    await control.audit.record_alone(entry)
    headers = {"Cache-Control": "no-store"} | ({"X-Captured-At": snapshot.captured_at} if snapshot.captured_at else {})
    return Response(snapshot.jpeg, media_type="image/jpeg", headers=headers)


@router.post("/cameras/{camera_id}/whep", status_code=201, response_class=Response, responses=_ANSWER)
async def open_view(
    access: CurrentAccess,
    actor: CurrentActor,
    camera_id: Id,
    request: Request,
    control: ControlPart,
    stream: Stream = "main",
    *,
    unmasked: bool = False,
) -> Response:
    """Opens a live view: the body is an SDP offer, the answer an SDP answer. It ends with the right to it.

    `unmasked` shows the camera without its privacy masks, to somebody whose request a second person has approved, and
    ends when the approved time is over.
    """
    _check_type(request, SDP)
    permission = Permission.UNMASKED_VIEW if unmasked else Permission.LIVE_VIEW
    place = Place(access.require_camera(permission, camera_id), camera_id)
    offer = await request.body()
    grant = await control.unmasks.grant(camera_id, access.user) if unmasked else None
    purpose = grant.purpose if grant else await control.purposes.go_by(Occasion.OTHER_AREA, actor, place)
    epoch = control.node.epoch
    opened = await control.node_client.open_view(camera_id, stream, offer, grant.seconds_left if grant else None)
    record = OpenLook(opened.view, actor, place, purpose, control.clock.now())
    try:
        await control.journal.opened(record, stream, unmasked=unmasked)
    except BaseException:
        with suppress(NodeUnavailable, NodeProblem):
            await control.node_client.close_view(opened.view)  # nobody looks without a record of it
        raise
    control.views.add(OpenView(opened.view, camera_id, access.caller, epoch, permission))
    headers = {"Location": f"/api/v1/cameras/{camera_id}/whep/{opened.view}", "ETag": _entity_tag(opened.view)}
    answer = Response(opened.sdp, 201, headers | {"Accept-Patch": FRAGMENT}, media_type=SDP)
    for server in control.settings.live.ice_servers:
        answer.headers.append("Link", server.link)
    return answer


@router.patch("/cameras/{camera_id}/whep/{view}", status_code=204, response_class=Response)
async def trickle(
    access: CurrentAccess, camera_id: Id, view: ViewId, request: Request, control: ControlPart
) -> Response:
    """Adds ICE candidates to a live view of one's own.

    Clients leave If-Match out, or send "*" with unchanged credentials; only a wrong tag is refused.
    """
    _check_type(request, FRAGMENT)
    control.views.own(view, camera_id, access.caller)
    if request.headers.get("if-match", "*") not in ("*", '"*"', _entity_tag(view)):
        raise EntityTagWrong("the view has another entity tag")
    await control.node_client.trickle(view, await request.body())
    return Response(status_code=204)


@router.delete("/cameras/{camera_id}/whep/{view}", status_code=204, response_class=Response)
async def close_view(access: CurrentAccess, camera_id: Id, view: ViewId, control: ControlPart) -> Response:
    """Ends a live view of one's own."""
    own = control.views.own(view, camera_id, access.caller)
    with suppress(NodeUnavailable):  # the view went with its node
        await control.node_client.close_view(view)
    await control.views.drop(own, "closed")
    return Response(status_code=204)


def _entity_tag(view: str) -> str:
    return f'"{view}"'


def _check_type(request: Request, wanted: str) -> None:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != wanted:
        raise ContentTypeRequired(f"the body must be {wanted}")
