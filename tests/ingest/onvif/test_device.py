"""Our client in front of devices of every kind: what it learns, what it refuses, what it never does."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from ingest.camera import Credential
from ingest.errors import CredentialsRefused, HostRefused, IngestError, SourceTimeout
from ingest.onvif import namespaces as ns
from ingest.onvif.connection import LoginPolicy
from ingest.onvif.errors import AnswerMalformed, AnswerTooLarge, OperationUnsupported, RedirectRefused
from ingest.virtual_camera.onvif.quirks import Quirk
from tests.ingest.onvif.conftest import LOGIN, facing

pytestmark = pytest.mark.anyio


async def test_a_plain_device_is_described():
    """Time, identity, profiles of both streams with what Media 2 says, addresses at the adopted host."""
    async with facing() as pair:
        offer = await pair.device.connect()
        assert offer.clock is not None
        assert abs(offer.clock.offset_s) < 2
        told = await pair.device.information()
        assert (told.manufacturer, told.model, told.firmware) == ("Xueliang", "XV-1", "1.0.0")
        main, sub = await pair.device.profiles()
        assert (main.token, main.name, main.has_ptz) == ("Profile_1", "主码流", True)
        assert main.video is not None
        assert (main.video.codec, main.video.width, main.video.gop_frames) == ("H265", 1920, 50)
        stream = await pair.device.stream(sub)
        assert stream.address == "rtsp://127.0.0.1:8554/%E6%9D%91%E5%8F%A3/sub"
        assert not stream.host_was_replaced
        snapshot = await pair.device.snapshot(main)
        assert snapshot is not None
        assert (await pair.device.connection.fetch(snapshot)).startswith(b"\xff\xd8")


@pytest.mark.parametrize(
    ("quirks", "way"),
    [
        ((), LoginPolicy.DIGEST),
        ((Quirk.DIGEST_ONLY,), LoginPolicy.DIGEST),
        ((Quirk.WSSE_ONLY,), LoginPolicy.TOKEN),
        ((Quirk.BARE_401,), LoginPolicy.TOKEN),
        ((Quirk.WSSE_ONLY, Quirk.FAULT_200), LoginPolicy.TOKEN),
        ((Quirk.WSSE_ONLY, Quirk.TIME_NEEDS_LOGIN), LoginPolicy.TOKEN),
    ],
)
async def test_it_logs_in_the_way_the_device_wants(quirks: tuple[Quirk, ...], way: LoginPolicy):
    """Digest where there is a challenge, a token elsewhere, and no attempt with a wrong one in between."""
    async with facing(*quirks) as pair:
        await pair.device.connect()
        assert (await pair.device.information()).model == "XV-1"
        assert pair.device.connection.way is way
        assert pair.server.gate.refusals == 0


@pytest.mark.parametrize("policy", [LoginPolicy.DIGEST, LoginPolicy.TOKEN])
async def test_a_policy_holds(policy: LoginPolicy):
    """What somebody has chosen for a device is what is done."""
    async with facing(Quirk.TIME_NEEDS_LOGIN, policy=policy) as pair:
        await pair.device.connect()
        assert (await pair.device.information()).model == "XV-1"
        assert pair.device.connection.way is policy


@pytest.mark.parametrize("offset_s", [7200.0, -7200.0, 86400.0 * 365])
async def test_a_skewed_clock_is_no_wrong_password(offset_s: float):
    """Tokens are stamped with the device's own time; the offset is told as what it is."""
    async with facing(Quirk.WSSE_ONLY, clock_offset_s=offset_s) as pair:
        offer = await pair.device.connect()
        assert offer.clock is not None
        assert offer.clock.offset_s == pytest.approx(offset_s, abs=2)
        assert (await pair.device.information()).model == "XV-1"
        assert pair.server.gate.refusals == 0


async def test_a_clock_set_meanwhile_is_read_again():
    """After a reset the first token is old: the time is read once more, and the login works."""
    async with facing(Quirk.WSSE_ONLY) as pair:
        await pair.device.connect()
        await pair.device.information()
        pair.server.device.set_time(datetime.now(UTC) + timedelta(hours=2))
        assert (await pair.device.information()).model == "XV-1"
        assert pair.server.gate.refusals == 1


async def test_a_clock_of_1970_and_one_of_local_time():
    """A dead battery and a device that knows only its zone's time both log in."""
    for quirk in (Quirk.CLOCK_1970, Quirk.LOCAL_TIME_ONLY):
        async with facing(Quirk.WSSE_ONLY, quirk) as pair:
            offer = await pair.device.connect()
            assert offer.clock is not None
            assert (offer.clock.offset_s < -1e9) == (quirk is Quirk.CLOCK_1970)
            assert (await pair.device.information()).model == "XV-1"


@pytest.mark.parametrize("quirks", [(), (Quirk.WSSE_ONLY,), (Quirk.BARE_401,)])
async def test_a_wrong_password_is_tried_once(quirks: tuple[Quirk, ...]):
    """Devices lock accounts: after one refusal nothing is sent any more, whatever is asked."""
    async with facing(*quirks, login=Credential(LOGIN.username, "wrong")) as pair:
        await pair.device.connect()
        for _ in range(3):
            with pytest.raises(CredentialsRefused):
                await pair.device.information()
        assert pair.server.gate.refusals == 1


async def test_set_time_is_understood():
    """The device's clock is what was set."""
    async with facing(clock_offset_s=500.0) as pair:
        await pair.device.connect()
        await pair.device.set_time(datetime(2026, 5, 1, 8, 30, 5, tzinfo=UTC))
        assert abs(pair.server.device.now() - datetime(2026, 5, 1, 8, 30, 5, tzinfo=UTC)) < timedelta(seconds=3)


async def test_without_get_services_capabilities_do():
    """Older devices name their services another way, and have no Media 2."""
    async with facing(Quirk.NO_SERVICES) as pair:
        offer = await pair.device.connect()
        assert not offer.has(ns.MEDIA2)
        profiles = await pair.device.profiles()
        assert (await pair.device.stream(profiles[0])).address.endswith("/main")


@pytest.mark.parametrize("quirk", [Quirk.NO_MEDIA2, Quirk.MEDIA2_FIRST, Quirk.NO_SUB, Quirk.NO_PTZ])
async def test_what_a_device_lacks(quirk: Quirk):
    """Media 1 alone says H264 for H.265; the order of services does not matter; no sub-stream, no PTZ are values."""
    async with facing(quirk) as pair:
        offer = await pair.device.connect()
        profiles = await pair.device.profiles()
        assert profiles[0].video is not None
        assert profiles[0].video.codec == ("H264" if quirk is Quirk.NO_MEDIA2 else "H265")
        assert len(profiles) == (1 if quirk is Quirk.NO_SUB else 2)
        assert profiles[0].has_ptz == offer.has(ns.PTZ) == (quirk is not Quirk.NO_PTZ)
        if quirk is Quirk.NO_PTZ:
            with pytest.raises(OperationUnsupported):
                await pair.device.call(ns.PTZ, "GetNodes")


async def test_missing_fields_are_empty():
    """A device without serial number is described without one."""
    async with facing(Quirk.MISSING_FIELDS) as pair:
        await pair.device.connect()
        told = await pair.device.information()
        assert (told.serial, told.hardware, told.model) == ("", "", "XV-1")


@pytest.mark.parametrize("quirk", [Quirk.WRONG_XADDR, Quirk.FOREIGN_XADDR])
async def test_reported_addresses_lead_to_the_adopted_host(quirk: Quirk):
    """Behind a router, or in bad faith: only the host that was adopted is asked."""
    async with facing(quirk) as pair:
        offer = await pair.device.connect()
        assert {str(endpoint.ip) for endpoint in offer.services.values()} == {"127.0.0.1"}
        assert len(await pair.device.profiles()) == 2


@pytest.mark.parametrize("quirk", [Quirk.STREAM_PLACEHOLDER, Quirk.STREAM_HAS_LOGIN, Quirk.SNAPSHOT_RTSP])
async def test_odd_stream_addresses(quirk: Quirk):
    """A placeholder becomes the adopted host, a login is left out, a snapshot over RTSP is none."""
    async with facing(quirk) as pair:
        await pair.device.connect()
        profile = (await pair.device.profiles())[0]
        stream = await pair.device.stream(profile)
        assert stream.address == "rtsp://127.0.0.1:8554/%E6%9D%91%E5%8F%A3/main"
        assert stream.host_was_replaced == (quirk is Quirk.STREAM_PLACEHOLDER)
        assert stream.had_login == (quirk is Quirk.STREAM_HAS_LOGIN)
        assert (await pair.device.snapshot(profile) is None) == (quirk is Quirk.SNAPSHOT_RTSP)


@pytest.mark.parametrize(
    ("quirk", "error"),
    [
        (Quirk.GARBAGE, AnswerMalformed),
        (Quirk.TRUNCATED, AnswerMalformed),
        (Quirk.WRONG_LENGTH, IngestError),
        (Quirk.HUGE, AnswerTooLarge),
        (Quirk.ENTITY_BOMB, AnswerMalformed),
        (Quirk.REDIRECT, RedirectRefused),
    ],
)
async def test_hostile_answers_are_refused(quirk: Quirk, error: type[IngestError]):
    """Each is an error with a code of its own; none is followed, expanded or read to its end."""
    async with facing(quirk) as pair:
        with pytest.raises(error):
            await pair.device.connect()


@pytest.mark.parametrize("quirk", [Quirk.GB18030, Quirk.BYTE_ORDER_MARK])
async def test_chinese_encodings_are_read(quirk: Quirk):
    """A declared GB18030 and a byte order mark change nothing."""
    async with facing(quirk) as pair:
        await pair.device.connect()
        assert (await pair.device.information()).model == ("雪亮 XV-1" if quirk is Quirk.GB18030 else "XV-1")


async def test_a_dripping_device_runs_into_the_limit():
    """The limit is for the whole exchange: a byte now and then does not keep it open."""
    async with facing(Quirk.DRIP) as pair:
        transport = pair.device.connection._transport
        with pytest.raises(SourceTimeout):
            await transport.post(pair.device.connection.endpoint, b"", 0.3, has_digest=False)


async def test_nobody_there():
    """A closed port is HostRefused."""
    async with facing() as pair:
        await pair.server.close()
        with pytest.raises(HostRefused):
            await pair.device.connect()


async def test_a_slow_device_gets_one_request_at_a_time():
    """Ten at once are asked one after the other."""
    async with facing(Quirk.SLOW, camera_login=None, delay_s=0.02) as pair:
        await pair.device.connect()
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        await asyncio.gather(*(pair.device.information() for _ in range(10)))
        assert loop.time() - began_s > 10 * 0.02


async def test_no_secret_in_what_is_said():
    """Neither error nor repr tells the password."""
    async with facing(login=Credential("admin", "secret-word")) as pair:
        await pair.device.connect()
        with pytest.raises(CredentialsRefused) as caught:
            await pair.device.information()
        assert "secret-word" not in repr(caught.value)
        assert "secret-word" not in repr(Credential("admin", "secret-word"))
