"""What is a camera of the site already shows no picture, whoever looks."""

from datetime import UTC, datetime
from ipaddress import IPv4Interface

import pytest

from vms_api.cameras.camera import CameraRecord
from vms_api.discovery.examination import Examined
from vms_api.discovery.interfaces import proposed_network
from vms_api.discovery.proposal import Stream
from vms_api.discovery.recognition import recognised

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def camera(address: str, sub_address: str | None = None, area_id: str = "here") -> CameraRecord:
    return CameraRecord("1", area_id, "Gate", address, sub_address, "tcp", None, None, True, True, NOON, NOON)


def device(*addresses: str) -> Examined:
    streams = [Stream(address=address, profile_token="1", profile_name="1") for address in addresses]
    return Examined(address="http://192.0.2.7/", streams=streams, picture="/9j/")


@pytest.mark.parametrize(
    "known",
    [
        camera("rtsp://192.0.2.7/main"),
        camera("rtsp://192.0.2.99/main", "rtsp://192.0.2.7/sub"),
        camera("rtsp://gate.example:554/main"),
        camera("rtsp://192.0.2.7/main", area_id="elsewhere"),
    ],
)
def test_a_known_camera_has_no_picture(known: CameraRecord):
    """By either stream, by a host name that may be the device's, and in an area that the caller does not manage."""
    row = recognised(device("rtsp://192.0.2.7/main", "rtsp://192.0.2.7/sub"), [known], {"here"})
    assert row.picture is None
    assert row.known_as == ("Gate" if known.area_id == "here" else None)


def test_a_stranger_keeps_its_picture():
    """Another host, port or path is another camera."""
    others = [camera("rtsp://192.0.2.8/main"), camera("rtsp://192.0.2.7:8554/main"), camera("rtsp://192.0.2.7/2")]
    row = recognised(device("rtsp://192.0.2.7/main"), others, None)
    assert (row.picture, row.known_as) == ("/9j/", None)


@pytest.mark.parametrize(
    ("own", "network"),
    [("192.168.1.9/24", "192.168.1.0/24"), ("10.1.2.3/8", "10.1.2.0/24"), ("172.16.5.4/22", "172.16.4.0/22")],
)
def test_a_large_network_is_not_proposed_as_a_whole(own: str, network: str):
    """A scan asks a few thousand hosts at most."""
    assert proposed_network(IPv4Interface(own)) == network
