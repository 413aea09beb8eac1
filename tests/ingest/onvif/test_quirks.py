"""What real devices answer beside the standard, put into the answers of a good one. docs/devices.md names each."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from ipaddress import ip_address

import pytest

from ingest.camera import Credential
from ingest.clock import SystemClock
from ingest.errors import AddressRefused, CredentialsRefused
from ingest.onvif import namespaces as ns
from ingest.onvif.connection import Login
from ingest.onvif.device import OnvifDevice
from ingest.onvif.discovery import NetworkScan
from ingest.onvif.endpoint import Endpoint
from ingest.onvif.errors import AnswerMalformed, OperationRefused
from ingest.onvif.probe import FoundDevice, probe_messages, read_reply
from ingest.onvif.ptz import PtzControl
from ingest.onvif.pull_point import PullPoint
from ingest.onvif.scan_plan import plan_scan
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.onvif.http import HttpAnswer, HttpRequest, HttpServer
from ingest.virtual_camera.onvif.quirks import Manners, Quirk
from ingest.virtual_camera.onvif.server import OnvifServer
from tests.ingest.onvif.conftest import LOGIN, MAIN, SUB, Pair
from tests.ingest.onvif.test_discovery import HERE

pytestmark = pytest.mark.anyio

Twist = Callable[[HttpRequest, HttpAnswer], HttpAnswer]


def put(old: str, new: str, status: int | None = None) -> Twist:
    """Has answers say something else, where they say `old`."""

    def twist(_: HttpRequest, answer: HttpAnswer) -> HttpAnswer:
        if old.encode() not in answer.body:
            return answer
        return replace(answer, body=answer.body.replace(old.encode(), new.encode()), status=status or answer.status)

    return twist


@asynccontextmanager
async def twisted(twist: Twist, *quirks: Quirk, login: Credential = LOGIN) -> AsyncIterator[Pair]:
    """Our client before a device whose answers go through `twist`; all its addresses lead through it."""
    clock = SystemClock()
    server = OnvifServer(VirtualCamera("村口", MAIN, SUB, credential=login), 8554, Manners(frozenset(quirks)), clock)

    async def answer(request: HttpRequest) -> HttpAnswer:
        return twist(request, await server._answer(request))

    front = HttpServer("127.0.0.1", 0, answer)
    server.device.http_port = await front.start()
    endpoint = Endpoint("http", ip_address("127.0.0.1"), server.device.http_port)
    try:
        async with OnvifDevice(endpoint, Login(login), clock) as device:
            yield Pair(server, device)
    finally:
        await front.close()


def found(xaddrs: str, scopes: str = "", source: str = "192.0.2.7") -> FoundDevice:
    """The device in a reply with these addresses and scopes."""
    document = probe_messages("urn:uuid:1")[0].decode().replace("MessageID", "RelatesTo")
    inner = f"<d:ProbeMatch><d:Scopes>{scopes}</d:Scopes><d:XAddrs>{xaddrs}</d:XAddrs></d:ProbeMatch></s:Body>"
    (device,) = read_reply(document.replace("</s:Body>", inner).encode(), source, ["urn:uuid:1"])
    return device


def test_an_odd_port_and_path_are_kept():
    """Some makers listen on 2020, with a path of their own."""
    assert found("http://192.0.2.7:2020/onvif/service").address == "http://192.0.2.7:2020/onvif/service"


@pytest.mark.parametrize(
    "named", ["http://0.0.0.0/onvif/x", "http://192.168.1.108/onvif/x", "http://[fe80::1]/onvif/x"]
)
def test_a_placeholder_address_becomes_the_host_that_answered(named: str):
    """Also the address it had in the factory, or in another subnet."""
    assert found(named).address == "http://192.0.2.7:80/onvif/x"


def test_scopes_are_read_percent_encoded_or_not():
    """And cut to what can be shown."""
    scopes = "onvif://www.onvif.org/name/HIK%20DS-2CD onvif://www.onvif.org/location/村口"
    device = found("http://192.0.2.7/x", scopes)
    assert (device.name, device.location) == ("HIK DS-2CD", "村口")


async def test_a_late_reply_is_taken():
    """One that comes after the first try was given up counts as long as the scan goes on; two are one device."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.78.9", 0))
        ear.setblocking(False)
        scan = asyncio.create_task(NetworkScan(plan_scan(["127.0.78.9"], HERE), ear.getsockname()[1]).run())
        data, address = await loop.sock_recvfrom(ear, 65536)
        await asyncio.sleep(1.0)
        text = data.decode().replace("MessageID", "RelatesTo")
        for port in (80, 8080):
            match = f"<d:ProbeMatch><d:XAddrs>http://127.0.78.9:{port}/x</d:XAddrs></d:ProbeMatch></s:Body>"
            ear.sendto(text.replace("</s:Body>", match).encode(), address)
        assert [device.ip for device in await scan] == ["127.0.78.9"]


@pytest.mark.parametrize(
    ("subcode", "reason", "status"),
    [
        ("wsse:FailedAuthentication", "The security token could not be authenticated", 400),
        ("ter:NotAuthorized", "Sender not Authorized", 500),
        ("ter:Other", "Unauthorized access", 200),
        ("wsse:InvalidSecurity", "", 400),
    ],
)
async def test_refusals_are_understood_in_any_words(subcode: str, reason: str, status: int):
    """A fault about the login is one, whatever its code, words and HTTP status: so it is tried once."""
    words = (
        put("ter:NotAuthorized", subcode, status),
        put("Sender not Authorized", reason),
    )
    async with twisted(lambda q, a: words[1](q, words[0](q, a)), Quirk.WSSE_ONLY) as pair:
        await pair.device.connect()
        assert (await pair.device.information()).model == "XV-1"
        pair.server.device.camera = VirtualCamera("村口", MAIN, SUB, credential=Credential("x", "another"))
        for _ in range(2):
            with pytest.raises(CredentialsRefused):
                await pair.device.information()
        assert pair.server.gate.refusals == 1


@pytest.mark.parametrize("password", ["a@b:c/d%41", "密码 ü", '"quoted\\'])
@pytest.mark.parametrize("quirk", [Quirk.DIGEST_ONLY, Quirk.WSSE_ONLY])
async def test_passwords_of_any_letters(password: str, quirk: Quirk):
    """They go into digests, never into addresses."""
    async with twisted(lambda _, a: a, quirk, login=Credential("admin", password)) as pair:
        await pair.device.connect()
        assert (await pair.device.information()).model == "XV-1"


async def test_unquoted_attributes_are_no_xml():
    """An answer that no parser reads is malformed, and said to be."""
    async with twisted(put('token="Profile_1"', "token=Profile_1")) as pair:
        await pair.device.connect()
        with pytest.raises(AnswerMalformed):
            await pair.device.profiles()


async def test_a_bit_rate_told_in_bits_is_read_as_one():
    """Two million kilobits a second is no camera's: it is two megabits."""
    rate = f"<tt:BitrateLimit>{MAIN.bitrate_bps // 1000}</tt:BitrateLimit>"
    async with twisted(put(rate, "<tt:BitrateLimit>2048000</tt:BitrateLimit>")) as pair:
        await pair.device.connect()
        video = (await pair.device.profiles())[0].video
        assert video is not None
        assert video.bitrate_kbps == 2048


async def test_nonsense_in_numbers_is_nothing():
    """A profile whose figures cannot be read is a profile without them."""
    async with twisted(put("<tt:Width>1920</tt:Width>", "<tt:Width>wide</tt:Width>")) as pair:
        await pair.device.connect()
        video = (await pair.device.profiles())[0].video
        assert video is not None
        assert (video.width, video.height) == (0, 1080)


async def test_a_stream_address_inside_another_stays_at_the_host():
    """Only the outer one's host counts, and that is the adopted one; what is no RTSP address is refused."""
    async with twisted(put("rtsp://127.0.0.1", "rtsp://192.0.2.9:554/rtsp://198.51.100.1")) as pair:
        await pair.device.connect()
        stream = await pair.device.stream((await pair.device.profiles())[0])
        assert stream.address.startswith("rtsp://127.0.0.1/rtsp:")
        assert stream.host_was_replaced
    async with twisted(put("rtsp://127.0.0.1", "file://127.0.0.1")) as pair:
        await pair.device.connect()
        with pytest.raises(AddressRefused):
            await pair.device.stream((await pair.device.profiles())[0])


async def test_ptz_is_moved_by_whichever_profile_was_named():
    """Whether profiles name PTZ, or spaces make sense, does not matter: the service is what is asked."""

    def silent(request: HttpRequest, answer: HttpAnswer) -> HttpAnswer:
        return put("tr2:PTZ", "tr2:Nothing")(request, put("<tt:Min>-1</tt:Min>", "<tt:Min>1</tt:Min>")(request, answer))

    async with twisted(silent) as pair:
        await pair.device.connect()
        assert not any(profile.has_ptz for profile in await pair.device.profiles())
        await PtzControl(pair.device, "Profile_2").move((0.5, 0.0, 0.0), 1.0)
        assert pair.server.device.movement.speed == (0.5, 0.0, 0.0)
        assert "GetNodes" not in pair.server.requests


async def test_a_status_that_cannot_be_read_does_not_hold_up_a_stop():
    """Zoom is not a number in some firmware."""
    async with twisted(put('<tt:Zoom x="', '<tt:Zoom x="NaN?')) as pair:
        await pair.device.connect()
        control = PtzControl(pair.device, "Profile_1", stop_pause_s=0.01)
        assert (await control.status()).position is None
        assert await control.stop()


async def test_a_pull_point_on_another_port_and_a_wrong_host_is_followed_to_the_adopted_one():
    """A port for each subscription, named at an address behind a router."""

    async def answer(request: HttpRequest) -> HttpAnswer:
        return await server._answer(request)

    other = HttpServer("127.0.0.1", 0, answer)
    port = await other.start()

    def elsewhere(_: HttpRequest, answer: HttpAnswer) -> HttpAnswer:
        address = f"http://127.0.0.1:{server.device.http_port}/onvif/event_service/pull"
        return put(address, f"http://192.168.1.64:{port}/onvif/event_service/pull")(_, answer)

    async with twisted(elsewhere) as pair:
        server = pair.server
        await pair.device.connect()
        events = PullPoint(pair.device, SystemClock())
        assert len(await events.pull(1)) == 1
        assert events.subscription is not None
        assert events.subscription.endpoint.port == port
        assert str(events.subscription.endpoint.ip) == "127.0.0.1"
        await events.close()
        assert server.device.pull_points == {}
    await other.close()


async def test_an_end_that_is_already_over_is_not_believed():
    """A device whose two times are the same, or run backwards, is renewed as if it had given a minute."""
    old = "<wsnt:TerminationTime>2"
    async with twisted(put(old, "<wsnt:TerminationTime>1")) as pair:
        await pair.device.connect()
        events = PullPoint(pair.device, SystemClock())
        await events.open()
        assert events.subscription is not None
        assert events.subscription.life_s == 60
        await events.close()


async def test_a_device_without_relative_times_is_asked_without_any():
    """Some refuse a duration; without one they give what they always give."""

    def refusing(request: HttpRequest, answer: HttpAnswer) -> HttpAnswer:
        is_relative = b"CreatePullPointSubscription" in request.body and b"InitialTerminationTime" in request.body
        if not is_relative or answer.status != 200:
            return answer
        pair.server.device.pull_points.clear()
        fault = (
            "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>wsnt:UnacceptableInitialTerminationTime"
        )
        body = (
            f'<s:Envelope xmlns:s="{ns.SOAP}" xmlns:wsnt="{ns.NOTIFICATION}"><s:Body>{fault}</s:Value></s:Subcode>'
            "</s:Code></s:Fault></s:Body></s:Envelope>"
        )
        return HttpAnswer(400, body.encode())

    async with twisted(refusing) as pair:
        await pair.device.connect()
        events = PullPoint(pair.device, SystemClock())
        await events.open()
        assert len(pair.server.device.pull_points) == 1
        await events.close()


async def test_a_device_that_never_has_anything_to_tell():
    """Empty answers are no error; topics of its maker's own are counted and dropped."""
    async with twisted(put("tns1:Device/Trigger/Relay", "tnsacme:Vendor/Own/Thing")) as pair:
        await pair.device.connect()
        events = PullPoint(pair.device, SystemClock())
        assert [await events.pull(1) for _ in range(3)] == [[], [], []]
        assert events.dropped == 1
        await events.close()


async def test_a_device_that_has_started_anew_refuses_the_old_pull_point():
    """Whoever listens hears it as a refusal and takes a new one."""
    async with twisted(lambda _, a: a) as pair:
        await pair.device.connect()
        events = PullPoint(pair.device, SystemClock())
        await events.pull(1)
        pair.server.device.reboot()
        with pytest.raises(OperationRefused):
            await events.pull(1)
        await events.close()
        assert len(await events.pull(1)) == 1
        await events.close()
