"""Somebody else's RTSP server (gst-rtsp-server, from Debian) with Digest login, before our client."""

import os
import subprocess
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from ingest.camera import Camera, CameraId, Credential, StreamProfile, StreamRole, Transport
from ingest.clock import SystemClock
from ingest.errors import CredentialsRefused
from ingest.packet import Codec, Packet
from ingest.rtsp_source import RtspOpener
from ingest.settings import IngestSettings
from ingest.source import PacketSource
from tests.conftest import MakeClip

SYSTEM_PYTHON = "/usr/bin/python3"
PASSWORD = "p@ss:w/1 水"

_SERVER = """
import os, sys
import gi
gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer

Gst.init(None)
for element in ("qtdemux", "h264parse", "rtph264pay"):
    if Gst.ElementFactory.find(element) is None:
        sys.exit("no element " + element)
server = GstRtspServer.RTSPServer(address="127.0.0.1", service="0")
auth = GstRtspServer.RTSPAuth()
auth.set_supported_methods(2)  # GST_RTSP_AUTH_DIGEST
token = GstRtspServer.RTSPToken()
token.set_string("media.factory.role", "viewer")
auth.add_digest("viewer", os.environ["XL_TEST_PASSWORD"], token)
server.set_auth(auth)
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch('( filesrc location="' + sys.argv[1] + '" ! qtdemux ! h264parse ! rtph264pay name=pay0 pt=96 )')
permissions = GstRtspServer.RTSPPermissions()
role = Gst.Structure.new_empty("viewer")
role.set_value("media.factory.access", True)
role.set_value("media.factory.construct", True)
permissions.add_role_from_structure(role)
factory.set_permissions(permissions)
server.get_mount_points().add_factory("/live", factory)
if not server.attach(None):
    sys.exit("cannot listen")
print("PORT", server.get_bound_port(), flush=True)
GLib.MainLoop().run()
"""


@pytest.fixture
def address(make_clip: MakeClip) -> Iterator[str]:
    """A clip of 50 pictures, to be watched by who knows the password."""
    clip: Path = make_clip(seconds=2.0, fps=25)
    environ = {**os.environ, "XL_TEST_PASSWORD": PASSWORD, "GST_REGISTRY_FORK": "no"}
    environ.pop("PYTHONPATH", None)
    try:
        server = subprocess.Popen([SYSTEM_PYTHON, "-c", _SERVER, clip], env=environ, stdout=subprocess.PIPE, text=True)
    except OSError:
        pytest.skip("there is no Python of the system")
    with server:
        try:
            told = (server.stdout.readline() if server.stdout else "").split()
            if told[:1] != ["PORT"]:
                pytest.skip("gst-rtsp-server is not here (gir1.2-gst-rtsp-server-1.0, gstreamer1.0-plugins-good, -bad)")
            yield f"rtsp://127.0.0.1:{told[1]}/live"
        finally:
            server.kill()


def dial(address: str, password: str, transport: Transport = Transport.TCP) -> PacketSource:
    """The server as a camera of ours."""
    profile = StreamProfile(StreamRole.MAIN, address, transport)
    camera = Camera(CameraId("gst"), "Gate", (profile,), Credential("viewer", password))
    opener = RtspOpener(IngestSettings(allow_loopback=True, read_timeout_s=5), SystemClock())
    return opener.open(camera, profile, 1)


@pytest.mark.parametrize("transport", Transport)
def test_a_clip_is_read_with_digest(address: str, transport: Transport) -> None:
    """Whole pictures, the first a key frame, in the order of their times, over TCP and UDP."""
    source = dial(address, PASSWORD, transport)
    try:
        packets = [packet for packet in islice(source.packets(), 20) if isinstance(packet, Packet)]
    finally:
        source.close()
    assert (packets[0].codec, packets[0].is_keyframe, len(packets)) == (Codec.H264, True, 20)
    times = [packet.media_time_s for packet in packets]
    assert times == sorted(times)


def test_a_wrong_password_is_told_from_any_other_failure(address: str) -> None:
    """Cameras lock accounts: it must not look like a network fault that is tried again at once."""
    with pytest.raises(CredentialsRefused):
        dial(address, "guessed")
