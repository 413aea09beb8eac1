"""What may have to do with an alert, over the API."""

from typing import Annotated

from fastapi import APIRouter, Path

from vms_api.accounts.access import Access, CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.alerts import store
from vms_api.alerts.alert import Alert
from vms_api.alerts.list_store import AlertQuery, find_alerts
from vms_api.alerts.related import AROUND, MOST_ALERTS, NearCamera, Related, near_cameras, points_of
from vms_api.cameras import store as camera_store
from vms_api.cameras.store import CameraQuery
from vms_api.control import ControlPart
from vms_api.database import Connection
from vms_api.errors import NotFound
from vms_api.ledger import store as ledger_store

router = APIRouter()

Id = Annotated[str, Path(max_length=64)]


@router.get("/alerts/{alert_id}/related")
async def read_related(access: CurrentAccess, alert_id: Id, control: ControlPart) -> Related:
    """Alerts and cameras of the same place and time, as far as the caller sees them; of an incident its first alert."""
    async with control.database.read() as connection:
        alert = await store.find_alert(connection, alert_id)
        if alert is None:
            raise NotFound("no such alert")
        access.require(Permission.ALERT_VIEW, alert.area_id)
        around = AlertQuery(
            area_ids=access.area_ids(Permission.ALERT_VIEW) & _neighbourhood(access, alert),
            since=alert.raised_at - AROUND,
            until=alert.raised_at + AROUND,
            is_folded=True,
            limit=MOST_ALERTS + 1,
        )
        found = await find_alerts(connection, around)
        own = {alert.id, alert.incident_id}
        return Related(
            alerts=[one for one in found if one.id not in own][:MOST_ALERTS],
            cameras=await _cameras(connection, access, alert),
        )


async def _cameras(connection: Connection, access: Access, alert: Alert) -> list[NearCamera]:
    area_ids = access.area_ids(Permission.CAMERA_VIEW) & _neighbourhood(access, alert)
    cameras = await camera_store.list_cameras(connection, CameraQuery(area_ids))
    ledgers = await ledger_store.list_ledgers(connection, area_ids)
    points = points_of({camera_id: ledger.values for camera_id, ledger in ledgers.items()})
    return near_cameras(alert, {camera.id: (camera.area_id, camera.name) for camera in cameras}, points)


def _neighbourhood(access: Access, alert: Alert) -> frozenset[str]:
    """The alert's area with those beside it, or with all below it where it is the root: a street ends nowhere."""
    tree = access.rights.tree
    area = tree.find(alert.area_id)
    above = tree.find(area.parent_id) if area and area.parent_id else area
    return frozenset(below.id for below in tree.below(above)) if above else frozenset({alert.area_id})
