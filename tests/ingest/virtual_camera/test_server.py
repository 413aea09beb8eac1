"""What the server says on the wire, seen by a client that knows nothing but bytes."""

import asyncio
import socket
import struct
import time
from itertools import pairwise

import pytest

from ingest.camera import Credential
from ingest.packet import Codec
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip import Clip
from ingest.virtual_camera.connection import MAX_UNSENT_BYTES, InterleavedViewer
from ingest.virtual_camera.fault import Fault, FaultKind
from ingest.virtual_camera.faults import Faultless
from ingest.virtual_camera.message import Request, Response, Status
from ingest.virtual_camera.rtp import Burst
from ingest.virtual_camera.scheduled_faults import ScheduledFaults
from ingest.virtual_camera.server import VirtualCameraServer
from ingest.virtual_camera.thread import VirtualCameraThread
from ingest.virtual_camera.transport import InterleavedTransport
from tests.fakes.clock import ManualClock
from tests.ingest.virtual_camera.conftest import LOGIN
from tests.ingest.virtual_camera.depacketiser import depacketise
from tests.ingest.virtual_camera.rtsp_client import ONE_TRACK, TCP, RtpPacket, RtspClient


def test_stranger_is_challenged(town: VirtualCameraThread):
    """Without a login the answer is 401 with a Digest challenge; OPTIONS needs none."""
    with RtspClient(town.url("gate")) as client:
        assert client.ask("OPTIONS").status == 200
        refused = client.ask("DESCRIBE")
    assert refused.status == 401
    assert refused.headers["www-authenticate"].startswith('Digest realm="')
    assert refused.body == b""


@pytest.mark.parametrize("login", [Credential(LOGIN.username, "wrong"), Credential("admin", LOGIN.password)])
def test_wrong_login_is_refused(town: VirtualCameraThread, login: Credential):
    """A wrong name or password is refused however often it is tried."""
    with RtspClient(town.url("gate"), login) as client:
        assert [client.ask("DESCRIBE").status for _ in range(3)] == [401, 401, 401]


def test_right_login_is_let_in(town: VirtualCameraThread):
    """After the challenge, the right password opens the stream."""
    with RtspClient(town.url("gate"), LOGIN) as client:
        assert [client.ask("DESCRIBE").status for _ in range(2)] == [401, 200]


@pytest.mark.parametrize(
    "path", ["/", "/nobody/main", "/bridge", "/bridge/third", "/bridge/main/trackID=1", "//bridge/main"]
)
def test_wrong_path_is_not_found(town: VirtualCameraThread, path: str):
    """What names no stream is 404."""
    with RtspClient(f"rtsp://127.0.0.1:{town.port}{path}") as client:
        assert client.ask("DESCRIBE").status == 404


def test_streams_describe_themselves(town: VirtualCameraThread):
    """The SDP carries codec, parameter sets and control address; the base is the presentation."""
    with RtspClient(town.url("村口")) as client:
        h264 = client.ask("DESCRIBE")
    with RtspClient(town.url("bridge", "sub")) as client:
        h265 = client.ask("DESCRIBE")
    assert h264.headers["content-base"] == town.url("村口") + "/"
    lines = h264.body.decode().splitlines()
    assert "a=rtpmap:96 H264/90000" in lines
    assert f"a=control:{ONE_TRACK}" in lines
    assert "s=村口" in lines
    assert any("packetization-mode=1;profile-level-id=64" in line and "sprop-parameter-sets=" in line for line in lines)
    assert all(name in h265.body for name in (b"H265/90000", b"sprop-vps=", b"sprop-sps=", b"sprop-pps="))


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("ANNOUNCE", {}, 405),
        ("RECORD", {}, 405),
        ("DANCE", {}, 501),
        ("DESCRIBE", {"Require": "onvif-replay"}, 551),
        ("SETUP", {"Transport": "RTP/AVP;multicast"}, 461),
        ("SETUP", {}, 461),
        ("PLAY", {}, 454),
        ("PLAY", {"Session": "0123"}, 454),
        ("SETUP", {"Transport": TCP, "Session": "0123"}, 454),
        ("GET_PARAMETER", {"Session": "0123"}, 454),
        ("GET_PARAMETER", {}, 200),
    ],
)
def test_what_cannot_be_is_refused(town: VirtualCameraThread, method: str, headers: dict[str, str], status: int):
    """Each misuse has its status, and the connection stays usable."""
    with RtspClient(town.url("bridge")) as client:
        assert client.ask(method, **headers).status == status
        assert client.ask("DESCRIBE").status == 200


@pytest.mark.parametrize(("data", "status"), [(b"GET / HTTP/1.1\r\n\r\n", 505), (b"x" * 20_000, 413)])
def test_what_is_no_rtsp_ends_the_connection(town: VirtualCameraThread, data: bytes, status: int):
    """Bytes that are no RTSP get one answer and the door."""
    with RtspClient(town.url("bridge")) as client:
        client.write(data)
        assert client.answer().status == status
        assert client.is_closed()


def test_a_request_without_a_number_is_bad(town: VirtualCameraThread):
    """CSeq is a duty (RFC 2326 clause 12.17)."""
    with RtspClient(town.url("bridge")) as client:
        client.write(b"OPTIONS * RTSP/1.0\r\n\r\n")
        assert client.answer().status == 400


def test_session_from_setup_to_teardown(town: VirtualCameraThread):
    """SETUP, PLAY, PAUSE, PLAY, TEARDOWN; what has no meaning in between is 455 and says what has."""
    with RtspClient(town.url("村口")) as client:
        playing = client.play()
        assert playing.status == 200
        assert playing.headers["range"] == "npt=now-"
        assert playing.headers["session"].endswith(";timeout=60")
        first = client.rtp()
        promised = f"url={client.url}/{ONE_TRACK};seq={first.sequence};rtptime={first.timestamp}"
        assert playing.headers["rtp-info"] == promised
        again = client.ask("SETUP", f"{client.url}/{ONE_TRACK}", Transport=TCP)
        assert (again.status, "PAUSE" in again.headers["allow"]) == (455, True)
        assert client.ask("GET_PARAMETER").status == 200
        assert client.ask("PAUSE").status == 200
        client.media.clear()
        assert client.ask("PLAY").status == 200
        assert client.rtp().sequence > first.sequence
        assert client.ask("TEARDOWN").status == 200
        assert client.ask("PLAY").status == 454


def _collect(client: RtspClient, count: int) -> list[list[RtpPacket]]:
    return [client.unit() for _ in range(count)]


def _nals(codec: Codec, units: list[list[RtpPacket]]) -> list[tuple[bytes, ...]]:
    return [tuple(depacketise(codec, (packet.payload for packet in unit))) for unit in units]


@pytest.mark.parametrize(("name", "codec", "step"), [("村口", Codec.H264, 3600), ("bridge", Codec.H265, 4500)])
def test_pictures_arrive_bit_by_bit_over_the_seam(
    town: VirtualCameraThread, loop_clip: Clip, h265_clip: Clip, name: str, codec: Codec, step: int
):
    """For more than a loop, NAL units equal the clip's, times go in even steps and no sequence number is missing."""
    clip = loop_clip if codec is Codec.H264 else h265_clip
    with RtspClient(town.url(name)) as client:
        client.play()
        units = _collect(client, len(clip.units) + 5)
    own = [unit.nal_units for unit in clip.units]
    received = _nals(codec, units)
    start = own.index(received[0])
    assert received == [own[(start + number) % len(own)] for number in range(len(received))]
    times = [unit[0].timestamp for unit in units]
    assert {(after - before) % 2**32 for before, after in pairwise(times)} == {step}
    assert all(packet.timestamp == unit[0].timestamp for unit in units for packet in unit)
    numbers = [packet.sequence for unit in units for packet in unit]
    assert {(after - before) % 2**16 for before, after in pairwise(numbers)} == {1}
    assert max(len(packet.payload) for unit in units for packet in unit) <= 1400


def test_pictures_come_in_real_time(town: VirtualCameraThread):
    """Twenty-five pictures of a camera of 25 per second take about a second."""
    with RtspClient(town.url("村口")) as client:
        client.play()
        client.unit()
        started = time.monotonic()
        _collect(client, 25)
        assert time.monotonic() - started == pytest.approx(1.0, abs=0.3)


def test_viewers_share_one_timeline(town: VirtualCameraThread):
    """Two clients of a stream get the same packets at the same time."""
    with RtspClient(town.url("村口")) as one, RtspClient(town.url("村口")) as other:
        one.play()
        other.play("RTP/AVP/TCP;unicast;interleaved=6-7")
        mine, theirs = _collect(one, 12), _collect(other, 6)
    assert theirs[0] in mine
    start = mine.index(theirs[0])
    assert mine[start : start + 4] == theirs[:4]


def test_sender_report_comes_with_the_stream(town: VirtualCameraThread):
    """The first report is there within the first pictures and tells this machine's time."""
    with RtspClient(town.url("村口")) as client:
        client.play()
        packets = [client.packet() for _ in range(12)]
    reports = [data for channel, data in packets if channel == 1]
    assert len(reports) == 1
    kind, ssrc, seconds = reports[0][1], *struct.unpack("!II", reports[0][4:12])
    assert kind == 200
    assert ssrc == RtpPacket.read(packets[0][1]).ssrc
    assert seconds - 2_208_988_800 == pytest.approx(time.time(), abs=5)


def test_udp_carries_the_same_pictures(town: VirtualCameraThread, h265_clip: Clip):
    """RTP and RTCP arrive on the client's two ports, from the ports that the server named."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as rtp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as rtcp,
        RtspClient(town.url("bridge")) as client,
    ):
        for sock in (rtp, rtcp):
            sock.bind(("127.0.0.1", 0))
            sock.settimeout(5)
        mine = f"{rtp.getsockname()[1]}-{rtcp.getsockname()[1]}"
        setup = client.ask("SETUP", f"{client.url}/{ONE_TRACK}", Transport=f"RTP/AVP;unicast;client_port={mine}")
        theirs = dict(part.partition("=")[::2] for part in setup.headers["transport"].split(";"))
        assert theirs["client_port"] == mine
        client.ask("PLAY")
        packets = [rtp.recvfrom(2000) for _ in range(60)]
        report, source = rtcp.recvfrom(2000)
    server_ports = [int(port) for port in theirs["server_port"].split("-")]
    assert {address[1] for _, address in packets} == {server_ports[0]}
    assert source[1] == server_ports[1] == server_ports[0] + 1
    assert report[1] == 200
    read = [RtpPacket.read(data) for data, _ in packets]
    ends = [index + 1 for index, packet in enumerate(read) if packet.marker]
    units = [read[start:end] for start, end in pairwise([0, *ends])]
    assert set(_nals(Codec.H265, units)) <= {unit.nal_units for unit in h265_clip.units}


def test_a_silent_camera_stays_connected(loop_clip: Clip):
    """Pictures stop and come back on the same connection, with the time that passed; requests are answered."""
    faults = ScheduledFaults([Fault(0.4, FaultKind.SILENT, 0.8)])
    camera = VirtualCamera("gate", loop_clip, faults=faults)
    with VirtualCameraThread([camera]) as server, RtspClient(server.url("gate")) as client:
        client.play()
        times = [client.unit()[0].timestamp for _ in range(20)]
        assert client.ask("GET_PARAMETER").status == 200
    longest = max((after - before) % 2**32 for before, after in pairwise(times)) / 90_000
    assert longest == pytest.approx(0.8, abs=0.1)


def test_a_dropped_camera_is_gone_for_a_while(loop_clip: Clip):
    """All its connections end, new ones end at once, its neighbour plays on; later it is back."""
    faults = ScheduledFaults([Fault(0.3, FaultKind.DROP, 0.8)])
    cameras = (VirtualCamera("gate", loop_clip, faults=faults), VirtualCamera("bridge", loop_clip))
    with VirtualCameraThread(cameras) as server, RtspClient(server.url("bridge")) as neighbour:
        neighbour.play()
        with RtspClient(server.url("gate")) as client:
            client.play()
            assert client.is_closed()
        ended_s = time.monotonic() - server.started_s
        assert ended_s == pytest.approx(0.3, abs=0.2)
        with RtspClient(server.url("gate")) as client:
            client.write(f"DESCRIBE {client.url} RTSP/1.0\r\nCSeq: 1\r\n\r\n".encode())
            assert client.is_closed()
        assert len(_collect(neighbour, 30)) == 30
        with RtspClient(server.url("gate")) as client:
            assert client.play().status == 200
            assert client.unit()


class Busy(Faultless):
    """A camera that takes no more clients."""

    def on_request(self, request: Request, at_s: float) -> Response | None:
        return Response(Status.SERVICE_UNAVAILABLE) if request.method == "SETUP" else None


def test_a_script_may_answer_requests(loop_clip: Clip):
    """The seam's answer goes out in the camera's place."""
    camera = VirtualCamera("gate", loop_clip, faults=Busy())
    with VirtualCameraThread([camera]) as server, RtspClient(server.url("gate")) as client:
        assert client.ask("DESCRIBE").status == 200
        assert client.ask("SETUP", Transport=TCP).status == 503


def test_ending_the_server_ends_its_clients(loop_clip: Clip):
    """After the block no thread, connection or port is left."""
    with VirtualCameraThread([VirtualCamera("gate", loop_clip)]) as server:
        client = RtspClient(server.url("gate"))
        client.__enter__()
        client.play()
        client.unit()
        assert server.statistics().viewers == 1
        port = server.port
    assert client.is_closed()
    client.__exit__()
    with VirtualCameraThread([VirtualCamera("gate", loop_clip)], port=port) as server:
        assert server.port == port


def test_a_port_in_use_is_an_error(loop_clip: Clip, town: VirtualCameraThread):
    """A second server on the same port fails at once, and leaves nothing behind."""
    with pytest.raises(OSError, match="address already in use"), VirtualCameraThread([], port=town.port):
        pytest.fail("the port was free")


@pytest.mark.parametrize("name", ["", "a/b", "a\nb"])
def test_names_must_fit_an_address(loop_clip: Clip, name: str):
    """A camera's name is a part of its address."""
    with pytest.raises(ValueError, match="part of an address"):
        VirtualCamera(name, loop_clip)


def test_names_must_differ(loop_clip: Clip):
    """Two cameras cannot be at the same address."""
    with pytest.raises(ValueError, match="same name"):
        VirtualCameraThread([VirtualCamera("a", loop_clip), VirtualCamera("a", loop_clip)])


@pytest.mark.anyio
async def test_a_client_that_does_not_read_is_too_slow():
    """Once too much waits in the server, a viewer takes nothing more."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        _, writer = await asyncio.open_connection(*listener.getsockname())
        viewer = InterleavedViewer(writer.transport, InterleavedTransport(0, 1))
        burst = Burst((bytes(60_000),) * 20)
        taken = 0
        while viewer.send(burst):
            taken += 1
        waiting = writer.transport.get_write_buffer_size()
        viewer.cut()
        assert MAX_UNSENT_BYTES < waiting < MAX_UNSENT_BYTES + 1_300_000
        assert taken >= 3


@pytest.mark.anyio
async def test_a_client_that_says_nothing_is_cut(loop_clip: Clip):
    """A connection without a word for longer than the session time-out ends; one that speaks stays."""
    clock = ManualClock()
    server = VirtualCameraServer("127.0.0.1", 0, [VirtualCamera("gate", loop_clip)], clock)
    port = await server.start()
    mute, mute_writer = await asyncio.open_connection("127.0.0.1", port)
    alive, alive_writer = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.sleep(0.05)
    clock.advance(66.0)
    alive_writer.write(b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n")
    assert b"200 OK" in await alive.readline()
    server.cut_silent_clients()
    assert await mute.read() == b""
    assert server.statistics().connections == 1
    for writer in (mute_writer, alive_writer):
        writer.close()
    await server.close()
