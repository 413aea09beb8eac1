"""The media node's internal API. Only the control process calls it, with the node's token."""

import hmac
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Query, Request, Response, WebSocket
from fastapi.responses import JSONResponse

from ingest.camera import CameraId, StreamRole
from ingest.errors import MasksUnavailable
from ingest.fleet import UnknownStream
from vms_api.live.errors import BodyTooLarge, ViewRefused
from vms_api.live.offer import MAX_OFFER_BYTES
from vms_api.live.view_registry import UnknownView
from vms_api.node.media_node import MediaNode
from vms_api.node.messages import DeletionMessage, DesiredState, MseWish
from vms_api.node.recording_routes import answer_refusals, recording_router
from vms_api.node.simulation_routes import answer_simulation_refusals, simulation_router

UnmaskedS = Annotated[float | None, Query(gt=0, le=1800)]


def create_node_app(node: MediaNode, token: str) -> FastAPI:
    """The application of one node."""

    def authorised(authorization: Annotated[str, Header()] = "") -> None:
        if not hmac.compare_digest(authorization.encode(), f"Bearer {token}".encode()):
            raise HTTPException(401)

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    recordings = recording_router(node.recordings, node.exports)
    for router in (_routes(node), _fragment_routes(node), recordings, simulation_router(node.simulations)):
        app.include_router(router, prefix="/internal/v1", dependencies=[Depends(authorised)])
    answer_refusals(app)
    answer_simulation_refusals(app)
    app.add_exception_handler(ViewRefused, _view_refused)
    app.add_exception_handler(MasksUnavailable, _masks_unavailable)
    app.add_exception_handler(UnknownStream, _not_found)
    app.add_exception_handler(UnknownView, _not_found)
    return app


def _routes(node: MediaNode) -> APIRouter:
    router = APIRouter()

    @router.put("/state", status_code=204)
    async def put_state(state: DesiredState) -> None:
        await node.apply(state)

    @router.post("/recordings/delete", status_code=202)
    async def post_deletion(request: DeletionMessage) -> None:
        node.recorder.delete(request)

    @router.get("/recordings/open")
    async def get_open_recordings(camera_id: str) -> JSONResponse:
        return JSONResponse({"segments": node.recorder.open_reports(CameraId(camera_id))})

    @router.get("/health")
    async def get_health() -> JSONResponse:
        return JSONResponse(node.report())

    @router.get("/cameras/{camera_id}/snapshot.jpg")
    async def get_snapshot(camera_id: str, stream: StreamRole = StreamRole.MAIN) -> Response:
        snapshot = await node.snapshot(CameraId(camera_id), stream)
        headers = {"X-Captured-At": snapshot.captured_at.isoformat(), "Cache-Control": "no-store"}
        return Response(snapshot.jpeg, media_type="image/jpeg", headers=headers)

    @router.post("/cameras/{camera_id}/whep", status_code=201)
    async def post_whep(
        camera_id: str, request: Request, stream: StreamRole = StreamRole.MAIN, unmasked_s: UnmaskedS = None
    ) -> JSONResponse:
        offer = await _text_body(request)
        view, answer = await node.open_view(CameraId(camera_id), stream, offer, unmasked_s)
        return JSONResponse({"view": view, "sdp": answer}, status_code=201)

    @router.patch("/views/{view}", status_code=204)
    async def patch_view(view: str, request: Request) -> None:
        await node.views.require(view).add_candidates(await _text_body(request))

    @router.delete("/views/{view}", status_code=204)
    async def delete_view(view: str) -> None:
        await node.views.close(view)

    return router


def _fragment_routes(node: MediaNode) -> APIRouter:
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
    await socket.accept()
    await claimed.serve(socket)


async def _text_body(request: Request) -> str:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_OFFER_BYTES:
            raise BodyTooLarge(f"the body is larger than {MAX_OFFER_BYTES} bytes")
    return body.decode("utf-8", errors="replace")


async def _view_refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ViewRefused)  # noqa: S101 - registered for this class alone
    headers = {"Retry-After": str(error.retry_after_s)} if error.retry_after_s else None
    return JSONResponse({"code": error.code, "detail": str(error)}, status_code=error.status, headers=headers)


async def _masks_unavailable(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"code": MasksUnavailable.code, "detail": str(error)}, status_code=409)


async def _not_found(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"code": "not-found", "detail": str(error)}, status_code=404)
