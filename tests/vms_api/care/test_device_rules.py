"""Rules that need no picture: what they raise, when they are silent, and what they switch."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from ingest.identifier import new_identifier
from tests.vms_api.audit.trail import trail
from tests.vms_api.care.conftest import Post
from tests.vms_api.care.test_notices import MOTION, becomes, held
from vms_api.cameras.health import CameraHealth
from vms_api.cameras.rule import Schedule, Window
from vms_api.care.device_rule import DeviceRule, OfflineWatch
from vms_api.care.notice import Notice

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 1, 1, tzinfo=UTC)


async def add(post: Post, **fields: Any) -> httpx.Response:
    return await post.site.http.post(f"{post.path}/device-rules", json={"name": "Post", **fields})


async def alerts(post: Post) -> list[dict[str, Any]]:
    return (await post.site.http.get("/api/v1/alerts")).json()["items"]


def rule(**fields: Any) -> DeviceRule:
    return DeviceRule(**{"id": new_identifier(), "name": "Post", "kind": "camera_offline", **fields})


async def test_a_notice_raises_an_alert_and_switches_a_relay(post: Post):
    """The device is listened to because of the rule; the alert says that there is no picture."""
    await post.check()
    fields = {"kind": "device_notice", "notice": "motion", "cooldown_s": 600, "instructions": "Look."}
    made = await add(post, **fields, relay={"token": "relay-1", "seconds": 1})
    assert made.status_code == 201, made.text
    await held(post)
    for state in ("true", "false", "true"):
        post.server.device.raise_event(*MOTION, ("State", state))
    (alert,) = await becomes(lambda: alerts(post), bool)
    assert (alert["kind"], alert["label"], alert["rule_id"]) == ("device_notice", "motion", made.json()["id"])
    assert (alert["has_evidence"], alert["evidence_url"], alert["box"]) == (False, None, [0, 0, 0, 0])
    assert (alert["state"], alert["instructions"], alert["area_id"] != "") == ("NEW", "Look.", True)

    async def relay_rows() -> list[dict[str, Any]]:
        return [row for row in await trail(post.site) if row["kind"] == "device.relay"]

    rows = await becomes(relay_rows, lambda found: len(found) == 2)
    assert [row["detail"]["active"] for row in rows] == [True, False]
    assert {(row["actor"]["name"], row["detail"]["rule"]) for row in rows} == {("system", made.json()["id"])}
    assert not post.server.device.relay_is_active
    assert len(await alerts(post)) == 1
    taken = await post.site.http.post(f"/api/v1/alerts/{alert['id']}/acknowledge", json={})
    assert taken.json()["state"] == "ACKNOWLEDGED"


async def test_a_camera_that_is_gone_raises_one_alert_each_time(post: Post):
    """After the time it may be away, once; again when it was back and goes again."""
    await add(post, kind="camera_offline", after_s=30, cooldown_s=0)
    judge, health = post.site.control.devices.judge, post.site.control.health

    async def pass_time(state: str, seconds: float) -> None:
        health.report({post.camera_id: CameraHealth(state=state, since=post.clock.now())})
        await judge.look_for_the_gone()
        post.clock.advance(seconds)
        await judge.look_for_the_gone()

    await pass_time("waiting", 29)
    assert await alerts(post) == []
    await pass_time("waiting", 2)
    await pass_time("silent", 60)
    assert [alert["label"] for alert in await alerts(post)] == ["offline"]
    await pass_time("live", 1)
    await pass_time("waiting", 31)
    assert len(await alerts(post)) == 2


async def test_rules_are_checked_changed_and_removed(post: Post):
    """Each change is a row; what makes no sense is refused; the node hears nothing of them."""
    assert (await add(post, kind="device_notice")).status_code == 422
    assert (await add(post, kind="camera_offline", notice="motion")).status_code == 422
    other = await post.site.add_camera("Elsewhere")
    lone = {"name": "x", "kind": "device_notice", "notice": "motion"}
    refused = await post.site.http.post(f"/api/v1/cameras/{other['id']}/device-rules", json=lone)
    assert refused.json()["code"] == "device-missing"
    made = (await add(post, kind="camera_offline")).json()
    path = f"{post.path}/device-rules/{made['id']}"
    changed = await post.site.http.put(path, json={"name": "Gone", "kind": "camera_offline", "after_s": 90})
    assert (changed.json()["name"], changed.json()["after_s"]) == ("Gone", 90)
    desired = await post.site.control.reconciler.desired_state()
    assert all(camera.rules == [] for camera in desired.cameras)
    assert (await post.site.http.delete(path)).status_code == 204
    assert (await post.site.http.get(f"{post.path}/device-rules")).json()["items"] == []
    kinds = [row["kind"] for row in await trail(post.site) if row["kind"].startswith("rule.")]
    assert kinds == ["rule.add", "rule.change", "rule.remove"]


async def test_a_relay_takes_its_own_right(post: Post):
    """Who may make rules, but switch no relays, makes no rule that does."""
    async with AsyncExitStack() as stack:
        token = await post.site.http.post("/api/v1/tokens", json={"name": "rules", "scopes": ["rule.manage"]})
        http = await stack.enter_async_context(post.site.anonymous())
        http.headers["Authorization"] = f"Bearer {token.json()['token']}"
        body = {"name": "x", "kind": "camera_offline", "relay": {"token": "relay-1"}}
        assert (await http.post(f"{post.path}/device-rules", json=body)).status_code == 403
        assert (await http.post(f"{post.path}/device-rules", json={**body, "relay": None})).status_code == 201


def test_a_rule_is_armed_in_its_hours_of_the_site():
    """Midnight in Greenwich is eight in the morning in Shanghai."""
    night = Schedule(windows=[Window(days=list(range(7)), start="22:00", end="06:00")])
    assert rule().is_armed(NOW, "Asia/Shanghai")
    assert not rule(schedule=night).is_armed(NOW, "Asia/Shanghai")
    assert rule(schedule=night).is_armed(NOW, "UTC")


def test_a_rule_waits_for_its_notice_and_source():
    """The end of something raises nothing."""
    door = rule(kind="device_notice", notice="digital-input", source="2")
    notice = Notice(id="1", at=NOW, kind="digital-input", active=True, source="2")
    assert door.is_about(notice)
    for other in ({"active": False}, {"source": "1"}, {"kind": "motion"}):
        assert not door.is_about(notice.model_copy(update=other))


def test_a_node_that_is_away_says_nothing_about_its_cameras():
    """Neither that one has gone, nor that it is back."""
    watch, gone = OfflineWatch(), rule(after_s=10)
    watch.see("1", "unknown", NOW)
    assert not watch.is_due("1", gone, NOW + timedelta(minutes=1))
    watch.see("1", "waiting", NOW)
    watch.see("1", "unknown", NOW + timedelta(seconds=5))
    assert watch.is_due("1", gone, NOW + timedelta(seconds=10))
    watch.told("1", gone)
    assert not watch.is_due("1", gone, NOW + timedelta(seconds=20))
    watch.see("1", "disabled", NOW)
    assert not watch.is_due("1", gone, NOW + timedelta(minutes=1))
