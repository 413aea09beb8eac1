"""Recordings over the node's internal API: files as they are played, and exports."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Query, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from pydantic import AwareDatetime, Field

from ingest.recording.errors import SegmentDamaged
from vms_api.node.export_builds import ExportBuilds, ExportUnfinished, ExportUnknown
from vms_api.node.export_messages import BuildMessage, ExportMessage, PapersMessage
from vms_api.node.messages import Message
from vms_api.node.recorded_clip import Moment, cut_clip
from vms_api.node.recorded_files import FileMissing, FilePlace, RecordedFiles

MAX_INDEXED = 5000
_VIDEO = "video/mp4"

Text = Annotated[str, Query(max_length=300)]
Number = Annotated[int, Field(ge=0, le=100_000)]


class PlaceMessage(Message):
    """Where a file is."""

    volume_id: Annotated[str, Field(max_length=64)]
    path: Annotated[str, Field(max_length=300)]


class GroupsQuery(PlaceMessage):
    """Groups of pictures, both ends included. `open_bytes` is that of the index, of a file that was being written."""

    first: Number
    last: Number
    keyframes: bool
    open_bytes: Annotated[int | None, Field(ge=0)] = None


class IndexMessage(Message):
    """Files whose indexes are wanted, for normal playing or for key frames alone."""

    files: Annotated[tuple[PlaceMessage, ...], Field(max_length=MAX_INDEXED)]
    keyframes: bool


class ClipMessage(Message):
    """A moment and the range about it, to be cut from files of one camera that are ordered by their start."""

    files: Annotated[tuple[PlaceMessage, ...], Field(max_length=60)]
    at: AwareDatetime
    start: AwareDatetime
    end: AwareDatetime


def recording_router(files: RecordedFiles, exports: ExportBuilds) -> APIRouter:
    """The routes of one node."""
    router = APIRouter()
    router.include_router(_file_routes(files))
    router.include_router(_export_routes(exports))
    return router


def answer_refusals(app: FastAPI) -> None:
    """What these routes refuse, as answers with a code."""
    for refusal, status, code in (
        (FileMissing, 404, "recording-missing"),
        (SegmentDamaged, 409, SegmentDamaged.code),
        (ExportUnknown, 404, "export-unknown"),
        (ExportUnfinished, 409, "export-unfinished"),
    ):
        app.add_exception_handler(refusal, _Refusal(status, code))


class _Refusal:
    def __init__(self, status: int, code: str) -> None:
        self._status = status
        self._code = code

    async def __call__(self, _request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"code": self._code, "detail": str(error)}, status_code=self._status)


def _file_routes(files: RecordedFiles) -> APIRouter:
    router = APIRouter(prefix="/recordings")

    @router.post("/indexes")
    async def post_indexes(body: IndexMessage) -> JSONResponse:
        places = [FilePlace(place.volume_id, place.path) for place in body.files]

        def read() -> list[dict[str, Any]]:
            return [files.index(place, keyframes=body.keyframes).document() for place in places]

        return JSONResponse({"files": await asyncio.to_thread(read)})

    @router.get("/init")
    async def get_init(volume_id: Text, path: Text, *, keyframes: bool) -> Response:
        data = await asyncio.to_thread(files.init, FilePlace(volume_id, path), keyframes=keyframes)
        return Response(data, media_type=_VIDEO)

    @router.get("/groups")
    async def get_groups(asked: Annotated[GroupsQuery, Query()]) -> Response:
        place, groups = FilePlace(asked.volume_id, asked.path), (asked.first, asked.last)
        found = await asyncio.to_thread(
            files.groups, place, *groups, keyframes=asked.keyframes, open_bytes=asked.open_bytes
        )
        headers = {"X-Damage": found.damage} if found.damage else None
        return Response(found.data, media_type=_VIDEO, headers=headers)

    @router.get("/picture.jpg")
    async def get_picture(volume_id: Text, path: Text, at: AwareDatetime) -> Response:
        picture = await asyncio.to_thread(files.picture, FilePlace(volume_id, path), at)
        headers = {"X-Captured-At": picture.captured_at.isoformat()}
        return Response(picture.jpeg, media_type="image/jpeg", headers=headers)

    @router.post("/clip")
    async def post_clip(body: ClipMessage) -> Response:
        places = [FilePlace(place.volume_id, place.path) for place in body.files]
        clip = await asyncio.to_thread(cut_clip, files, places, Moment(body.at, body.start, body.end))
        headers = {"X-Shown-From": clip.shown_from.isoformat(), "X-Shown-To": clip.shown_to.isoformat()}
        return Response(clip.data, media_type=_VIDEO, headers=headers)

    return router


def _export_routes(exports: ExportBuilds) -> APIRouter:
    router = APIRouter(prefix="/exports/{export_id}")

    @router.put("", status_code=204)
    async def put_export(export_id: str, body: ExportMessage) -> None:
        await asyncio.to_thread(exports.start, export_id, body)

    @router.get("")
    async def get_export(export_id: str) -> BuildMessage:
        return exports.state(export_id)

    @router.put("/papers")
    async def put_papers(export_id: str, body: PapersMessage) -> JSONResponse:
        return JSONResponse({"size_bytes": await asyncio.to_thread(exports.finish, export_id, body.papers)})

    @router.get("/package")
    async def get_package(export_id: str) -> FileResponse:
        return FileResponse(exports.package(export_id), media_type="application/zip")

    @router.delete("", status_code=204)
    async def delete_export(export_id: str) -> None:
        await asyncio.to_thread(exports.drop, export_id)

    return router
