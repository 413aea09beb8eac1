"""Live views by fragments, as the control process opens and carries them."""

from contextlib import suppress

from fastapi import APIRouter, FastAPI, WebSocket
from fastapi.responses import JSONResponse

from ingest.camera import CameraId, StreamRole
from vms_api.live.view_registry import UnknownView
from vms_api.node.media_node import MediaNode
from vms_api.node.messages import MseWish
from vms_api.node.view_routes import UnmaskedS


def fragment_router(node: MediaNode) -> APIRouter:
    """The routes of a node's views by fragments."""
    router = APIRouter()

    @router.post("/cameras/{camera_id}/live", status_code=201)
    async def post_live(
        camera_id: str, wish: MseWish, stream: StreamRole = StreamRole.MAIN, unmasked_s: UnmaskedS = None
    ) -> JSONResponse:
        view = node.open_mse(CameraId(camera_id), stream, wish, unmasked_s)
        choice = view.choice
        told = {"view": view.id, "rung": choice.rung, "stream": choice.role, "reason": choice.reason}
        return JSONResponse(told, status_code=201)

    @router.websocket("/views/{view}/media")
    async def send_media(socket: WebSocket, view: str) -> None:
        await _send_fragments(node, socket, view)

    return router


def create_media_app(node: MediaNode) -> FastAPI:
    """The application that browsers may reach: it has nothing but views that the control process has opened for them.

    A view's id is the ticket to it: unguessable, taken once, void when nobody comes for it within seconds.
    """
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @app.websocket("/live/{view}")
    async def send_media(socket: WebSocket, view: str) -> None:
        await _send_fragments(node, socket, view)

    return app


async def _send_fragments(node: MediaNode, socket: WebSocket, view: str) -> None:
    try:
        claimed = node.views.claim(view)
    except UnknownView:
        await socket.close()  # before it was accepted: refused with 403
        return
    try:
        await socket.accept()
        await claimed.serve(socket)
    finally:
        with suppress(UnknownView):  # as a rule it has gone by itself
            await node.views.close(claimed.id)
