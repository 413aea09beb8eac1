"""What a rule links to an alert: with a real device, by the rights of who saved it, once, and each with its row."""

from contextlib import AsyncExitStack
from typing import Any

import pytest

from ingest.identifier import new_identifier
from tests.fakes.node import alert_payload
from tests.vms_api.audit.trail import trail
from tests.vms_api.ptz.test_ptz import Crossing, crossing  # noqa: F401 - its fixture
from vms_api.accounts.permission import Role
from vms_api.nodes.delivery import AlertPayload

pytestmark = pytest.mark.anyio


async def rule_with(town: Crossing, *links: dict[str, Any], **fields: Any) -> dict[str, Any]:
    zone = await town.site.add_zone(town.camera_id)
    return await town.site.add_rule(town.camera_id, zone["id"], links=list(links), **fields)


async def raised(town: Crossing, rule: dict[str, Any], alert_id: str | None = None) -> str:
    id_ = alert_id or new_identifier()
    payload = AlertPayload.model_validate(alert_payload(id_, town.camera_id, rule_id=rule["id"]))
    await town.site.control.alerts.deliver(payload)
    return id_


async def linked(town: Crossing, count: int) -> list[dict[str, Any]]:
    """The rows of links, once there are so many."""
    found: list[dict[str, Any]] = []
    for _ in range(500):
        found = [row for row in await trail(town.site) if row["kind"] == "alert.link"]
        if len(found) >= count:
            break
        await town.site.control.linkage.carry_out()
        await town.site.control.linkage.settle()
    return found


async def test_links_are_carried_out_once(crossing: Crossing) -> None:  # noqa: F811
    """The camera turns, a recording starts and ends, pages are told; a second delivery of the alert does nothing."""
    site, path = crossing.site, f"/api/v1/cameras/{crossing.camera_id}"
    crossing.server.device.presets["7"] = ("Gate", (0.1, 0.2, 0.3))
    assert (await site.http.put(f"{path}/recording", json={"mode": "off"})).status_code == 200
    rule = await rule_with(
        crossing, {"kind": "wall"}, {"kind": "ptz-preset", "preset": "7"}, {"kind": "record", "seconds": 30}
    )
    alert_id = await raised(crossing, rule)
    rows = await linked(crossing, 3)
    assert sorted((row["detail"]["link"]["kind"], row["outcome"]) for row in rows) == [
        ("ptz-preset", "done"),
        ("record", "done"),
        ("wall", "done"),
    ]
    assert {row["detail"]["by_right_of"] for row in rows} == {"admin"}
    assert crossing.server.device.movement.position == (0.1, 0.2, 0.3)
    [camera] = (await site.control.reconciler.desired_state()).cameras
    assert camera.recording is not None
    assert camera.recording["mode"] == "continuous"
    told = [event for event in await site.control.events.after(0) if event.kind == "alert.link"]
    assert [event.data for event in told] == [
        {"alert_id": alert_id, "camera_id": crossing.camera_id, "link": {"camera_id": None, "kind": "wall"}}
    ]
    await raised(crossing, rule, alert_id)
    crossing.clock.advance(31)
    await site.control.linkage._hands.end_recordings()
    [camera] = (await site.control.reconciler.desired_state()).cameras
    assert camera.recording is None
    assert len(await linked(crossing, 3)) == 3


async def test_camera_is_never_taken_from_a_person(crossing: Crossing) -> None:  # noqa: F811
    """Whoever has it in hand keeps it; and the person takes it from the link at once."""
    crossing.server.device.presets["7"] = ("Gate", (0.1, 0.2, 0.3))
    rule = await rule_with(crossing, {"kind": "ptz-preset", "preset": "7"})
    async with AsyncExitStack() as stack:
        patroller = await crossing.operator(stack, "patroller", Role.PATROLLER)
        assert (await crossing.act("move", patroller, pan=0.1)).status_code == 204
        await raised(crossing, rule)
        [refused] = await linked(crossing, 1)
        assert (refused["outcome"], refused["detail"]["code"]) == ("failed", "ptz-taken")
        crossing.clock.advance(16)
        await raised(crossing, rule)
        assert [row["outcome"] for row in await linked(crossing, 2)] == ["failed", "done"]
        assert (await crossing.act("move", patroller, pan=0.1)).status_code == 204


async def test_links_take_the_right_to_do_them(crossing: Crossing) -> None:  # noqa: F811
    """Who manages rules but not cameras links no recording, and changes no rule that does; what is late is left."""
    rule = await rule_with(crossing, {"kind": "record"})
    path = f"/api/v1/cameras/{crossing.camera_id}/rules"
    async with AsyncExitStack() as stack:
        chief = await crossing.operator(stack, "chief", Role.SUPERVISOR)
        body = {**{k: rule[k] for k in ("name", "kind", "zone_id", "labels")}, "links": [{"kind": "record"}]}
        assert (await chief.post(path, json=body)).status_code == 403
        assert (await chief.patch(f"{path}/{rule['id']}", json={"name": "Mine"})).status_code == 403
        turning = [{"kind": "ptz-preset", "preset": "7"}]
        mine = await chief.post(path, json={**body, "links": turning})
        assert mine.status_code == 201, mine.text
        elsewhere = [{"kind": "tile", "tile": 1, "camera_id": "no such camera"}]
        assert (await chief.post(path, json={**body, "links": elsewhere})).status_code == 404
        users = (await crossing.site.http.get("/api/v1/users")).json()["items"]
        chief_id = next(user["id"] for user in users if user["username"] == "chief")
        await crossing.site.http.patch(f"/api/v1/users/{chief_id}", json={"is_enabled": False})
    await raised(crossing, mine.json())
    [denied] = await linked(crossing, 1)
    assert (denied["outcome"], denied["detail"]["code"]) == ("denied", "not-allowed")


async def test_late_and_missing_are_said(crossing: Crossing) -> None:  # noqa: F811
    """A relay that the device has not; the alert itself is there all the same."""
    rule = await rule_with(crossing, {"kind": "relay", "token": "none"})
    alert_id = await raised(crossing, rule)
    [failed] = await linked(crossing, 1)
    assert (failed["outcome"], failed["subject"]) == ("failed", alert_id)
    assert (await crossing.site.http.get(f"/api/v1/alerts/{alert_id}")).status_code == 200
