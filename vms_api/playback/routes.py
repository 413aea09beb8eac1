"""Playback over the API: HLS playlists (RFC 8216) and their parts, and pictures of the past.

A playback is opened with a purpose and leaves audit rows when it begins and ends; its parts are served to who opened
it, and the right to them is asked for every one.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import AwareDatetime

from vms_api.accounts.access import Access, CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.audit.actor import CurrentActor
from vms_api.audit.entry import Actor, AuditEntry, AuditKind, Place
from vms_api.control import Control, ControlPart
from vms_api.playback.board import OpenPlayback
from vms_api.playback.past_pictures import Viewing
from vms_api.playback.playback import PlaybackIn, PlaybackOut
from vms_api.playback.playlist import playlist
from vms_api.problems import JPEG_RESPONSES
from vms_api.purposes.settings import Occasion

router = APIRouter()

Id = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9-]+$")]
Number = Annotated[int, Path(ge=0, le=1_000_000)]
At = Annotated[AwareDatetime, Query(description="RFC 3339")]

_PLAYLIST, _VIDEO = "application/vnd.apple.mpegurl", "video/mp4"
_PLAYLIST_RESPONSES: dict[int | str, dict[str, Any]] = {200: {"description": "A playlist", "content": {_PLAYLIST: {}}}}
_VIDEO_RESPONSES: dict[int | str, dict[str, Any]] = {200: {"description": "Fragments", "content": {_VIDEO: {}}}}


@router.post("/cameras/{camera_id}/playback", status_code=201)
async def open_playback(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, body: PlaybackIn, control: ControlPart
) -> PlaybackOut:
    """Opens a playback of up to six hours. It ends when it is closed, not used for five minutes, or with the right."""
    viewing = await viewing_of(access, actor, camera_id, control)
    playback, timeline = await control.playback.open(viewing, body)
    return PlaybackOut(
        id=playback.record.id,
        playlist_url=f"/api/v1/playbacks/{playback.record.id}/index.m3u8",
        expires_at=playback.expires_at,
        spans=timeline.spans,
    )


@router.get("/playbacks/{playback_id}/index.m3u8", response_class=Response, responses=_PLAYLIST_RESPONSES)
async def read_playlist(access: CurrentAccess, playback_id: Id, control: ControlPart) -> Response:
    """The playlist; gaps are discontinuities with the wall-clock time of what follows."""
    playback = _own(access, playback_id, control)
    return Response(playlist(playback.pieces), media_type=_PLAYLIST)


@router.get("/playbacks/{playback_id}/init-{number}.mp4", response_class=Response, responses=_VIDEO_RESPONSES)
async def read_init(access: CurrentAccess, playback_id: Id, number: Number, control: ControlPart) -> Response:
    """What a player needs before the fragments of some files."""
    playback = _own(access, playback_id, control)
    return Response(await control.playback.init(playback, number), media_type=_VIDEO)


@router.get(
    "/playbacks/{playback_id}/{recording_id}/{first}-{last}.m4s", response_class=Response, responses=_VIDEO_RESPONSES
)
async def read_part(
    access: CurrentAccess, playback_id: Id, recording_id: Id, first: Number, last: Number, control: ControlPart
) -> Response:
    """Some groups of pictures. `X-Damage` says why there are not all of them."""
    playback = _own(access, playback_id, control)
    may_see_unmasked = _may_see_unmasked(access, playback.camera_id)
    name = (recording_id, first, last)
    found = await control.playback.part(playback, name, may_see_unmasked=may_see_unmasked)
    headers = {"X-Damage": found.damage} if found.damage else None
    return Response(found.data, media_type=_VIDEO, headers=headers)


@router.delete("/playbacks/{playback_id}", status_code=204, response_class=Response)
async def close_playback(access: CurrentAccess, playback_id: Id, control: ControlPart) -> Response:
    """Ends a playback of one's own."""
    await control.playback.board.end(_own(access, playback_id, control), "closed")
    return Response(status_code=204)


@router.get("/cameras/{camera_id}/recordings/snapshot.jpg", response_class=Response, responses=JPEG_RESPONSES)
async def read_past_snapshot(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, at: At, control: ControlPart
) -> Response:
    """The picture of an instant: the last that was taken at or before it. `X-Captured-At` says when."""
    viewing = await viewing_of(access, actor, camera_id, control)
    picture = await control.playback.picture(viewing, at)
    detail = {"at": at.isoformat(), "captured_at": picture.captured_at}
    entry = AuditEntry(AuditKind.PAST_SNAPSHOT, actor, viewing.place, purpose=viewing.purpose, detail=detail)
    await control.audit.record_alone(entry)
    headers = {"Cache-Control": "no-store"} | ({"X-Captured-At": picture.captured_at} if picture.captured_at else {})
    return Response(picture.jpeg, media_type="image/jpeg", headers=headers)


async def viewing_of(access: Access, actor: Actor, camera_id: str, control: Control) -> Viewing:
    """Who wants to see the camera's past, where the right and the purpose allow it."""
    place = Place(access.require_camera(Permission.PLAYBACK_VIEW, camera_id), camera_id)
    purpose = await control.purposes.go_by(Occasion.PLAYBACK, actor, place)
    return Viewing(access.caller, actor, place, purpose, _may_see_unmasked(access, camera_id))


def _own(access: Access, playback_id: str, control: Control) -> OpenPlayback:
    """The caller's own playback, for as long as the caller may see its camera."""
    playback = control.playback.board.own(playback_id, access.caller)
    access.require_camera(Permission.PLAYBACK_VIEW, playback.camera_id)
    return playback


def _may_see_unmasked(access: Access, camera_id: str) -> bool:
    area_id = access.board.area_of(camera_id)
    return area_id is not None and access.allows(Permission.UNMASKED_VIEW, area_id)
