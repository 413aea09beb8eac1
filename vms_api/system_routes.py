"""How the system itself is."""

from datetime import datetime

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel

from vms_api import __version__
from vms_api.accounts.access import CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.control import ControlPart
from vms_api.nodes.delivery import DetectorInfo
from vms_api.nodes.link import NodeState
from vms_api.settings import SiteSettings

router = APIRouter()
probe_router = APIRouter()


class NodeStatus(BaseModel):
    """Whether the media node is there, and since when that is so."""

    state: NodeState
    since: datetime


class SystemStatus(BaseModel):
    """What the page says about the installation.

    `detector` is null until a node has registered, and for people who do not look after the system anywhere.
    """

    version: str
    site: SiteSettings
    node: NodeStatus
    detector: DetectorInfo | None
    uptime_s: float


class Probe(BaseModel):
    """An answer for machines."""

    status: str


@router.get("/system")
async def read_system(access: CurrentAccess, control: ControlPart) -> SystemStatus:
    """Version, site, node and detector."""
    return SystemStatus(
        version=__version__,
        site=control.settings.site,
        node=NodeStatus(state=control.node.state, since=control.node.since),
        detector=control.node.detector if access.allows_somewhere(Permission.SYSTEM_VIEW) else None,
        uptime_s=(control.clock.now() - control.started_at).total_seconds(),
    )


@probe_router.get("/healthz")
async def probe_life() -> Probe:
    """200 for as long as the loop runs."""
    return Probe(status="ok")


@probe_router.get("/readyz")
async def probe_readiness(control: ControlPart, response: Response) -> Probe:
    """200 once cameras can be watched: the database is migrated and the node registered."""
    if control.node.state is NodeState.UP:
        return Probe(status="ready")
    response.status_code = 503
    return Probe(status=f"node-{control.node.state}")


@probe_router.get("/metrics", response_class=Response)
async def read_metrics(access: CurrentAccess, control: ControlPart) -> Response:
    """Figures for Prometheus, which comes with an API token of the scope system.view; they are those of all areas.

    Single cameras are told of only with camera.view beside it, and only those that the caller sees.
    """
    access.require_site(Permission.SYSTEM_VIEW)
    control.metrics.tickets_counted(control.tickets.rounds.counts)
    text = control.metrics.render(
        await control.camera_healths(),
        await control.camera_healths(access.area_ids(Permission.CAMERA_VIEW)),
        await control.devices.care.states(),
        is_node_up=control.node.state is NodeState.UP,
        client_count=control.events.listener_count,
    )
    return Response(text, media_type=CONTENT_TYPE_LATEST)
