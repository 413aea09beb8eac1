"""Pictures of a node's cameras: stills, live views, and whether a browser gets through at all."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import JSONResponse

from ingest.camera import CameraId, StreamRole
from vms_api.live.errors import BodyTooLarge
from vms_api.live.ice_addresses import tell_reached
from vms_api.live.offer import MAX_OFFER_BYTES
from vms_api.node.media_node import MediaNode

UnmaskedS = Annotated[float | None, Query(gt=0, le=1800)]


def view_router(node: MediaNode) -> APIRouter:
    """The routes; refusals are answered by the application."""
    router = APIRouter(dependencies=[Depends(_reached_at)])

    @router.get("/cameras/{camera_id}/snapshot.jpg")
    async def get_snapshot(camera_id: str, stream: StreamRole = StreamRole.MAIN) -> Response:
        snapshot = await node.snapshot(CameraId(camera_id), stream)
        headers = {"X-Captured-At": snapshot.captured_at.isoformat(), "Cache-Control": "no-store"}
        return Response(snapshot.jpeg, media_type="image/jpeg", headers=headers)

    @router.post("/cameras/{camera_id}/whep", status_code=201)
    async def post_whep(
        camera_id: str,
        request: Request,
        stream: StreamRole = StreamRole.MAIN,
        unmasked_s: UnmaskedS = None,
        *,
        audio: bool = False,
    ) -> JSONResponse:
        offer = await _text_body(request)
        view, sdp = await node.open_view(CameraId(camera_id), stream, offer, unmasked_s, with_sound=audio)
        is_offer = node.views.require(view).awaits_answer
        return JSONResponse({"view": view, "sdp": sdp, "is_offer": is_offer}, status_code=201)

    @router.patch("/views/{view}")
    async def patch_view(view: str, request: Request) -> Response:
        fragment = await node.views.require(view).patch(await _text_body(request))
        return Response(status_code=204) if fragment is None else JSONResponse({"fragment": fragment})

    @router.post("/network/check")
    async def post_network_check(request: Request) -> JSONResponse:
        return JSONResponse({"sdp": await node.network_check.answer(await _text_body(request))})

    @router.put("/views/{view}/answer", status_code=204)
    async def put_answer(view: str, request: Request) -> None:
        await node.views.require(view).take_answer(await _text_body(request))

    @router.delete("/views/{view}", status_code=204)
    async def delete_view(view: str) -> None:
        await node.views.close(view)

    return router


async def _reached_at(x_reached_at: Annotated[str | None, Header()] = None) -> None:
    """An address of this machine that the browser knows, empty where it knows none; not said: any may be told."""
    if x_reached_at is not None:
        tell_reached((x_reached_at,) if x_reached_at else ())


async def _text_body(request: Request) -> str:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_OFFER_BYTES:
            raise BodyTooLarge(f"the body is larger than {MAX_OFFER_BYTES} bytes")
    return body.decode("utf-8", errors="replace")
