"""Virtual cameras that are found, each at an address of its own."""

import socket
from pathlib import Path

import pytest

from ingest.address import HostPolicy
from ingest.onvif.discovery import NetworkScan
from ingest.onvif.scan_plan import plan_scan
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip import Clip
from ingest.virtual_camera.clip_cache import ClipCache
from ingest.virtual_camera.onvif.street import House, VirtualStreet
from ingest.virtual_camera.scene import Scene


@pytest.fixture
def clip(tmp_path: Path) -> Clip:
    return ClipCache(tmp_path).play_scene(Scene(width=160, height=96, duration_s=1.0))


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.anyio
async def test_a_street_is_found_house_by_house(clip: Clip):
    """Three devices answer at their own addresses and nobody else does."""
    hosts = [f"127.0.86.{number}" for number in (1, 2, 5)]
    houses = [House(host, VirtualCamera(f"house-{host[-1]}", clip)) for host in hosts]
    port = free_port()
    with VirtualStreet(houses, port) as street:
        found = await NetworkScan(plan_scan(["127.0.86.0/29"], HostPolicy(allow_loopback=True)), port).run()
        assert [device.ip for device in found] == hosts
        assert {device.address for device in found} == {device.address for device in street.devices.values()}


def test_a_taken_address_is_told(clip: Clip):
    """To whoever starts the street, not to a log."""
    with pytest.raises(OSError, match="assign"), VirtualStreet([House("192.0.2.1", VirtualCamera("gate", clip))], 0):
        pass
