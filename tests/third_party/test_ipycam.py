"""Somebody else's camera (ipycam, from PyPI) before our client, in a network of its own."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.third_party.packages import fetched

pytestmark = [pytest.mark.slow, pytest.mark.timeout(110)]

_CAMERA = """
import time
import numpy
from ipycam import CameraConfig, IPCamera

config = CameraConfig(local_ip="10.99.0.1", main_width=320, main_height=180, main_fps=5, username="admin",
                      password="p@ss:w/1", sub_width=160, sub_height=90, sub_fps=5)
camera = IPCamera(config)
camera.start()
while True:
    camera.stream(numpy.zeros((180, 320, 3), numpy.uint8))
    time.sleep(0.2)
"""

_CLIENT = """
import asyncio, json, socket, time
from ipaddress import ip_address
from ingest.address import HostPolicy
from ingest.camera import Credential
from ingest.clock import SystemClock
from ingest.onvif.connection import Login
from ingest.onvif.device import OnvifDevice
from ingest.onvif.discovery import discover
from ingest.onvif.endpoint import Endpoint
from ingest.onvif.ptz import PtzControl

async def main():
    ends = time.monotonic() + 40
    while time.monotonic() < ends:
        try:
            socket.create_connection(("10.99.0.1", 8080), 1).close()
            break
        except OSError:
            await asyncio.sleep(0.2)
    told = {"found": [device.address for device in await discover(["10.99.0.1"], HostPolicy(), 2.0)]}
    endpoint = Endpoint("http", ip_address("10.99.0.1"), 8080)
    async with OnvifDevice(endpoint, Login(Credential("admin", "p@ss:w/1")), SystemClock()) as device:
        offer = await device.connect()
        profiles = await device.profiles()
        told["offset_s"] = offer.clock.offset_s
        told["model"] = (await device.information()).model
        told["streams"] = [(await device.stream(profile)).address for profile in profiles]
        told["way"] = device.connection.way
        ptz = PtzControl(device, profiles[0].token)
        await ptz.move((0.5, 0.0, 0.0), 1.0)
        told["stopped"] = await ptz.stop()
    wrong = Login(Credential("admin", "wrong"))
    async with OnvifDevice(endpoint, wrong, SystemClock()) as device:
        try:
            await device.connect()
            await device.information()
        except Exception as error:
            told["refused"] = error.code
    print(json.dumps(told))

asyncio.run(main())
"""

_COMMANDS = (
    "ip link set lo up multicast on && ip addr add 10.99.0.1/24 dev lo && ip route add 224.0.0.0/4 dev lo src 10.99.0.1"
    ' && (cd "$3" && PYTHONPATH="$4" exec "$0" -c "$1") >"$3/camera.log" 2>&1 & camera=$!'
    ' ; sleep 1; "$0" -c "$2"; kill $camera'
)


def test_ipycam_is_found_described_and_moved(tmp_path: Path):
    """It wants a login for its time and challenges nobody; its PTZ answers declare no prefixes."""
    package = fetched("ipycam==1.3.0", alone=True)
    unshare = shutil.which("unshare")
    if not unshare or subprocess.run([unshare, "-n", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody make a network namespace")
    root = Path(__file__).parents[2]
    command = [unshare, "-n", "--pid", "--fork", "--kill-child", "sh", "-c", _COMMANDS]
    arguments = [sys.executable, _CAMERA, _CLIENT, str(tmp_path), str(package)]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(
        [*command, *arguments], cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=90
    )
    log = (tmp_path / "camera.log").read_text(errors="replace")
    assert done.stdout.startswith("{"), f"{done.stderr[-2000:]}\n{log[-2000:]}"
    told = json.loads(done.stdout)
    assert told["found"] == ["http://10.99.0.1:8080/onvif/device_service"]
    assert abs(told["offset_s"]) < 5
    assert (told["model"], told["way"], told["stopped"]) == ("VirtualCam-1", "token", True)
    assert told["streams"] == ["rtsp://10.99.0.1:8554/video_main", "rtsp://10.99.0.1:8554/video_sub"]
    assert told["refused"] == "credentials-refused"
