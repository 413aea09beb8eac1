"""Patrol rounds over the API: what is done at their stops."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from vms_api.accounts.access import CurrentAccess
from vms_api.alerts.desk import Handler
from vms_api.audit.actor import CurrentActor
from vms_api.control import ControlPart
from vms_api.patrols.assist_desk import Assist
from vms_api.patrols.round_acts import ExtraStopIn, LeaseIn, PresenceIn, StopNoteIn, VerdictIn
from vms_api.patrols.round_stop import RoundStop
from vms_api.problems import JPEG_RESPONSES
from vms_api.purposes.settings import Occasion

router = APIRouter()

Id = Annotated[str, Path(max_length=64)]
Number = Annotated[int, Path(ge=0, le=1000)]

_STOP = "/patrol-rounds/{round_id}/stops/{stop_id}"


@router.post("/patrol-rounds/{round_id}/stops", status_code=201)
async def add_stop(
    access: CurrentAccess, actor: CurrentActor, round_id: Id, body: ExtraStopIn, control: ControlPart
) -> RoundStop:
    """Adds a camera to the round."""
    return await control.rounds.stops.add(round_id, Handler(actor, access), body)


@router.post(_STOP + "/arrive")
async def arrive_at_stop(
    access: CurrentAccess, actor: CurrentActor, round_id: Id, stop_id: Id, body: LeaseIn, control: ControlPart
) -> RoundStop:
    """Comes to a stop."""
    return await control.rounds.stops.arrive(round_id, stop_id, Handler(actor, access), body)


@router.post(_STOP + "/presence")
async def report_presence(
    access: CurrentAccess, actor: CurrentActor, round_id: Id, stop_id: Id, body: PresenceIn, control: ControlPart
) -> RoundStop:
    """Says what is on the screen, every two seconds; the answer has what was counted."""
    return await control.rounds.stops.report(round_id, stop_id, Handler(actor, access), body)


@router.post(_STOP + "/verdict")
async def judge_stop(
    access: CurrentAccess, actor: CurrentActor, round_id: Id, stop_id: Id, body: VerdictIn, control: ControlPart
) -> RoundStop:
    """Says what was found."""
    return await control.rounds.stops.judge(round_id, stop_id, Handler(actor, access), body)


@router.post(_STOP + "/notes", status_code=201)
async def add_stop_note(
    access: CurrentAccess, actor: CurrentActor, round_id: Id, stop_id: Id, body: StopNoteIn, control: ControlPart
) -> RoundStop:
    """Adds to the note of a stop, judged or not."""
    return await control.rounds.stops.note(round_id, stop_id, Handler(actor, access), body)


@router.post(_STOP + "/snapshot", status_code=201)
async def take_snapshot(
    access: CurrentAccess, actor: CurrentActor, round_id: Id, stop_id: Id, body: LeaseIn, control: ControlPart
) -> RoundStop:
    """Keeps a picture of the stop; its id is in the answer."""
    handler = Handler(actor, access)
    place = await control.rounds.assist.place(round_id, stop_id, handler)
    purpose = await control.purposes.go_by(Occasion.OTHER_AREA, actor, place)
    return await control.rounds.pictures.take(round_id, stop_id, handler, body, purpose)


@router.get(_STOP + "/assist")
async def read_assist(
    access: CurrentAccess, actor: CurrentActor, round_id: Id, stop_id: Id, control: ControlPart
) -> Assist:
    """What is known of the stop's camera, with the strip of pictures since the last visit, which is one look."""
    handler = Handler(actor, access)
    place = await control.rounds.assist.place(round_id, stop_id, handler)
    purpose = await control.purposes.go_by(Occasion.OTHER_AREA, actor, place)
    return await control.rounds.assist.read(round_id, stop_id, handler, access.caller, purpose)


@router.get("/patrol-strips/{strip_id}/{number}.jpg", response_class=Response, responses=JPEG_RESPONSES)
async def read_strip_picture(
    access: CurrentAccess, actor: CurrentActor, strip_id: Id, number: Number, control: ControlPart
) -> Response:
    """One picture of a strip. `X-Captured-At` says when it was taken."""
    picture = await control.rounds.assist.picture(strip_id, number, Handler(actor, access))
    headers = {"Cache-Control": "no-store"} | ({"X-Captured-At": picture.captured_at} if picture.captured_at else {})
    return Response(picture.jpeg, media_type="image/jpeg", headers=headers)


@router.get("/patrol-snapshots/{snapshot_id}", response_class=Response, responses=JPEG_RESPONSES)
async def read_patrol_snapshot(
    access: CurrentAccess, actor: CurrentActor, snapshot_id: Id, control: ControlPart
) -> Response:
    """A picture that was kept of a stop; it never changes."""
    jpeg = await control.rounds.pictures.show(snapshot_id, Handler(actor, access))
    return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "private, no-store"})
