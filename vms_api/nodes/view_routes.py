"""Pictures of a camera: snapshots, and live views over WHEP (draft-ietf-wish-whep). Media goes node to browser."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request, Response

from vms_api.accounts.current_user import CurrentUser
from vms_api.cameras.registry import existing_camera
from vms_api.control import Control, ControlPart
from vms_api.errors import ContentTypeRequired, NodeUnavailable

router = APIRouter()

Stream = Literal["main", "sub"]
Id = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9-]+$")]
ViewId = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
"""Both become part of a path on the node, so nothing but plain letters is let through."""

_SDP = "application/sdp"
_FRAGMENT = "application/trickle-ice-sdpfrag"


@router.get("/cameras/{camera_id}/snapshot.jpg", response_class=Response)
async def read_snapshot(_: CurrentUser, camera_id: Id, control: ControlPart, stream: Stream = "main") -> Response:
    """The latest picture."""
    await _check_camera(control, camera_id)
    snapshot = await control.node_client.snapshot(camera_id, stream)
    headers = {"Cache-Control": "no-store"} | ({"X-Captured-At": snapshot.captured_at} if snapshot.captured_at else {})
    return Response(snapshot.jpeg, media_type="image/jpeg", headers=headers)


@router.post("/cameras/{camera_id}/whep", status_code=201, response_class=Response)
async def open_view(
    _: CurrentUser, camera_id: Id, request: Request, control: ControlPart, stream: Stream = "main"
) -> Response:
    """Opens a live view: the body is an SDP offer, the answer an SDP answer."""
    _check_type(request, _SDP)
    await _check_camera(control, camera_id)
    opened = await control.node_client.open_view(camera_id, stream, await request.body())
    headers = {"Location": f"/api/v1/cameras/{camera_id}/whep/{opened.view}", "ETag": f'"{opened.view}"'}
    return Response(opened.sdp, 201, headers, media_type=_SDP)


@router.patch("/cameras/{camera_id}/whep/{view}", status_code=204, response_class=Response)
async def trickle(_: CurrentUser, camera_id: Id, view: ViewId, request: Request, control: ControlPart) -> Response:
    """Adds ICE candidates to a live view."""
    _check_type(request, _FRAGMENT)
    await _check_camera(control, camera_id)
    await control.node_client.trickle(view, await request.body())
    return Response(status_code=204)


@router.delete("/cameras/{camera_id}/whep/{view}", status_code=204, response_class=Response)
async def close_view(_: CurrentUser, camera_id: Id, view: ViewId, control: ControlPart) -> Response:
    """Ends a live view."""
    await _check_camera(control, camera_id)
    try:
        await control.node_client.close_view(view)
    except NodeUnavailable:
        return Response(status_code=204)  # the view went with its node
    return Response(status_code=204)


async def _check_camera(control: Control, camera_id: str) -> None:
    async with control.database.read() as connection:
        await existing_camera(connection, camera_id)


def _check_type(request: Request, wanted: str) -> None:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != wanted:
        raise ContentTypeRequired(f"the body must be {wanted}")
