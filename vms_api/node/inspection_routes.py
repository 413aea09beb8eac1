"""A look into the analysis of one camera, as the control process asks for it; each ends by itself."""

import asyncio
from typing import Any

import cv2
import numpy as np
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse

from analytics.geometry import Box
from analytics.inspection import Inspection, TooManyInspections, UnknownInspection
from ingest.av_mask_painter import GREY
from ingest.camera import CameraId
from ingest.mask import MaskSet, cover
from vms_api.live.errors import NotLive
from vms_api.node.media_node import MediaNode

MOST_WIDTH = 960
"""Pixels across of what is shown: enough to see what the gate saw."""
_QUALITY = 80
_TINT = np.array((60, 220, 60), np.float32)  # blue, green, red


def inspection_router(node: MediaNode) -> APIRouter:
    """The routes of one node."""
    router = APIRouter(prefix="/inspections/{camera_id}/{inspection_id}")
    looks = node.inspections

    @router.put("", status_code=204)
    async def put_inspection(camera_id: str, inspection_id: str) -> None:
        node.masks(CameraId(camera_id))
        looks.open(CameraId(camera_id), inspection_id)

    @router.get("")
    async def get_inspection(camera_id: str, inspection_id: str) -> JSONResponse:
        told = looks.latest(CameraId(camera_id), inspection_id)
        return JSONResponse({"frame": None if told is None else _facts(told)})

    @router.get("/{number}.jpg")
    async def get_picture(camera_id: str, inspection_id: str, number: int, *, gate: bool = True) -> Response:
        told = looks.numbered(CameraId(camera_id), inspection_id, number)
        jpeg = await asyncio.to_thread(picture_of, told, node.masks(CameraId(camera_id)), with_gate=gate)
        return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "no-store"})

    @router.delete("", status_code=204)
    async def delete_inspection(camera_id: str, inspection_id: str) -> None:  # noqa: ARG001 - part of the address
        looks.close(inspection_id)

    return router


def picture_of(told: Inspection, masks: MaskSet, *, with_gate: bool) -> bytes:
    """A JPEG of the frame, covered by the masks of now whatever it was decoded under, the gate's mask drawn in green.

    Raises:
        NotLive: it cannot be encoded.

    """
    picture = told.frame.picture
    share = min(1.0, MOST_WIDTH / picture.width)
    width, height = max(1, round(picture.width * share)), max(1, round(picture.height * share))
    image = picture.bgr((width, height)).copy()
    if with_gate and told.moving is not None:
        moving = cv2.resize(told.moving.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0
        image[moving] = (image[moving] * 0.5 + _TINT * 0.5).astype(np.uint8)
    if not masks.is_empty:
        image[cover(masks, width, height)] = GREY
    ok, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not ok:
        raise NotLive("the picture cannot be encoded")
    return jpeg.tobytes()


def _facts(told: Inspection) -> dict[str, Any]:
    """InspectedFrame of the API."""
    return {
        "number": told.number,
        "received_at": told.frame.received_at.isoformat(),
        "width": told.frame.picture.width,
        "height": told.frame.picture.height,
        "outcome": told.outcome,
        "moving_share": 0.0 if told.moving is None else round(float(told.moving.mean()), 4),
        "is_new_background": told.moving is None,
        "patches": [_edges(patch) for patch in told.patches],
        "crops": [_edges(crop) for crop in told.crops],
        "tracks": [
            {
                "id": track.id,
                "label": track.label,
                "score": round(track.score, 2),
                "state": track.state,
                "box": _edges(track.box),
            }
            for track in told.tracks
        ],
        "cpu_ms": {str(stage): round(1000 * cpu_s, 2) for stage, cpu_s in told.cpu_s.items()},
        "age_ms": round(1000 * told.age_s),
    }


def _edges(box: Box) -> list[float]:
    return [round(edge, 4) for edge in (box.left, box.top, box.right, box.bottom)]


def answer_inspection_refusals(app: FastAPI) -> None:
    """What these routes refuse, as answers with a code."""
    app.add_exception_handler(UnknownInspection, _unknown)
    app.add_exception_handler(TooManyInspections, _too_many)


async def _unknown(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"code": "inspection-over", "detail": str(error)}, status_code=404)


async def _too_many(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"code": "inspections-full", "detail": str(error)}, status_code=409)
