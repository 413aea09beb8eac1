"""What is known of a device, and what may be done to it, over the API and against a real device."""

import ssl
from pathlib import Path
from typing import Any

import pytest

from ingest.camera import StreamRole
from ingest.virtual_camera.camera import VirtualCamera
from tests.ingest.onvif.conftest import MAIN, SUB
from tests.ingest.onvif.test_transport import certificate
from tests.vms_api.audit.trail import trail
from tests.vms_api.care.conftest import Post, posted
from vms_api.accounts.permission import ROLE_PERMISSIONS, Permission, Role

pytestmark = pytest.mark.anyio


async def rows(post: Post, kind: str) -> list[dict[str, Any]]:
    return [row for row in await trail(post.site) if row["kind"] == kind]


async def test_a_camera_without_a_device_says_so(post: Post):
    """Nothing is known, and nothing can be asked of it."""
    other = await post.site.add_camera("Elsewhere")
    answer = await post.site.http.get(f"/api/v1/cameras/{other['id']}/device")
    assert (answer.json()["kind"], answer.json()["state"]) == (None, "unknown")
    refused = await post.site.http.post(f"/api/v1/cameras/{other['id']}/device/check", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "device-missing")


async def test_a_look_tells_what_the_device_is(post: Post):
    """Before it, only that there is a device; after it identity, clock, abilities and streams."""
    assert (await post.read())["state"] == "unknown"
    seen = await post.check()
    assert (seen["kind"], seen["state"], seen["device_url"]) == ("onvif", "reachable", post.server.address)
    assert (seen["manufacturer"], seen["model"], seen["firmware"]) == ("Xueliang", "XV-1", "1.0.0")
    assert (seen["clock_offset_s"], seen["time_zone"], seen["time_source"]) == (0.0, "CST-8", "Manual")
    assert seen["capabilities"]["relays"] == [{"token": "relay-1", "active": None}]
    assert (seen["capabilities"]["ptz"], seen["capabilities"]["events"]) == (True, True)
    main, sub = seen["streams"]
    assert (main["role"], main["actual"]["codec"], main["actual"]["width"]) == ("main", "hevc", 1920)
    assert main["actual"]["gop_s"] == 2.0
    assert (sub["role"], sub["actual"]["codec"], sub["drift"]) == ("sub", "h264", [])
    assert await post.read() == seen
    assert [row["detail"] for row in await rows(post, "device.check")] == [{"state": "reachable", "code": None}]


async def test_drift_is_named_until_it_is_taken_as_expected(post: Post):
    """The first look is what is expected; what differs later has its name."""
    assert (await post.site.http.put(f"{post.path}/device/expected")).json()["code"] == "device-unchecked"
    await post.check()
    post.server.device.camera = VirtualCamera("crossing", SUB, SUB, credential=post.server.device.camera.credential)
    main = (await post.check())["streams"][0]
    assert main["drift"] == ["codec", "width", "height", "fps", "gop_s"]
    assert (main["expected"]["width"], main["actual"]["width"]) == (MAIN.width, SUB.width)
    taken = (await post.site.http.put(f"{post.path}/device/expected")).json()
    assert taken["streams"][0]["drift"] == []
    assert len(await rows(post, "device.expected")) == 1
    assert post.server.device.roles == (StreamRole.MAIN, StreamRole.SUB)


async def test_a_clock_is_watched_and_set(tmp_path: Path):
    """The offset is a figure; setting it is an act with its row and the offset it had."""
    async with posted(tmp_path, clock_offset_s=7200.0) as post:
        assert (await post.check())["clock_offset_s"] == pytest.approx(7200, abs=1)
        text = (await post.site.http.get("/metrics")).text
        assert f'xueliang_device_clock_offset_seconds{{camera_id="{post.camera_id}"}} 7200.0' in text
        answer = await post.site.http.post(f"{post.path}/device/clock", json={})
        assert answer.json()["clock_offset_s"] == pytest.approx(0, abs=1)
        assert post.server.device.now() == post.clock.now()
        (row,) = await rows(post, "device.clock")
        assert row["detail"]["offset_s"] == pytest.approx(7200, abs=1)


async def test_reboot_key_frame_and_relay(post: Post):
    """Each reaches the device once and is a row; a relay that is not there is not found."""
    await post.check()
    for verb in ("reboot", "keyframe"):
        assert (await post.site.http.post(f"{post.path}/device/{verb}", json={})).status_code == 204
        assert len(await rows(post, f"device.{verb}")) == 1
    device = post.server.device
    assert (device.reboots, device.key_frames) == (1, 2)
    switched = await post.site.http.post(f"{post.path}/device/relays/relay-1", json={"active": True})
    assert switched.json()["capabilities"]["relays"] == [{"token": "relay-1", "active": True}]
    assert device.relay_is_active
    assert (await post.site.http.post(f"{post.path}/device/relays/9", json={"active": True})).status_code == 404
    (row,) = await rows(post, "device.relay")
    assert row["detail"] == {"relay": "relay-1", "active": True}


async def test_what_fails_is_a_row_too(post: Post):
    """A device that does not answer does nothing, and the attempt is recorded as failed."""
    await post.server.close()
    answer = await post.site.http.post(f"{post.path}/device/reboot", json={})
    assert (answer.status_code, answer.json()["device_code"]) == (503, "host-refused")
    (row,) = await rows(post, "device.reboot")
    assert (row["outcome"], row["detail"]["code"]) == ("failed", "host-refused")
    assert (await post.check())["state"] == "unreachable"


async def test_a_refused_login_is_not_tried_again(post: Post):
    """Neither by looks nor by moves, until somebody changes it."""
    assert (await post.site.http.patch(post.path, json={"password": "wrong"})).status_code == 200
    for _ in range(3):
        seen = await post.check()
        assert (seen["state"], seen["fault"]) == ("refused", "credentials-refused")
    moved = await post.site.http.post(f"{post.path}/ptz/move", json={"pan": 1.0})
    assert moved.json()["device_code"] == "credentials-refused"
    assert post.server.gate.refusals == 1
    assert (await post.site.http.patch(post.path, json={"password": "p@ss:w/1"})).status_code == 200
    assert (await post.check())["state"] == "reachable"
    assert post.server.gate.refusals == 1


async def test_a_refusal_is_remembered_by_the_next_process(tmp_path: Path):
    """The mark of a refused login is kept, so a restart is not one more attempt."""
    async with posted(tmp_path) as post:
        await post.site.http.patch(post.path, json={"password": "wrong"})
        await post.check()
        desk, board = post.site.control.devices.care, post.site.control.devices.board
        board._refused.clear()
        await board.close()
        await desk.note_refusals()
        assert (await post.check())["state"] == "refused"
        assert post.server.gate.refusals == 1


async def test_only_the_pinned_certificate_is_taken(tmp_path: Path):
    """It is shown before it is trusted; once it is pinned, another one gets neither login nor question."""
    path, _ = certificate(tmp_path)
    other, _ = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    async with posted(tmp_path / "data", tls=context) as post:
        seen = await post.check()
        assert (seen["state"], seen["fault"]) == ("unreachable", "device-certificate-refused")
        shown = seen["certificate"]["fingerprint_sha256"]
        wrong = await post.site.http.put(f"{post.path}/device/certificate", json={"fingerprint_sha256": "0" * 64})
        assert (wrong.status_code, wrong.json()["code"]) == (409, "certificate-changed")
        pinned = await post.site.http.put(f"{post.path}/device/certificate", json={"fingerprint_sha256": shown})
        assert pinned.json()["certificate"]["pinned"] is True
        assert (await post.check())["state"] == "reachable"
        context.load_cert_chain(other)
        await post.site.control.devices.board.close()
        asked = len(post.server.requests)
        moved = await post.site.http.post(f"{post.path}/device/reboot", json={})
        assert moved.json()["device_code"] == "device-certificate-refused"
        changed = await post.check()
        assert (changed["state"], changed["fault"]) == ("unreachable", "device-certificate-refused")
        assert changed["certificate"]["fingerprint_sha256"] != shown
        assert len(post.server.requests) == asked
        assert "xueliang_device_certificate_expires_seconds" in (await post.site.http.get("/metrics")).text


async def test_plain_http_has_no_certificate(post: Post):
    """So none can be pinned."""
    answer = await post.site.http.put(f"{post.path}/device/certificate", json={"fingerprint_sha256": "0" * 64})
    assert (answer.status_code, answer.json()["code"]) == (422, "certificate-missing")


async def test_a_round_looks_at_who_is_due(post: Post):
    """Soon after a device is known, then once an hour at the latest, and never at a disabled camera."""
    rounds, http = post.site.control.devices.rounds, post.site.http
    await rounds.begin_due()
    assert post.asked("GetSystemDateAndTime") == 0
    post.clock.advance(11)
    for _ in range(2):
        await rounds.begin_due()
        await rounds.settled()
    assert post.asked("GetSystemDateAndTime") == 1
    assert (await post.read())["state"] == "reachable"
    post.clock.advance(3601)
    await rounds.begin_due()
    await rounds.settled()
    assert post.asked("GetSystemDateAndTime") == 2
    await http.patch(post.path, json={"enabled": False})
    post.clock.advance(3601)
    await rounds.begin_due()
    await rounds.settled()
    assert post.asked("GetSystemDateAndTime") == 2


def test_who_may_do_what():
    """Setting clocks is for who maintains; relays also for dispatchers; nobody else."""
    care = {role for role in Role if Permission.DEVICE_CARE in ROLE_PERMISSIONS[role]}
    relay = {role for role in Role if Permission.DEVICE_RELAY in ROLE_PERMISSIONS[role]}
    assert care == {Role.MAINTAINER, Role.ADMIN}
    assert relay == {Role.DISPATCHER, Role.SUPERVISOR, Role.MAINTAINER, Role.ADMIN}
