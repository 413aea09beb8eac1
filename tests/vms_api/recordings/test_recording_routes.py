"""Recordings over the API, with news from a node."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.identifier import new_identifier
from tests.fakes.clock import ManualClock
from tests.fakes.node import FakeNode, alert_payload, live_health
from tests.vms_api.audit.trail import trail
from tests.vms_api.conftest import Site, running_site, until
from tests.vms_api.event_client import EventClient, Received, take
from tests.vms_api.people import person
from tests.vms_api.recordings.rows import segment
from vms_api.accounts.permission import Role
from vms_api.node.messages import DeletionMessage
from vms_api.nodes.link import NodeState
from vms_api.recordings import store
from vms_api.recordings.problem_board import ProblemCode
from vms_api.recordings.segment import OpenSegment
from vms_api.recordings.settings import RecordingSettings

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
"""Where the site's clock stands."""
MASK = {"polygons": [{"name": "window", "points": [[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]]}], "base_version": 0}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    recording = RecordingSettings(default_mode="off")
    async with running_site(tmp_path, clock=ManualClock(NOW), recording=recording) as running:
        yield running


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


async def tell(node: FakeNode, kind: str, payload: Mapping[str, Any], status: int = 204) -> None:
    body = {"id": new_identifier(), "kind": kind, "payload": payload}
    answer = await asyncio.to_thread(node._http.post, "/deliveries", json=body)
    assert answer.status_code == status, answer.text


async def record(node: FakeNode, camera_id: str, minutes_ago: float, **changes: Any) -> str:
    told = segment(0, camera_id, started_at=ago(minutes_ago), **changes)
    await tell(node, "segment", told.model_dump(mode="json"))
    return told.recording_id


async def timeline(site: Site, camera_id: str, **params: Any) -> dict[str, Any]:
    asked = {"from": ago(60).isoformat(), "to": NOW.isoformat(), **params}
    answer = await site.http.get(f"/api/v1/cameras/{camera_id}/recordings", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def kinds(found: dict[str, Any]) -> list[tuple[str, float, float]]:
    def minutes(text: str) -> float:
        return (NOW - datetime.fromisoformat(text)) / timedelta(minutes=1)

    return [(span["kind"], minutes(span["from"]), minutes(span["to"])) for span in found["spans"]]


async def test_the_timeline_shows_what_the_node_told(site: Site) -> None:
    """Recordings, a gap with its reason, an alert; what nobody planned is said to be that."""
    camera_id, node = (await site.add_camera())["id"], await site.start_node()
    for minute in (50, 49, 48):
        await record(node, camera_id, minute)
    gap = {"id": "g", "camera_id": camera_id, "started_at": ago(47).isoformat(), "ended_at": None}
    gap["reason"] = "camera-offline"
    await tell(node, "gap", gap)
    await tell(node, "gap", gap | {"ended_at": ago(40).isoformat()})
    alert_id = new_identifier()
    alert = alert_payload(alert_id, camera_id, raised_at=ago(49).isoformat())
    assert (await asyncio.to_thread(node.deliver, alert)).is_success
    found = await timeline(site, camera_id)
    assert kinds(found) == [
        ("not-planned", 60, 50),
        ("recorded", 50, 47),
        ("gap", 47, 40),
        ("not-planned", 40, 0),
    ]
    assert found["spans"][2]["reason"] == "camera-offline"
    assert [(mark["id"], mark["severity"]) for mark in found["alerts"]] == [(alert_id, "high")]
    assert found["coverage"] == {"recorded_s": 180, "planned_s": 600}
    folded = await timeline(site, camera_id, resolution_s=900)
    assert kinds(folded) == [("gap", 60, 40), ("not-planned", 40, 0)]


async def test_a_segment_is_taken_once_and_of_any_camera(site: Site) -> None:
    """Delivered again it changes nothing; of a camera that was removed it is kept."""
    camera_id, node = (await site.add_camera())["id"], await site.start_node()
    told = segment(0, camera_id, started_at=ago(9)).model_dump(mode="json")
    for _ in range(2):
        await tell(node, "segment", told)
    assert kinds(await timeline(site, camera_id))[1] == ("recorded", 9, 8)
    await tell(node, "segment", segment(0, "removed", started_at=ago(9)).model_dump(mode="json"))
    await tell(node, "segment", told | {"path": "../../etc/passwd"}, status=422)
    await tell(node, "segment", told | {"duration_s": "NaN"}, status=422)


async def test_the_timeline_ends_with_what_is_on_disk(site: Site) -> None:
    """While the camera is recorded: with the last whole file, and what the node has written of the next."""
    camera_id, node = (await site.add_camera())["id"], await site.start_node()
    state = {"state": "recording", "since": ago(50).isoformat(), "last_written_at": NOW.isoformat()}
    node.health = lambda _id: {**live_health(), "recording": state}
    await record(node, camera_id, 3)
    health = f"/api/v1/cameras/{camera_id}/health"
    await until_async(site, health, lambda found: found["recording"])
    found = await timeline(site, camera_id)
    assert kinds(found) == [("not-planned", 60, 3), ("recorded", 3, 2)]
    assert datetime.fromisoformat(found["to"]) == ago(2)
    told = segment(0, camera_id, started_at=ago(2), duration_s=45).model_dump(mode="json")
    node.open_segments = [{name: told[name] for name in OpenSegment.model_fields}]
    found = await timeline(site, camera_id)
    assert kinds(found) == [("not-planned", 60, 3), ("recorded", 3, 1.25)]
    assert datetime.fromisoformat(found["to"]) == ago(1.25)
    node.open_segments = []  # as of a new node
    assert kinds(await timeline(site, camera_id)) == [("not-planned", 60, 3), ("recorded", 3, 2)]


async def until_async(site: Site, path: str, condition: Any) -> None:
    async with asyncio.timeout(20):
        while not condition((await site.http.get(path)).json()):
            await asyncio.sleep(0.02)


async def test_what_new_masks_cover_is_withheld(site: Site) -> None:
    """From who may not see the camera unmasked; lifting all masks gives it back."""
    camera_id, node = (await site.add_camera())["id"], await site.start_node()
    await record(node, camera_id, 10)
    assert (await site.http.put(f"/api/v1/cameras/{camera_id}/masks", json=MASK)).is_success
    await record(node, camera_id, 9, mask_version=1)
    assert [kind for kind, *_ in kinds(await timeline(site, camera_id))] == [
        "not-planned",
        "recorded",
        "recorded",
        "not-planned",
    ]
    token = await site.http.post("/api/v1/tokens", json={"name": "x", "scopes": ["playback.view"]})
    async with site.anonymous() as http:
        http.headers["Authorization"] = f"Bearer {token.json()['token']}"
        answer = (await http.get(f"/api/v1/cameras/{camera_id}/recordings")).json()
        assert [span["kind"] for span in answer["spans"]] == ["not-planned", "withheld", "recorded", "not-planned"]
        lifted = {"polygons": [], "base_version": 1}
        assert (await site.http.put(f"/api/v1/cameras/{camera_id}/masks", json=lifted)).is_success
        answer = (await http.get(f"/api/v1/cameras/{camera_id}/recordings")).json()
        assert "withheld" not in [span["kind"] for span in answer["spans"]]


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"from": ago(0).isoformat(), "to": ago(1).isoformat()}, "from"),
        ({"from": (NOW - timedelta(days=101)).isoformat()}, "from"),
        ({"from": (NOW + timedelta(days=1)).isoformat(), "to": (NOW + timedelta(days=2)).isoformat()}, "from"),
        ({"from": "2026-01-01T00:00:00"}, "from"),
        ({"resolution_s": "-1"}, "resolution_s"),
    ],
)
async def test_a_bad_range_is_refused(site: Site, params: dict[str, str], field: str) -> None:
    """The wrong way round, too long, all of it to come, or without a zone."""
    camera_id = (await site.add_camera())["id"]
    answer = await site.http.get(f"/api/v1/cameras/{camera_id}/recordings", params=params)
    assert (answer.status_code, answer.json()["errors"][0]["field"].split(".")[-1]) == (422, field)


async def test_a_plan_reaches_the_node_and_the_audit_log(site: Site) -> None:
    """The site's default first, then the camera's own; with what the volumes should be."""
    camera_id, node = (await site.add_camera())["id"], await site.start_node()
    assert node.states[-1]["cameras"][0]["recording"] is None
    assert node.states[-1]["volumes"] == [{"name": "recordings", "volume_id": None}]
    path = f"/api/v1/cameras/{camera_id}/recording"
    assert (await site.http.get(path)).json()["mode"] == "off"
    plan = {"mode": "event", "pre_roll_s": 3, "retention_max_days": 40}
    answer = await site.http.put(path, json=plan)
    assert (answer.status_code, answer.json()["post_roll_s"]) == (200, 10)
    assert (await site.http.get(path)).json() == answer.json()
    await until(lambda: node.states[-1]["cameras"][0]["recording"])
    assert node.states[-1]["cameras"][0]["recording"] == {
        "mode": "event",
        "schedule": None,
        "pre_roll_s": 3,
        "post_roll_s": 10,
        "stream": "main",
        "audio": True,
        "volumes": [],
    }
    assert (await trail(site))[-1]["kind"] == "recording.plan"


@pytest.mark.parametrize(
    ("plan", "field", "code"),
    [
        ({"mode": "scheduled"}, "schedule", "schedule-missing"),
        ({"mode": "continuous", "retention_min_days": 29}, "retention_min_days", "retention-below-floor"),
        ({"mode": "continuous", "retention_max_days": 29}, "retention_max_days", "retention-below-floor"),
        (
            {"mode": "continuous", "retention_min_days": 50, "retention_max_days": 40},
            "retention_max_days",
            "retention-below-floor",
        ),
    ],
)
async def test_a_plan_cannot_undercut_the_site(site: Site, plan: dict[str, Any], field: str, code: str) -> None:
    """With the field that is wrong; nothing changes."""
    path = f"/api/v1/cameras/{(await site.add_camera())['id']}/recording"
    answer = await site.http.put(path, json=plan)
    assert answer.status_code == 422
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]
    assert (await site.http.get(path)).json()["mode"] == "off"


async def test_holds_are_set_listed_and_lifted(site: Site) -> None:
    """By a person, for a reason, on record; lifted twice is not found."""
    camera_id = (await site.add_camera())["id"]
    body = {"camera_id": camera_id, "from": ago(9).isoformat(), "to": ago(8).isoformat(), "reason": "case 7"}
    answer = await site.http.post("/api/v1/recordings/holds", json=body)
    assert answer.status_code == 201, answer.text
    hold = answer.json()
    assert (hold["created_by"], datetime.fromisoformat(hold["from"])) == ("admin", ago(9))
    assert (await site.http.get("/api/v1/recordings/holds")).json() == {"items": [hold]}
    path = f"/api/v1/recordings/holds/{hold['id']}"
    assert [(await site.http.delete(path)).status_code for _ in range(2)] == [204, 404]
    assert (await site.http.get("/api/v1/recordings/holds")).json() == {"items": []}
    assert [row["kind"] for row in (await trail(site))[-3:]] == ["camera.add", "recording.hold", "recording.release"]
    for wrong in ({"to": body["from"]}, {"expires_at": ago(1).isoformat()}, {"reason": " "}):
        assert (await site.http.post("/api/v1/recordings/holds", json=body | wrong)).status_code == 422


async def test_volumes_are_shown_and_known_again(site: Site) -> None:
    """With the limits of the site file; the identity that was seen first is expected from then on."""
    node = await site.start_node()
    state = {"volume_id": "v1", "name": "recordings", "state": "ok", "free_bytes": 7, "total_bytes": 9, "used_bytes": 1}
    await tell(node, "volume_state", {**state, "at": NOW.isoformat()})
    await record(node, "camera", 9, volume_id="v1")
    found = (await site.http.get("/api/v1/recordings/volumes")).json()
    assert found["problems"] == []
    (shown,) = found["volumes"]
    assert (shown["free_bytes"], shown["reserve_bytes"], shown["quota_bytes"]) == (7, 2 << 30, None)
    assert datetime.fromisoformat(shown["oldest_at"]) == ago(9)
    missing = {"volume_id": None, "name": "recordings", "state": "missing", "at": NOW.isoformat()}
    await tell(node, "volume_state", missing)
    await tell(node, "volume_state", {**state, "volume_id": "v2", "state": "foreign", "at": NOW.isoformat()})
    (known,) = (await site.control.reconciler.desired_state()).volumes
    assert known.volume_id == "v1"
    assert site.control.node.state is NodeState.UP


async def test_disks_and_problems_are_told_to_who_looks_after_the_system(site: Site) -> None:
    """Not to a viewer, who hears what is told to all, and then nothing of it."""
    root, node = site.control.rights.index.tree.root.id, await site.start_node()
    full = {"volume_id": "v1", "name": "recordings", "state": "full", "at": NOW.isoformat()}
    found = {(ProblemCode.ONLY_LOCKED_LEFT, "recordings"): {"missing_bytes": 7}}
    async with (
        person(site, "viewer", Role.VIEWER, root) as viewer,
        EventClient(viewer).connected() as seen,
        EventClient(site.http).connected() as heard,
    ):
        await take(seen, "node.state")
        await take(heard, "node.state")
        node.volumes = [full]
        assert (await take(heard, "recording.volume")).data["state"] == "full"
        await site.control.recordings.problems.replace(found)
        told = (await take(heard, "recording.problem")).data
        assert (told["code"], told["subject"], told["is_over"]) == ("only-locked-left", "recordings", False)
        site.control.node.lose("test")
        received = [event.kind async for event in until_state(seen)]
    assert [kind for kind in received if kind.startswith("recording")] == []
    metrics = (await site.http.get("/metrics")).text
    assert 'xueliang_recording_problems{code="only-locked-left"} 1.0' in metrics


async def until_state(events: AsyncIterator[Received]) -> AsyncIterator[Received]:
    """What comes up to the next state of the node."""
    async with asyncio.timeout(20):
        async for event in events:
            yield event
            if event.kind == "node.state":
                return


async def test_a_file_goes_only_after_its_row(site: Site) -> None:
    """Row, garbage, the order to the node, its word that the file is gone: then nothing is left of it."""
    camera_id, node = (await site.add_camera())["id"], await site.start_node()
    old = segment(0, camera_id, started_at=NOW - timedelta(days=40), volume_id="v1")
    await tell(node, "segment", old.model_dump(mode="json"))
    sizes = {"free_bytes": 0, "total_bytes": 1 << 40, "used_bytes": 1 << 30}
    node.volumes = [
        {"volume_id": "v1", "name": "recordings", "state": "full", "at": datetime.now(UTC).isoformat(), **sizes}
    ]
    await until_async(site, "/api/v1/recordings/volumes", lambda found: found["volumes"])
    assert await site.control.recordings.retention.sweep() == 1
    body = next(body for method, path, body in node.calls if path == "/internal/v1/recordings/delete")
    (item,) = DeletionMessage.model_validate_json(body).items
    assert (item.recording_id, item.volume_id, item.path) == (old.recording_id, "v1", old.path)
    await tell(node, "segment", old.model_dump(mode="json"))
    await tell(node, "garbage_done", {"id": "x", "recording_ids": [old.recording_id]})
    async with site.control.database.read() as connection:
        assert await store.find_segment(connection, old.recording_id) is None
        assert await store.garbage_since(connection) is None
    (row,) = await trail(site, "recording.delete")
    assert (row["camera_id"], row["detail"]["rule"], row["detail"]["count"]) == (camera_id, "volume-short", 1)
