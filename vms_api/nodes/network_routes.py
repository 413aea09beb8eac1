"""How browsers reach the media node: the servers that help them, and a check for whoever sets the network up."""

from fastapi import APIRouter, Request
from pydantic import BaseModel

from vms_api.accounts.access import CurrentAccess
from vms_api.accounts.errors import NotAllowed
from vms_api.accounts.permission import Permission
from vms_api.control import ControlPart
from vms_api.live.ice_servers import LOGIN_LASTS, told_to
from vms_api.nodes.client import SignalBody
from vms_api.nodes.reached_at import reached_at

router = APIRouter()


class IceServerOut(BaseModel):
    """As RTCPeerConnection takes it; `username` and `credential` are null where the server asks for none."""

    urls: str
    username: str | None
    credential: str | None


class IceServers(BaseModel):
    """Empty where page and node share a network. Ask again before `lasts_s` seconds are over."""

    items: list[IceServerOut]
    lasts_s: int


@router.get("/network/ice-servers")
async def read_ice_servers(access: CurrentAccess, control: ControlPart) -> IceServers:
    """The STUN and TURN servers of the site file, with logins for the caller that end by themselves."""
    _require_somewhere(access, Permission.LIVE_VIEW)
    told = told_to(access.user.id, control.settings.live.ice_servers, control.clock.now())
    items = [IceServerOut(urls=s.url, username=s.username or None, credential=s.credential or None) for s in told]
    return IceServers(items=items, lasts_s=int(LOGIN_LASTS.total_seconds()))


class NetworkOffer(BaseModel):
    """An SDP offer of a data channel and nothing else."""

    sdp: str


class NetworkAnswer(BaseModel):
    """The node's SDP answer, with all of its addresses; the connection stays for some seconds."""

    sdp: str


@router.post("/network/self-test")
async def test_network(
    access: CurrentAccess, body: NetworkOffer, request: Request, control: ControlPart
) -> NetworkAnswer:
    """Answers an offer without a camera, so that a page can see by which addresses it reaches the media node."""
    _require_somewhere(access, Permission.SYSTEM_VIEW)
    offer = SignalBody(body.sdp.encode(), reached_at(request))
    return NetworkAnswer(sdp=await control.node_client.check_network(offer))


def _require_somewhere(access: CurrentAccess, permission: Permission) -> None:
    if not access.allows_somewhere(permission):
        raise NotAllowed(permission, access.rights.who_can_grant(access.rights.tree.root.id))
