"""How the system itself is."""

from datetime import datetime

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel

from vms_api import __version__
from vms_api.accounts.current_user import CurrentUser
from vms_api.control import ControlPart
from vms_api.nodes.delivery import DetectorInfo
from vms_api.nodes.link import NodeState

router = APIRouter()
probe_router = APIRouter()


class NodeStatus(BaseModel):
    """Whether the media node is there, and since when that is so."""

    state: NodeState
    since: datetime


class SystemStatus(BaseModel):
    """What the page says about the installation. `detector` is null until a node has registered."""

    version: str
    node: NodeStatus
    detector: DetectorInfo | None
    uptime_s: float


class Probe(BaseModel):
    """An answer for machines."""

    status: str


@router.get("/system")
async def read_system(_: CurrentUser, control: ControlPart) -> SystemStatus:
    """Version, node and detector."""
    return SystemStatus(
        version=__version__,
        node=NodeStatus(state=control.node.state, since=control.node.since),
        detector=control.node.detector,
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
async def read_metrics(control: ControlPart) -> Response:
    """Figures for Prometheus."""
    text = control.metrics.render(
        await control.camera_states(),
        is_node_up=control.node.state is NodeState.UP,
        client_count=control.events.listener_count,
    )
    return Response(text, media_type=CONTENT_TYPE_LATEST)
