"""Live views by fragments, for browsers that WebRTC does not reach or does not serve.

A view is asked for like any other (rights, purpose, refusals in words) and has an address of its own. That address is
its ticket: unguessable, taken once, and void when nobody comes for it within seconds. So the socket, of which a browser
tells its page nothing but that it is closed, has nothing left to refuse.
"""

from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Body, WebSocket
from pydantic import BaseModel, ConfigDict, Field

from vms_api.accounts.access import CurrentAccess
from vms_api.audit.actor import CurrentActor
from vms_api.control import Control, ControlPart
from vms_api.errors import NodeProblem, NodeUnavailable
from vms_api.nodes.media_relay import relay
from vms_api.nodes.view_opening import opening
from vms_api.nodes.view_routes import Id, Stream, ViewId

router = APIRouter()


class LiveIn(BaseModel):
    """What the player can do."""

    model_config = ConfigDict(extra="forbid")

    h265: bool = Field(default=False, description="It plays H.265 in fragmented MP4.")
    tracks: bool = Field(default=False, description="It draws the boxes of analysed objects.")


class LiveOut(BaseModel):
    """A view that was opened; its socket at `address` has to be opened within 15 seconds."""

    view: str
    address: str = Field(description="A path of this server, or the whole address on the node that has the camera.")
    rung: str = Field(description="How pictures come: passed, masked, sub (the other stream) or encoded.")
    stream: str = Field(description="The stream that is shown, main or sub.")
    reason: str | None = Field(description="Why not as the camera sends them: masks, or the codec that is not played.")


_ANSWERS: dict[int | str, dict[str, Any]] = {201: {"description": "The view is open", "content": {"video/mp4": {}}}}


@router.post("/cameras/{camera_id}/live", status_code=201, responses=_ANSWERS)
async def open_live(
    access: CurrentAccess,
    actor: CurrentActor,
    camera_id: Id,
    control: ControlPart,
    stream: Stream = "main",
    wish: Annotated[LiveIn | None, Body()] = None,
    *,
    unmasked: bool = False,
) -> LiveOut:
    """Opens a live view by fragmented MP4 over a WebSocket. It ends with the right to it, as views by WHEP do."""
    begun = await opening(control, access, actor, camera_id, unmasked=unmasked)
    can = (wish or LiveIn()).model_dump()
    opened = await control.node_client.open_mse(camera_id, stream, can, begun.seconds)
    await begun.kept(control, opened.view, opened.stream)
    media = control.settings.live.media_origin
    return LiveOut(
        view=opened.view,
        address=f"{media}/live/{opened.view}" if media else f"/api/v1/cameras/{camera_id}/live/{opened.view}",
        rung=opened.rung,
        stream=opened.stream,
        reason=opened.reason,
    )


@router.delete("/cameras/{camera_id}/live/{view}", status_code=204)
async def close_live(access: CurrentAccess, camera_id: Id, view: ViewId, control: ControlPart) -> None:
    """Ends a live view of one's own; closing its socket does the same."""
    own = control.views.own(view, camera_id, access.caller)
    with suppress(NodeUnavailable, NodeProblem):  # the view went with its node, or with its socket
        await control.node_client.close_view(view)
    await control.views.drop(own, "closed")


@router.websocket("/cameras/{camera_id}/live/{view}")
async def send_live(socket: WebSocket, camera_id: Id, view: ViewId) -> None:
    """The media of a view (see `MseView` for the messages); its address is the ticket."""
    control: Control = socket.app.state.control
    opened = control.views.find(view, camera_id)
    if opened is None or not _is_admitted(socket, control):
        await socket.close()  # before it was accepted: refused with 403
        return
    if await relay(socket, control.node_client, view):
        await control.views.drop(opened, "closed")


def _is_admitted(socket: WebSocket, control: Control) -> bool:
    """A page of this site or of a player that is let in, or no page at all (RFC 6455 clause 10.2)."""
    origin = socket.headers.get("origin")
    host, settings = socket.headers.get("host", ""), control.settings
    own = {f"http://{host}", f"https://{host}", settings.server.public_origin, *settings.live.player_origins}
    return origin is None or origin in own
