"""The ONVIF side of the virtual camera, on the wire, by a client that knows nothing but HTTP and SOAP."""

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from ingest.camera import Credential
from ingest.onvif import namespaces as ns
from ingest.onvif.tree import Tree, parse_tree
from ingest.onvif.username_token import security_header
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip import Clip
from ingest.virtual_camera.onvif.quirks import Manners, Quirk, ReplyShape
from ingest.virtual_camera.onvif.responder import DiscoveryResponder
from ingest.virtual_camera.onvif.server import OnvifServer
from tests.fakes.clock import ManualClock
from tests.ingest.virtual_camera.conftest import LOGIN

pytestmark = pytest.mark.anyio


@pytest.fixture
async def camera(loop_clip: Clip) -> AsyncIterator[OnvifServer]:
    server = OnvifServer(VirtualCamera("村口", loop_clip, credential=LOGIN), 8554, clock=ManualClock())
    await server.start()
    yield server
    await server.close()


async def ask(server: OnvifServer, body: str, header: str = "", **options: object) -> tuple[int, Tree]:
    """Status and envelope of the answer to one body."""
    document = f'<s:Envelope xmlns:s="{ns.SOAP}"><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>'
    async with httpx.AsyncClient(trust_env=False, **options) as http:
        answer = await http.post(server.address, content=document.encode())
    return answer.status_code, parse_tree(answer.content)


def device(name: str) -> str:
    return f'<{name} xmlns="{ns.DEVICE}"/>'


async def test_time_and_services_need_no_login(camera: OnvifServer):
    """What is PRE_AUTH in the standard answers strangers; everything else challenges them."""
    status, answer = await ask(camera, device("GetSystemDateAndTime"))
    assert status == 200
    assert answer.anywhere("UTCDateTime")[0].text("Date", "Year") == "2026"
    _, services = await ask(camera, device("GetServices"))
    assert {service.text("Namespace") for service in services.anywhere("Service")} == {
        *(ns.DEVICE, ns.MEDIA, ns.MEDIA2),
        *(ns.PTZ, ns.EVENTS, ns.IMAGING),
    }
    status, refused = await ask(camera, device("GetDeviceInformation"))
    assert status == 401
    assert refused.anywhere("Subcode")[0].text("Value") == "ter:NotAuthorized"


async def test_tokens_wear_out(camera: OnvifServer):
    """A token is good for one request and for its few seconds only."""
    now = camera.device.now()
    token = security_header(LOGIN, now)
    assert (await ask(camera, device("GetDeviceInformation"), token))[0] == 200
    assert (await ask(camera, device("GetDeviceInformation"), token))[0] == 401
    late = security_header(LOGIN, now + timedelta(seconds=6))
    assert (await ask(camera, device("GetDeviceInformation"), late))[0] == 401


async def test_http_digest(loop_clip: Clip):
    """HTTP Digest is taken instead of a token."""
    login = Credential("admin", "p@ss:w/1")
    camera = OnvifServer(VirtualCamera("gate", loop_clip, credential=login), 8554)
    await camera.start()
    digest = httpx.DigestAuth(login.username, login.password)
    status, answer = await ask(camera, device("GetDeviceInformation"), auth=digest)
    await camera.close()
    assert status == 200
    assert answer.anywhere("Model")[0].text() == "XV-1"


async def test_an_unknown_operation_is_a_fault(camera: OnvifServer):
    """Neither another service's operation nor an invented one is answered."""
    for body in (device("GetProfiles"), f'<GetServices xmlns="{ns.MEDIA}"/>'):
        status, answer = await ask(camera, body, security_header(LOGIN, camera.device.now()))
        assert status == 500
        assert "ter:ActionNotSupported" in answer.anywhere("Subcode")[0].text("Value")


@pytest.mark.parametrize("shape", ReplyShape)
async def test_probes_are_answered_in_every_shape(loop_clip: Clip, shape: ReplyShape):
    """A unicast probe is answered with its own message id; one for printers is not."""
    server = OnvifServer(VirtualCamera("gate", loop_clip), 8554, Manners(reply=shape))
    responder = DiscoveryResponder([server.presence])
    port = await responder.open("127.0.0.1", 0)

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.setblocking(False)
        loop = asyncio.get_running_loop()
        for types in ("p:Printer", "dn:NetworkVideoTransmitter"):
            probe = (
                f'<s:Envelope xmlns:s="{ns.SOAP}" xmlns:a="{ns.ADDRESSING_2004}"><s:Header>'
                f"<a:MessageID>urn:uuid:{types[0]}</a:MessageID></s:Header><s:Body>"
                f'<d:Probe xmlns:d="{ns.DISCOVERY_2005}"><d:Types>{types}</d:Types></d:Probe></s:Body></s:Envelope>'
            )
            await loop.sock_sendto(ear, probe.encode(), ("127.0.0.1", port))
        reply = parse_tree(await asyncio.wait_for(loop.sock_recv(ear, 65536), 5))
    responder.close()
    assert reply.text("Header", "RelatesTo") == "urn:uuid:d"
    assert reply.anywhere("ProbeMatch")[0].text("EndpointReference", "Address") == f"urn:uuid:{server.device.id}"


async def test_a_clock_of_1970(loop_clip: Clip):
    """A camera whose battery is empty wakes up in 1970."""
    server = OnvifServer(VirtualCamera("gate", loop_clip), 8554, Manners(frozenset({Quirk.CLOCK_1970})))
    assert server.device.now() < datetime(1970, 1, 2, tzinfo=UTC)
