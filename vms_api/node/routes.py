"""The media node's internal API. Only the control process calls it, with the node's token."""

import hmac
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Request
from fastapi.responses import JSONResponse

from ingest.camera import CameraId
from ingest.errors import MasksUnavailable
from ingest.fleet import UnknownStream
from vms_api.live.errors import ViewRefused
from vms_api.live.view_registry import UnknownView
from vms_api.node.fragment_routes import fragment_router
from vms_api.node.inspection_routes import answer_inspection_refusals, inspection_router
from vms_api.node.media_node import MediaNode
from vms_api.node.messages import DeletionMessage, DesiredState
from vms_api.node.quality_routes import quality_router
from vms_api.node.recording_routes import answer_refusals, recording_router
from vms_api.node.simulation_routes import answer_simulation_refusals, simulation_router
from vms_api.node.view_routes import view_router


def create_node_app(node: MediaNode, token: str) -> FastAPI:
    """The application of one node."""

    def authorised(authorization: Annotated[str, Header()] = "") -> None:
        if not hmac.compare_digest(authorization.encode(), f"Bearer {token}".encode()):
            raise HTTPException(401)

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    recordings = recording_router(node.recordings, node.exports)
    routers = (
        _routes(node),
        view_router(node),
        fragment_router(node),
        recordings,
        simulation_router(node.simulations),
        quality_router(node.checks),
        inspection_router(node),
    )
    for router in routers:
        app.include_router(router, prefix="/internal/v1", dependencies=[Depends(authorised)])
    answer_refusals(app)
    answer_simulation_refusals(app)
    answer_inspection_refusals(app)
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

    return router


async def _view_refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ViewRefused)  # noqa: S101 - registered for this class alone
    headers = {"Retry-After": str(error.retry_after_s)} if error.retry_after_s else None
    return JSONResponse({"code": error.code, "detail": str(error)}, status_code=error.status, headers=headers)


async def _masks_unavailable(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"code": MasksUnavailable.code, "detail": str(error)}, status_code=409)


async def _not_found(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"code": "not-found", "detail": str(error)}, status_code=404)
