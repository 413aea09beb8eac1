"""A camera's history over the API."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AwareDatetime

from vms_api.accounts.access import CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.cameras.history import LONGEST, CameraHistory, HistoryGap, HistoryQuery
from vms_api.control import ControlPart
from vms_api.errors import InvalidRequest
from vms_api.nodes import store as state_store
from vms_api.recordings import gap_store

router = APIRouter()

Id = Annotated[str, Path(max_length=64)]
_USUAL = timedelta(days=1)


def history_query(
    camera_id: Id,
    control: ControlPart,
    since: Annotated[AwareDatetime | None, Query(alias="from", description="Default: a day before `to`.")] = None,
    until: Annotated[AwareDatetime | None, Query(alias="to", description="Default: now.")] = None,
) -> HistoryQuery:
    """Camera and time asked about.

    Raises:
        InvalidRequest: the time ends before it begins, or is too long.

    """
    end: datetime = until or control.clock.now()
    begin: datetime = since or end - _USUAL
    if begin >= end:
        raise InvalidRequest.field("to", "range-empty", "the end must be after the beginning")
    if end - begin > LONGEST:
        raise InvalidRequest.field("from", "range-too-long", f"at most {LONGEST.days} days")
    return HistoryQuery(camera_id, begin, end)


@router.get("/cameras/{camera_id}/history")
async def read_history(
    access: CurrentAccess, query: Annotated[HistoryQuery, Depends(history_query)], control: ControlPart
) -> CameraHistory:
    """State changes of the camera's streams and gaps in its recording."""
    access.require_camera(Permission.CAMERA_VIEW, query.camera_id)
    async with control.database.read() as connection:
        states, complete = await state_store.list_camera_states(connection, query)
        gaps = await gap_store.gaps_between(connection, query.camera_id, query.since, query.until)
    told = [HistoryGap(since=gap.started_at, until=gap.ended_at, reason=gap.reason) for gap in gaps]
    return CameraHistory(states=list(states), gaps=told, complete=complete)
