"""What devices notice: heard through one place at the device, kept within bounds, told to the pages."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.onvif.messages import DeviceEvent
from ingest.onvif.topics import Topic
from ingest.virtual_camera.onvif.quirks import Quirk
from tests.vms_api.care.conftest import Post, posted
from tests.vms_api.event_client import EventClient, take
from vms_api.care import notice_store
from vms_api.care.notice import Noticed, NoticeFilter
from vms_api.care.notice_store import KEPT, HeldPlace

pytestmark = pytest.mark.anyio

MOTION = "tns1:VideoSource/MotionAlarm", ("Source", "video-1")
FACE = "tns1:RuleEngine/FaceRecognition/Match", ("Source", "video-1"), ("State", "true")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


async def becomes(read: Callable[[], Awaitable[Any]], is_right: Callable[[Any], bool]) -> Any:
    """What is read, once it is right; fails after fifteen seconds."""
    async with asyncio.timeout(15):
        while not is_right(found := await read()):
            await asyncio.sleep(0.05)
    return found


async def want(post: Post, *, is_wanted: bool = True) -> None:
    answer = await post.site.http.put(f"{post.path}/device/notices", json={"wanted": is_wanted})
    assert answer.status_code == 200, answer.text


async def held(post: Post) -> None:
    await becomes(post.read, lambda device: device["subscription"]["state"] == "held")


async def notices(post: Post, query: str = "") -> dict[str, Any]:
    return (await post.site.http.get(f"{post.path}/device/notices{query}")).json()


async def test_notices_are_heard_while_they_are_wanted(post: Post):
    """Through one place, which is given back when nobody wants them; people's names are no notice."""
    assert post.server.device.pull_points == {}
    await want(post)
    await held(post)
    assert len(post.server.device.pull_points) == 1
    async with EventClient(post.site.http).connected() as events:
        post.server.device.raise_event(*FACE)
        post.server.device.raise_event(*MOTION, ("State", "true"))
        told = (await take(events, "device.notice")).data
        assert (told["camera_id"], told["notice"]["kind"], told["notice"]["active"]) == (post.camera_id, "motion", True)
    post.server.device.raise_event(*MOTION, ("State", "false"))
    listed = await becomes(lambda: notices(post), lambda page: len(page["items"]) == 2)
    assert [item["active"] for item in listed["items"]] == [False, True]
    first = await notices(post, "?limit=1")
    rest = await notices(post, f"?limit=1&cursor={first['next_cursor']}")
    assert first["items"] + rest["items"] == listed["items"]
    post.server.device.switch_relay(is_active=True)
    await becomes(post.check, lambda device: device["capabilities"]["relays"][0]["active"] is True)
    await want(post, is_wanted=False)
    await becomes(post.read, lambda device: device["subscription"]["state"] == "none")
    assert post.server.device.pull_points == {}


async def test_a_place_of_a_dead_process_is_given_back(tmp_path: Path):
    """A device with one place, held by a process that was killed, is heard by the next one at once."""
    async with posted(tmp_path, slots=1) as post:
        stale = post.server.device.subscribe(3600)
        address = f"{post.server.address.replace('device_service', 'event_service')}/pull/{stale.id}"
        await post.site.control.devices.notices.remember(post.server.address, HeldPlace(address, ""))
        await want(post)
        await held(post)
        assert list(post.server.device.pull_points) == [stale.id + 1]
    assert post.server.device.pull_points == {}


async def test_a_device_without_a_free_place_is_tried_later(tmp_path: Path):
    """Its notices are not heard, and the page says so."""
    async with posted(tmp_path, slots=1) as post:
        post.server.device.subscribe(3600)
        await want(post)
        await becomes(post.read, lambda device: device["subscription"]["state"] == "failed")
        assert len(post.server.device.pull_points) == 1


async def test_a_restart_of_the_device_is_survived(post: Post):
    """It has forgotten who listens; a new place is taken."""
    await want(post)
    await held(post)
    post.server.device.reboot()
    await becomes(lambda: asyncio.sleep(0, post.server.device.pull_points), bool)
    post.server.device.raise_event("tns1:Device/Trigger/DigitalInput", ("InputToken", "1"), ("LogicalState", "true"))
    listed = await becomes(lambda: notices(post), lambda page: page["items"])
    assert [(item["kind"], item["source"]) for item in listed["items"]] == [("digital-input", "1")]


async def test_a_storm_is_told_by_its_ends(tmp_path: Path):
    """Fifty events a second cost two rows for each look, not fifty."""
    async with posted(tmp_path, Quirk.STORM) as post:
        await want(post)
        await becomes(lambda: notices(post), lambda page: len(page["items"]) > 1)
        listed = await notices(post, "?limit=200")
        assert len(listed["items"]) <= 2 * post.asked("PullMessages")


async def test_only_the_latest_are_kept(post: Post):
    """However much a device notices, a camera's list has its bound."""
    async with post.site.control.database.write() as transaction:
        for second in range(KEPT + 5):
            noticed = Noticed(NOW + timedelta(seconds=second), "motion", True, "1")
            await notice_store.add_notice(transaction, post.camera_id, noticed)
    async with post.site.control.database.read() as connection:
        found = await notice_store.list_notices(connection, post.camera_id, None, 2 * KEPT)
    assert len(found) == KEPT
    assert found[-1].at == NOW + timedelta(seconds=5)


def event(state: bool | None, *, is_initial: bool = False, at: datetime | None = None) -> DeviceEvent:
    return DeviceEvent(Topic.MOTION, "video-1", state, at, is_initial)


def test_only_changes_are_notices():
    """A device that says the same each second, or tells its state at the beginning, has noticed nothing new."""
    states = NoticeFilter()
    assert states.changes([event(False, is_initial=True)], NOW) == []
    assert [each.active for each in states.changes([event(True)] * 3, NOW)] == [True]
    assert states.changes([event(True)], NOW) == []
    assert [each.active for each in states.changes([event(False), event(True), event(False)], NOW)] == [False, False]
    assert [each.active for each in states.changes([event(None)], NOW)] == [None]


def test_a_devices_own_time_is_believed_only_when_it_can_be_right():
    """An hour off, it is replaced by ours."""
    soon, wrong = NOW - timedelta(seconds=3), NOW + timedelta(hours=1)
    assert NoticeFilter().changes([event(True, at=soon)], NOW)[0].at == soon
    assert NoticeFilter().changes([event(True, at=wrong)], NOW)[0].at == NOW
