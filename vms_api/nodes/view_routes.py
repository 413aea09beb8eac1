"""Pictures of a camera: snapshots, and live views over WHEP (draft-ietf-wish-whep). Media goes node to browser."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Request, Response

from vms_api.accounts.access import CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.audit.actor import CurrentActor
from vms_api.audit.entry import AuditEntry, AuditKind, Place
from vms_api.control import ControlPart
from vms_api.errors import ContentTypeRequired, EntityTagWrong, NodeUnavailable
from vms_api.live.ice_servers import told_to
from vms_api.live.settings import OFFER_VALID_S
from vms_api.nodes.client import NodeView, SignalBody
from vms_api.nodes.reached_at import reached_at
from vms_api.nodes.view_board import OpenView
from vms_api.nodes.view_opening import opening
from vms_api.nodes.whep_cors import FRAGMENT, SDP
from vms_api.problems import JPEG_RESPONSES
from vms_api.purposes.settings import Occasion

router = APIRouter()

Stream = Literal["main", "sub"]
Id = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9-]+$")]
ViewId = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
"""Both become part of a path on the node, so nothing but plain letters is let through."""


@dataclass(frozen=True, slots=True)
class ViewWish:
    """What is to be opened, as the address says.

    `unmasked` shows the camera without its privacy masks, to somebody whose request a second person has approved, and
    ends when the approved time is over. With `audio` the camera is heard as well, which takes a right of its own.
    """

    stream: Stream = "main"
    unmasked: bool = False
    audio: bool = False


_ANSWER: dict[int | str, dict[str, Any]] = {
    201: {"description": "The view is open", "content": {SDP: {}}},
    406: {"description": "The offer asks for no video; an offer of ours, to be answered", "content": {SDP: {}}},
}
_RESTARTED: dict[int | str, dict[str, Any]] = {
    200: {"description": "ICE begins anew, with these credentials and candidates", "content": {FRAGMENT: {}}}
}


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
    wish: Annotated[ViewWish, Depends()],
) -> Response:
    """Opens a live view: the body is an SDP offer, the answer an SDP answer. It ends with the rights to it."""
    _check_type(request, SDP)
    begun = await opening(control, access, actor, camera_id, unmasked=wish.unmasked, hears=wish.audio)
    offer = await _signal_body(request)
    opened = await control.node_client.open_view(camera_id, wish.stream, offer, begun.seconds, audio=wish.audio)
    return _opened(opened, await begun.kept(control, opened.view, wish.stream), control)


def _opened(opened: NodeView, view: OpenView, control: ControlPart) -> Response:
    """201 with the answer, or 406 with an offer that the player may answer for so long."""
    headers = {"Location": f"/api/v1/cameras/{view.camera_id}/whep/{view.id}", "ETag": view.entity_tag}
    media_type = SDP
    if opened.is_offer:
        until = control.clock.now() + timedelta(seconds=OFFER_VALID_S)
        media_type = f'{SDP}; valid-until="{format_datetime(until, usegmt=True)}"'
    patch = f"{FRAGMENT}, {SDP}" if opened.is_offer else FRAGMENT
    status = 406 if opened.is_offer else 201
    answer = Response(opened.sdp, status, headers | {"Accept-Patch": patch}, media_type=media_type)
    for server in told_to(view.caller.user.id, control.settings.live.ice_servers, control.clock.now()):
        answer.headers.append("Link", server.link)
    return answer


@router.patch("/cameras/{camera_id}/whep/{view}", status_code=204, response_class=Response, responses=_RESTARTED)
async def change_view(
    access: CurrentAccess, camera_id: Id, view: ViewId, request: Request, control: ControlPart
) -> Response:
    """Adds ICE candidates to a live view of one's own, or begins its ICE session anew: 200, with a fragment of ours.

    Clients leave If-Match out, or send "*" with unchanged credentials; only a wrong tag is refused. An SDP body
    answers an offer that was made with a 406.
    """
    own = control.views.own(view, camera_id, access.caller)
    if _type_of(request) == SDP:
        await control.node_client.answer_offer(view, await request.body())
        return Response(status_code=204)
    _check_type(request, FRAGMENT)
    if request.headers.get("if-match", "*") not in ("*", '"*"', own.entity_tag):
        raise EntityTagWrong("the view has another entity tag")
    fragment = await control.node_client.trickle(view, await _signal_body(request))
    if fragment is None:
        return Response(status_code=204)
    tag = control.views.restarted(own).entity_tag
    return Response(fragment, 200, {"ETag": tag}, media_type=FRAGMENT)


@router.delete("/cameras/{camera_id}/whep/{view}", status_code=204, response_class=Response)
async def close_view(access: CurrentAccess, camera_id: Id, view: ViewId, control: ControlPart) -> Response:
    """Ends a live view of one's own."""
    own = control.views.own(view, camera_id, access.caller)
    with suppress(NodeUnavailable):  # the view went with its node
        await control.node_client.close_view(view)
    await control.views.drop(own, "closed")
    return Response(status_code=204)


async def _signal_body(request: Request) -> SignalBody:
    return SignalBody(await request.body(), reached_at(request))


def _type_of(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _check_type(request: Request, wanted: str) -> None:
    if _type_of(request) != wanted:
        raise ContentTypeRequired(f"the body must be {wanted}")
