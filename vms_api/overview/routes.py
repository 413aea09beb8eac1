"""The overview of a duty room over the API."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from vms_api.accounts.access import CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.control import ControlPart
from vms_api.nodes.delivery import NodeLoad
from vms_api.nodes.link import NODE_ID, NodeState
from vms_api.overview import store
from vms_api.overview.camera_standing import CameraCounts
from vms_api.overview.day import Today
from vms_api.overview.gathering import (
    Ground,
    camera_counts,
    changed_today,
    ground_of,
    open_alerts,
    storage,
    troubles,
)
from vms_api.overview.storage_forecast import StorageForecast
from vms_api.overview.trouble import TroubleList

router = APIRouter()


class AlertsNow(BaseModel):
    """Alerts that are open (of one incident one), those nobody has acknowledged, and those that are late."""

    open: int
    new: int
    overdue: int


class NodeNow(BaseModel):
    """A media node with its load; null before its first report."""

    id: str
    state: NodeState
    since: datetime
    cameras: int
    live: int
    load: NodeLoad | None


class Overview(BaseModel):
    """How things stand. A part that the caller's rights do not open is null."""

    at: datetime
    cameras: CameraCounts
    wrong_now: TroubleList
    changed_today: Today
    alerts: AlertsNow | None
    storage: list[StorageForecast] | None
    nodes: list[NodeNow] | None


@router.get("/overview")
async def read_overview(
    access: CurrentAccess, control: ControlPart, area_id: Annotated[str | None, Query(max_length=64)] = None
) -> Overview:
    """What is wrong now and who has it in hand, what has changed today, how cameras, disks and nodes are."""
    if not access.allows_somewhere(Permission.CAMERA_VIEW):
        access.require_site(Permission.CAMERA_VIEW)
    ground = await ground_of(control, access, area_id)
    sees_alerts = bool(ground.area_ids(Permission.ALERT_VIEW))
    sees_system = access.allows_somewhere(Permission.SYSTEM_VIEW)
    async with control.database.read() as connection:
        figures = None
        if sees_alerts:
            figures = await store.alert_figures(connection, ground.area_ids(Permission.ALERT_VIEW), ground.midnight)
        alerts = await open_alerts(ground, connection) if sees_alerts else []
        return Overview(
            at=ground.now,
            cameras=await camera_counts(ground),
            wrong_now=await troubles(ground, alerts),
            changed_today=await changed_today(ground, connection, figures),
            alerts=figures and AlertsNow(open=figures.open, new=figures.new, overdue=figures.overdue),
            storage=await storage(ground, connection) if sees_system else None,
            nodes=[_node(ground)] if sees_system else None,
        )


def _node(ground: Ground) -> NodeNow:
    node = ground.control.node
    live = sum(health.state == "live" for health in ground.healths.values())
    return NodeNow(
        id=NODE_ID, state=node.state, since=node.since, cameras=len(ground.healths), live=live, load=node.load
    )
