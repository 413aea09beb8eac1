"""The control process and its media node."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import httpx
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.identifier import new_identifier
from tests.fakes.node import JPEG, SDP_ANSWER, START, Answer, problem
from tests.vms_api.conftest import Site, running_site, until
from tests.vms_api.event_client import EventClient, take
from vms_api.nodes.link import NODE_ID, NodeState
from vms_api.nodes.placement import BACKOFF_MAX_S, BACKOFF_MIN_S, PROVEN_UPTIME_S, next_backoff_s
from vms_api.settings import NodeSettings

pytestmark = pytest.mark.anyio

FAKE_NODE = (sys.executable, "-m", "tests.fakes.node")


async def test_system_tells_node_and_detector(site: Site) -> None:
    """Starting and not ready first, then up, with the detector, its classes, why it is not the wanted one, its twin."""
    before = (await site.http.get("/api/v1/system")).json()
    assert (before["node"]["state"], before["detector"]) == ("starting", None)
    assert (await site.http.get("/readyz")).status_code == 503
    await site.start_node()
    after = (await site.http.get("/api/v1/system")).json()
    assert after["node"]["state"] == "up"
    assert after["detector"] == {
        "name": "scripted",
        "runtime": "fake",
        "labels": ["person", "motion"],
        "fallback": True,
        "reason": "model-missing",
        "twin": "twin-outdated",
    }
    assert (await site.http.get("/readyz")).status_code == 200
    assert "xueliang_node_up 1.0" in (await site.http.get("/metrics")).text


@pytest.mark.parametrize(
    ("node_id", "authorization"),
    [(NODE_ID, "Bearer wrong"), (NODE_ID, ""), ("other", "Bearer {token}"), (NODE_ID, "Basic {token}")],
)
async def test_strangers_are_no_nodes(site: Site, node_id: str, authorization: str) -> None:
    """Token and name must both fit, on every internal route; a person's cookie does not help."""
    headers = {"Authorization": authorization.format(token=site.control.node.token)}
    registration = {"address": "http://127.0.0.1:1", "pid": 1, "epoch": 0, "version": "0"}
    bodies = {
        "register": registration,
        "health": {"epoch": 0, "cameras": []},
        "deliveries": {"id": "a", "kind": "camera_state", "payload": {}},
    }
    for route, body in bodies.items():
        answer = await site.http.post(f"/internal/v1/nodes/{node_id}/{route}", json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "node-token-wrong")


async def test_replaced_node_is_told_to_exit(site: Site) -> None:
    """After a new epoch the old process gets epoch-stale for registration and heartbeat."""
    old = await site.start_node()
    await site.start_node()
    await until(lambda: old.last_status == 409)
    answer = await asyncio.to_thread(old.register)
    assert (answer.status_code, answer.json()["code"]) == (409, "epoch-stale")
    assert site.control.node.state is NodeState.UP


async def test_silent_node_makes_cameras_unknown(site: Site) -> None:
    """Without heartbeats the cameras' last state is no longer claimed, and people are told."""
    camera = await site.add_camera()
    node = await site.start_node()
    await until(lambda: site.control.health._entries)
    async with EventClient(site.http).connected() as frames:
        await take(frames, "hello")
        await asyncio.to_thread(node.mute)
        states = [(await take(frames, "node.state")).data["state"] for _ in range(2)]
        assert states == ["up", "down"]
        assert (await take(frames, "camera.health")).data["health"]["state"] == "unknown"
    health = (await site.http.get(f"/api/v1/cameras/{camera['id']}/health")).json()
    assert health["state"] == "unknown"
    snapshot = await site.http.get(f"/api/v1/cameras/{camera['id']}/snapshot.jpg")
    assert (snapshot.status_code, snapshot.json()["code"]) == (503, "node-unavailable")
    assert "Retry-After" in snapshot.headers


async def test_snapshot_is_handed_on(site: Site) -> None:
    """The node's picture and the time it was taken."""
    camera = await site.add_camera()
    node = await site.start_node()
    answer = await site.http.get(f"/api/v1/cameras/{camera['id']}/snapshot.jpg", params={"stream": "sub"})
    assert (answer.content, answer.headers["X-Captured-At"]) == (JPEG, START)
    assert node.calls[-1][:2] == ("GET", f"/internal/v1/cameras/{camera['id']}/snapshot.jpg?stream=sub")


async def test_whep_is_signalled_through(site: Site) -> None:
    """Offer, answer, trickle and end reach the node; Location and ETag name the view."""
    camera = await site.add_camera()
    node = await site.start_node()
    path = f"/api/v1/cameras/{camera['id']}/whep"
    sdp = {"Content-Type": "application/sdp"}
    opened = await site.http.post(path, content="v=0 offer", headers=sdp)
    assert (opened.status_code, opened.text, opened.headers["content-type"]) == (201, SDP_ANSWER, "application/sdp")
    assert opened.headers["Location"] == f"{path}/view-1"
    assert opened.headers["ETag"] == '"view-1"'
    fragment = {"Content-Type": "application/trickle-ice-sdpfrag"}
    assert (await site.http.patch(opened.headers["Location"], content="a=x", headers=fragment)).status_code == 204
    assert (await site.http.delete(opened.headers["Location"])).status_code == 204
    calls = [(method, path.rpartition("/v1/")[2], body) for method, path, body in node.calls if method != "PUT"]
    assert calls == [
        ("POST", f"cameras/{camera['id']}/whep?stream=main", b"v=0 offer"),
        ("PATCH", "views/view-1", b"a=x"),
        ("DELETE", "views/view-1", b""),
    ]


async def test_node_refusals_keep_code_and_retry(site: Site) -> None:
    """The page gets the node's own reason; nonsense from the node is node-unavailable."""
    camera = await site.add_camera()
    node = await site.start_node()
    path, sdp = f"/api/v1/cameras/{camera['id']}/whep", {"Content-Type": "application/sdp"}
    node.answers["POST"] = problem(409, "camera-not-live", "waiting", Retry_After="3")
    answer = await site.http.post(path, content="v=0", headers=sdp)
    assert (answer.status_code, answer.json()["code"], answer.json()["status"]) == (409, "camera-not-live", 409)
    assert (answer.headers["Retry-After"], answer.json()["detail"]) == ("3", "waiting")
    node.answers["POST"] = Answer(500, b"not json")
    assert (await site.http.post(path, content="v=0", headers=sdp)).json()["code"] == "node-unavailable"
    assert (await site.http.post(path, json={})).json()["code"] == "json-required"
    assert (await site.http.post("/api/v1/cameras/none/whep", content="v=0", headers=sdp)).status_code == 404
    before = len(node.calls)
    assert (await site.http.delete(f"{path}/..%2f..%2fstate")).is_client_error
    assert (await site.http.delete(f"{path}/a%20b")).status_code == 422
    assert len(node.calls) == before


@pytest.mark.both_databases
async def test_camera_states_are_kept_once(site: Site) -> None:
    """The history of a stream's states is idempotent by id."""
    node = await site.start_node()
    change = {"id": new_identifier(), "camera_id": "c", "role": "main", "state": "waiting", "at": START}
    fault = {"code": "host-refused", "message": "nobody listens", "at": START}
    for _ in range(2):
        answer = await asyncio.to_thread(node.deliver, {**change, "fault": fault}, "camera_state")
        assert answer.status_code == 204
    async with site.control.database.read() as connection:
        rows = (await connection.exec_driver_sql("SELECT state FROM camera_states")).all()
    assert rows == [("waiting",)]


@given(st.lists(st.floats(0, 200), min_size=1, max_size=30))
def test_backoff_stays_in_bounds_and_resets_after_proven_uptime(uptimes: list[float]) -> None:
    """It doubles up to its cap for crashes, and is short again after a minute of life."""
    backoff_s = BACKOFF_MIN_S
    for uptime_s in uptimes:
        after_s = next_backoff_s(backoff_s, uptime_s)
        assert BACKOFF_MIN_S <= after_s <= BACKOFF_MAX_S
        assert after_s == BACKOFF_MIN_S if uptime_s >= PROVEN_UPTIME_S else after_s >= backoff_s
        backoff_s = after_s


async def test_killed_node_is_started_again(tmp_path: Path) -> None:
    """Kill -9 on the child: a new one of a higher epoch is up within seconds, and none is left at the end."""
    async with running_site(tmp_path, node_command=(*FAKE_NODE, "live")) as site:
        link = site.control.node
        await until(lambda: link.state is NodeState.UP, 15)
        first_epoch, first_pid = link.epoch, link._registration.pid
        os.kill(first_pid, signal.SIGKILL)
        await until(lambda: link.epoch > first_epoch and link.state is NodeState.UP, 15)
        second_pid = link._registration.pid
        assert second_pid != first_pid
    assert not psutil.pid_exists(second_pid)


async def test_silent_child_is_killed_and_replaced(tmp_path: Path) -> None:
    """A child that lives but sends no heartbeats is replaced."""
    settings = NodeSettings(heartbeat_timeout_s=2)
    async with running_site(tmp_path, node_command=(*FAKE_NODE, "mute"), node=settings) as site:
        link = site.control.node
        await until(lambda: link.state is NodeState.UP, 15)
        mute_pid = link._registration.pid
        await until(lambda: link.epoch == 2, 15)
        assert not psutil.pid_exists(mute_pid)


async def test_node_that_cannot_start_does_not_stop_the_site(tmp_path: Path) -> None:
    """A missing program is told as a node that is down; the API goes on."""
    async with running_site(tmp_path, node_command=("/nowhere/node",)) as site:
        await until(lambda: site.control.node.state is NodeState.DOWN)
        assert (await site.http.get("/api/v1/system")).json()["node"]["state"] == "down"
        assert (await site.http.get("/healthz")).status_code == httpx.codes.OK
