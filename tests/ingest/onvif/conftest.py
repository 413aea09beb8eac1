"""A virtual device on a real socket, with any manners, and a client of ours before it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_address

import pytest

from ingest.camera import Credential
from ingest.clock import SystemClock
from ingest.onvif.connection import Login, LoginPolicy
from ingest.onvif.device import OnvifDevice
from ingest.onvif.endpoint import Endpoint
from ingest.packet import Codec
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip import Clip
from ingest.virtual_camera.onvif.quirks import Manners, Quirk
from ingest.virtual_camera.onvif.server import OnvifServer
from ingest.virtual_camera.parameter_sets import ParameterSets

LOGIN = Credential("操作员", "p@ss:w/1")
MAIN = Clip(Codec.H265, 1920, 1080, 25.0, 90_000, ParameterSets((), (), ()), ())
SUB = Clip(Codec.H264, 640, 360, 12.5, 90_000, ParameterSets((), (), ()), ())


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Pair:
    """A virtual device and our client of it."""

    server: OnvifServer
    device: OnvifDevice


@asynccontextmanager
async def facing(
    *quirks: Quirk,
    login: Credential | None = LOGIN,
    policy: LoginPolicy = LoginPolicy.AUTO,
    camera_login: Credential | None = LOGIN,
    **manners: float,
) -> AsyncIterator[Pair]:
    """Our client in front of a device with these quirks; nothing was asked yet."""
    camera = VirtualCamera("村口", MAIN, SUB, credential=camera_login)
    clock = SystemClock()
    server = OnvifServer(camera, 8554, Manners(frozenset(quirks), **manners), clock)
    port = await server.start()
    endpoint = Endpoint("http", ip_address("127.0.0.1"), port)
    try:
        async with OnvifDevice(endpoint, Login(login, policy), clock) as device:
            yield Pair(server, device)
    finally:
        await server.close()
