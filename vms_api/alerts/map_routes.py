"""Where a camera's alerts came from, over the API."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query

from vms_api.accounts.access import CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.alerts import store
from vms_api.alerts.alert_map import AlertMap, cells_of, precisions_of
from vms_api.control import ControlPart

router = APIRouter()

MOST_ALERTS = 20_000


@router.get("/cameras/{camera_id}/alert-map")
async def read_alert_map(
    access: CurrentAccess,
    camera_id: Annotated[str, Path(max_length=64)],
    control: ControlPart,
    days: Annotated[int, Query(ge=1, le=366)] = 30,
) -> AlertMap:
    """The alerts of the last days by their place in the picture, and how many of each rule's were true."""
    access.require_camera(Permission.ALERT_VIEW, camera_id)
    since = control.clock.now() - timedelta(days=days)
    async with control.database.read() as connection:
        found = await store.placed_alerts(connection, camera_id, since, MOST_ALERTS + 1)
    alerts = found[:MOST_ALERTS]
    return AlertMap(days=days, cells=cells_of(alerts), rules=precisions_of(alerts), complete=len(found) <= MOST_ALERTS)
