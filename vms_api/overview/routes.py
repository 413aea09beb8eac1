"""The overview of a duty room over the API."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from vms_api.accounts.access import CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.control import ControlPart
from vms_api.database import Connection
from vms_api.nodes.delivery import NodeLoad
from vms_api.nodes.link import NODE_ID, NodeState
from vms_api.overview import store
from vms_api.overview.camera_standing import CameraCounts
from vms_api.overview.day import Today
from vms_api.overview.gathering import Ground, camera_counts, changed_today, ground_of, storage, troubles
from vms_api.overview.patrols_now import PatrolsNow, patrols_now, rounds_today
from vms_api.overview.storage_forecast import StorageForecast
from vms_api.overview.trouble import TroubleList
from vms_api.patrols.round import RoundSummary
from vms_api.tickets.list_store import count_tickets

router = APIRouter()


class AlertsNow(BaseModel):
    """Alerts that are open (of one incident one), those nobody has acknowledged, and those that are late."""

    open: int
    new: int
    overdue: int


class TicketsNow(BaseModel):
    """Repair tickets that are open, those that are late, and those that nobody has yet."""

    open: int
    overdue: int
    unassigned: int


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
    tickets: TicketsNow | None
    patrols: PatrolsNow | None
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
    sees_system = access.allows_somewhere(Permission.SYSTEM_VIEW)
    async with control.database.read() as connection:
        alerts = await _alerts(ground, connection)
        rounds = await _rounds(ground, connection)
        return Overview(
            at=ground.now,
            cameras=await camera_counts(ground, connection),
            wrong_now=await troubles(ground, connection, rounds or ()),
            changed_today=await changed_today(ground, connection, alerts, rounds or ()),
            alerts=alerts and AlertsNow(open=alerts.open, new=alerts.new, overdue=alerts.overdue),
            tickets=await _tickets(ground, connection),
            patrols=None if rounds is None else patrols_now(rounds),
            storage=await storage(ground, connection) if sees_system else None,
            nodes=[_node(ground)] if sees_system else None,
        )


async def _alerts(ground: Ground, connection: Connection) -> store.AlertFigures | None:
    area_ids = ground.area_ids(Permission.ALERT_VIEW)
    return await store.alert_figures(connection, area_ids, ground.midnight) if area_ids else None


async def _rounds(ground: Ground, connection: Connection) -> Sequence[RoundSummary] | None:
    area_ids = ground.area_ids(Permission.PATROL_VIEW)
    return await rounds_today(connection, area_ids, ground.midnight, ground.now) if area_ids else None


async def _tickets(ground: Ground, connection: Connection) -> TicketsNow | None:
    if not ground.sees(Permission.TICKET_VIEW):
        return None
    found = await count_tickets(connection, ground.area_ids(Permission.TICKET_VIEW), ground.now)
    return TicketsNow(open=found.open, overdue=found.overdue, unassigned=found.unassigned)


def _node(ground: Ground) -> NodeNow:
    node = ground.control.node
    live = sum(health.state == "live" for health in ground.healths.values())
    return NodeNow(
        id=NODE_ID, state=node.state, since=node.since, cameras=len(ground.healths), live=live, load=node.load
    )
