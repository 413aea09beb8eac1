"""Somebody else's client (onvif-zeep-async, from PyPI) before our virtual camera."""

import asyncio
import json
import os
import sys

import pytest

from ingest.camera import Credential
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.onvif.quirks import Manners, Quirk
from ingest.virtual_camera.onvif.server import OnvifServer
from tests.ingest.onvif.conftest import MAIN, SUB
from tests.third_party.packages import fetched

pytestmark = [pytest.mark.slow, pytest.mark.anyio, pytest.mark.timeout(110)]

_CLIENT = """
import asyncio, json, os, sys
import onvif
from onvif import ONVIFCamera

async def main():
    wsdl = os.path.join(os.path.dirname(onvif.__file__), "wsdl")
    camera = ONVIFCamera("127.0.0.1", int(sys.argv[1]), "admin", "p@ss:w/1", wsdl, no_cache=True, adjust_time=True)
    await camera.update_xaddrs()
    device = await camera.create_devicemgmt_service()
    media = await camera.create_media_service()
    ptz = await camera.create_ptz_service()
    profiles = await media.GetProfiles()
    uri = await media.GetStreamUri({"ProfileToken": profiles[0].token, "StreamSetup": {
        "Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}})
    move = ptz.create_type("ContinuousMove")
    move.ProfileToken = profiles[0].token
    move.Velocity = {"PanTilt": {"x": 0.5, "y": 0.0}}
    await ptz.ContinuousMove(move)
    await ptz.Stop({"ProfileToken": profiles[0].token})
    told = {
        "model": (await device.GetDeviceInformation()).Model,
        "profiles": [profile.Name for profile in profiles],
        "codec": profiles[1].VideoEncoderConfiguration.Encoding,
        "uri": uri.Uri,
        "relays": [relay.token for relay in await device.GetRelayOutputs()],
    }
    manager = await camera.create_pullpoint_manager(__import__("datetime").timedelta(minutes=1), lambda: None)
    await device.SetRelayOutputState({"RelayOutputToken": "relay-1", "LogicalState": "active"})
    told["topics"] = [
        message.Topic._value_1
        for message in (await manager.get_service().PullMessages({"MessageLimit": 10, "Timeout": "PT1S"}))
        .NotificationMessage
    ]
    await manager.shutdown()
    await camera.close()
    print(json.dumps(told))

asyncio.run(main())
"""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_another_client_reads_our_virtual_camera():
    """By its own descriptions of the services: device, media, PTZ, relays and events, with a clock an hour ahead."""
    package = await asyncio.to_thread(fetched, "onvif-zeep-async==4.3.0", alone=False)
    camera = VirtualCamera("crossing", MAIN, SUB, credential=Credential("admin", "p@ss:w/1"))
    server = OnvifServer(camera, 8554, Manners(frozenset({Quirk.WSSE_ONLY}), clock_offset_s=3600.0))
    port = await server.start()
    try:
        environment = {**os.environ, "PYTHONPATH": str(package)}
        pipe = asyncio.subprocess.PIPE
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _CLIENT, str(port), env=environment, stdout=pipe, stderr=pipe
        )
        async with asyncio.timeout(60):
            out, err = await child.communicate()
        assert child.returncode == 0, err.decode()[-3000:]
        told = json.loads(out)
    finally:
        await server.close()
    assert told == {
        "model": "XV-1",
        "profiles": ["主码流", "子码流"],
        "codec": "H264",
        "uri": "rtsp://127.0.0.1:8554/crossing/main",
        "relays": ["relay-1"],
        "topics": ["tns1:Device/Trigger/Relay"],
    }
    assert server.device.relay_is_active
    assert server.device.stops == 1
    assert server.device.pull_points == {}
    assert server.gate.refusals == 0
