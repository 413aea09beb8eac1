"""What is read out of patrols over the API, and the excuses of rounds."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, Field

from vms_api.accounts.access import CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.alerts.desk import Handler
from vms_api.audit.actor import CurrentActor
from vms_api.control import ControlPart
from vms_api.cursor import Page
from vms_api.errors import InvalidRequest
from vms_api.patrols.coverage import PatrolCoverage
from vms_api.patrols.excuse_desk import ExcuseIn
from vms_api.patrols.round import Round, RoundSummary
from vms_api.patrols.round_calendar import PatrolCalendar
from vms_api.patrols.tour import PatrolTours

router = APIRouter()

RoundId = Annotated[str, Path(max_length=64)]
AreaFilter = Annotated[str | None, Query(max_length=64)]
Moment = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC))]
_LONGEST = timedelta(days=62)


@router.get("/patrol-coverage")
async def read_patrol_coverage(
    access: CurrentAccess,
    control: ControlPart,
    area_id: AreaFilter = None,
    days: Annotated[int, Query(ge=1, le=366)] = 7,
) -> PatrolCoverage:
    """The cameras of an area and those below it that are in no plan, or were not judged for so many days."""
    patrolled = access.area_ids_below(Permission.PATROL_VIEW, area_id)
    return await control.patrols.lookout.coverage(patrolled & access.area_ids(Permission.CAMERA_VIEW), days)


@router.get("/patrol-calendar")
async def read_patrol_calendar(
    access: CurrentAccess,
    control: ControlPart,
    since: Annotated[Moment, Query(alias="from")],
    until: Annotated[Moment, Query(alias="to")],
    area_id: AreaFilter = None,
) -> PatrolCalendar:
    """The rounds of an area and those below it that were or will be due in [from, to), at most 62 days."""
    if not timedelta(0) < until - since <= _LONGEST:
        raise InvalidRequest.field("to", "window-wrong", "the end is after the beginning, by at most 62 days")
    area_ids = access.area_ids_below(Permission.PATROL_VIEW, area_id)
    return await control.patrols.lookout.calendar(area_ids, since.astimezone(UTC), until.astimezone(UTC))


@router.get("/patrol-tours")
async def list_patrol_tours(access: CurrentAccess, control: ControlPart) -> PatrolTours:
    """The plans as rotations of the wall, each with the cameras that the caller may watch."""
    watched = access.area_ids(Permission.LIVE_VIEW)

    def sees(camera_id: str) -> bool:
        return access.board.area_of(camera_id) in watched

    area_ids = access.area_ids(Permission.PATROL_VIEW) & watched
    return PatrolTours(items=list(await control.patrols.lookout.tours(area_ids, sees)))


@router.get("/patrol-prompts")
async def list_patrol_prompts(access: CurrentAccess, control: ControlPart) -> Page[RoundSummary]:
    """The rounds that wait for the caller, the next deadline first: in hand, or asked for by plan or roster."""
    area_ids = access.area_ids(Permission.PATROL_RUN)
    found = await control.patrols.lookout.waiting_for(access.user.id, area_ids)
    return Page(items=list(found), next_cursor=None)


@router.post("/patrol-rounds/{round_id}/excuses", status_code=201)
async def excuse_patrol_round(
    access: CurrentAccess, actor: CurrentActor, round_id: RoundId, body: ExcuseIn, control: ControlPart
) -> Round:
    """Says why a round was missed, late or aborted; it stays what it was."""
    access.require(Permission.PATROL_RUN, await control.patrols.excuses.area_of(round_id))
    await control.patrols.excuses.add(round_id, body, actor)
    return await control.rounds.rounds.read(round_id, Handler(actor, access))
