"""Who did what: each act of the API is in the log with its person, its place and what was changed."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from ingest.identifier import new_identifier
from tests.fakes.clock import ManualClock
from tests.fakes.node import alert_payload, problem
from tests.vms_api.audit.trail import kinds, trail
from tests.vms_api.conftest import PASSWORD, Site, log_in, running_site
from vms_api.accounts.login_limit import ACCOUNT_LIMIT
from vms_api.audit.chain import verify
from vms_api.audit.denials import WINDOW_S
from vms_api.audit.store import open_audit_file
from vms_api.nodes.view_journal import SETTLE_S

pytestmark = pytest.mark.anyio

SECRET = "a secret of the camera"
SDP = {"Content-Type": "application/sdp"}


async def open_view(site: Site, camera: dict[str, Any]) -> str:
    answer = await site.http.post(f"/api/v1/cameras/{camera['id']}/whep", content=b"v=0", headers=SDP)
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


async def test_logins_leave_rows(site: Site) -> None:
    """In, out, by link, and refused; the name of a failed login is kept only if somebody has it."""
    (first,) = await trail(site, "session.login")
    assert (first["actor"]["name"], first["outcome"], first["detail"]) == ("admin", "done", {"by": "password"})
    link = (await site.http.post("/api/v1/login-links")).json()["token"]
    async with site.anonymous() as other:
        assert (await other.post("/api/v1/login", json={"token": link})).status_code == 200
        assert (await other.post("/api/v1/logout")).status_code == 204
        for name in ("ADMIN", PASSWORD):
            await other.post("/api/v1/login", json={"username": name, "password": "wrong password"})
    rows = await trail(site)
    told = [(row["kind"], row["outcome"], row["actor"]["name"]) for row in rows[rows.index(first) + 1 :]]
    assert told == [
        ("session.link", "done", "admin"),
        ("session.login", "done", "admin"),
        ("session.logout", "done", "admin"),
        ("session.login", "denied", "admin"),
        ("session.login", "denied", None),
    ]
    assert rows[-1]["detail"]["code"] == "login-failed"
    assert rows[-1]["actor"]["address"] == "127.0.0.1"
    assert PASSWORD not in str(rows)
    assert link not in str(rows)


async def test_guessing_is_recorded_and_counted(site: Site) -> None:
    """The first failure and the first that was rate-limited are rows; the rest is a number."""
    async with site.anonymous() as other:
        for _ in range(ACCOUNT_LIMIT + 3):
            await other.post("/api/v1/login", json={"username": "admin", "password": "wrong password"})
    await site.control.denials.flush(is_last=True)
    denied = [row for row in await trail(site, "session.login") if row["outcome"] == "denied"]
    assert [(row["detail"]["code"], row["detail"].get("repeats")) for row in denied] == [
        ("login-failed", None),
        ("too-many-attempts", None),
        ("login-failed", ACCOUNT_LIMIT - 1),
        ("too-many-attempts", 2),
    ]


async def test_settings_say_what_was_changed(site: Site) -> None:
    """Cameras, zones and rules: the fields with old and new value; of a password only that it was changed."""
    camera = await site.add_camera(username="root", password=SECRET)
    path = f"/api/v1/cameras/{camera['id']}"
    await site.http.patch(path, json={"name": "North gate", "password": SECRET + "!"})
    zone = await site.add_zone(camera["id"])
    await site.http.patch(f"{path}/zones/{zone['id']}", json={"name": "Yard"})
    rule = await site.add_rule(camera["id"], zone["id"])
    await site.http.patch(f"{path}/rules/{rule['id']}", json={"enabled": False})
    await site.http.delete(f"{path}/rules/{rule['id']}")
    await site.http.delete(f"{path}/zones/{zone['id']}")
    await site.http.delete(path)
    rows = [row for row in await trail(site) if row["camera_id"] == camera["id"]]
    told = {row["kind"]: row["detail"] for row in rows}
    assert list(told) == [
        "camera.add",
        "camera.change",
        "zone.add",
        "zone.change",
        "rule.add",
        "rule.change",
        "rule.remove",
        "zone.remove",
        "camera.remove",
    ]
    assert told["camera.add"]["has_password"] is True
    assert told["camera.change"] == {"name": ["Gate", "North gate"], "password": "changed"}
    assert told["zone.change"] == {"name": ["A area", "Yard"]}
    assert told["rule.change"] == {"enabled": [True, False]}
    assert told["camera.remove"] == {"name": "North gate"}
    assert {row["area_id"] for row in rows} == {camera["area_id"]}
    assert {row["actor"]["name"] for row in rows} == {"admin"}
    assert SECRET not in str(rows)


async def test_refused_change_leaves_no_row_of_a_change(site: Site) -> None:
    """A name that is taken: nothing changed, nothing said to have changed."""
    await site.add_camera("One")
    two = await site.add_camera("Two")
    before = len(await trail(site))
    assert (await site.http.patch(f"/api/v1/cameras/{two['id']}", json={"name": "One"})).status_code == 409
    assert await kinds(site, before) == []


async def test_pictures_leave_rows(site: Site) -> None:
    """Snapshot, evidence and acknowledgement, each with camera and area; a picture that was not shown leaves none."""
    node = await site.start_node()
    camera = await site.add_camera()
    alert_id = new_identifier()
    await asyncio.to_thread(node.deliver, alert_payload(alert_id, camera["id"]))
    before = len(await trail(site))
    await site.http.get(f"/api/v1/cameras/{camera['id']}/snapshot.jpg", params={"stream": "sub"})
    await site.http.get(f"/api/v1/alerts/{alert_id}/evidence.jpg")
    await site.http.post(f"/api/v1/alerts/{alert_id}/acknowledge", json={})
    node.answers["GET"] = problem(409, "camera-not-live", "no picture now")
    assert (await site.http.get(f"/api/v1/cameras/{camera['id']}/snapshot.jpg")).status_code == 409
    rows = (await trail(site))[before:]
    assert [row["kind"] for row in rows] == ["picture.snapshot", "picture.evidence", "alert.acknowledge"]
    assert {(row["camera_id"], row["area_id"]) for row in rows} == {(camera["id"], camera["area_id"])}
    assert rows[0]["detail"] == {"stream": "sub"}
    assert rows[1]["subject"] == alert_id


async def test_view_has_a_beginning_an_end_and_a_duration(tmp_path: Path) -> None:
    """Closed by the page: one row when it was opened, one when it ended, with the seconds between."""
    clock = ManualClock()
    async with running_site(tmp_path, clock=clock) as site:
        await site.start_node()
        camera = await site.add_camera()
        location = await open_view(site, camera)
        clock.advance(12.5)
        assert (await site.http.delete(location)).status_code == 204
        start, end = (await trail(site))[-2:]
    assert (start["kind"], end["kind"]) == ("view.start", "view.end")
    assert start["subject"] == end["subject"] == location.rpartition("/")[2]
    assert end["detail"] == {"reason": "closed", "duration_s": 12.5, "viewer": "admin"}
    assert end["actor"]["name"] == "admin"


async def test_view_ends_when_the_node_no_longer_has_it(tmp_path: Path) -> None:
    """A browser that is simply gone: the node's heartbeat says so, and not before the view can be in it."""
    clock = ManualClock()
    async with running_site(tmp_path, clock=clock) as site:
        node = await site.start_node()
        await open_view(site, await site.add_camera())
        node.view_ids = []
        await asyncio.to_thread(node.heartbeat)
        assert await kinds(site, len(await trail(site)) - 1) == ["view.start"]
        clock.advance(SETTLE_S + 1)
        await asyncio.to_thread(node.heartbeat)
        async with asyncio.timeout(20):
            while not (ends := await trail(site, "view.end")):  # the node's own heartbeat may be at it
                await asyncio.sleep(0.02)
    assert [end["detail"]["reason"] for end in ends] == ["browser gone"]
    assert list(site.control.views) == []


async def test_views_end_with_their_node(site: Site) -> None:
    """A node that is replaced takes its views along, and its replacement is recorded."""
    await site.start_node()
    await open_view(site, await site.add_camera())
    before = len(await trail(site))
    await site.start_node()
    rows = (await trail(site))[before:]
    assert [row["kind"] for row in rows] == ["node.replace", "view.end"]
    assert rows[0]["detail"] == {"epoch": 2}
    assert rows[1]["detail"]["reason"] == "node replaced"


async def test_view_that_outlives_the_process_is_ended_by_the_next(tmp_path: Path) -> None:
    """After a kill the table of open views is what the next start ends them from."""
    async with running_site(tmp_path) as site:
        await site.start_node()
        await open_view(site, await site.add_camera())
        site.control.journal._views.clear()  # as if this process had died without a word
    async with running_site(tmp_path) as site:
        (end,) = await trail(site, "view.end")
        assert (end["detail"]["reason"], end["detail"]["viewer"]) == ("control process ended", "admin")
        await site.control.journal.recover()
        assert len(await trail(site, "view.end")) == 1


async def test_lost_right_ends_the_view_with_its_reason(site: Site) -> None:
    """Logged out: the view is ended for the person, and the log says why."""
    await site.start_node()
    await open_view(site, await site.add_camera())
    await site.http.post("/api/v1/logout")
    async with asyncio.timeout(20):
        while not (ends := await trail(site, "view.end")):
            await asyncio.sleep(0.05)
    (end,) = ends
    assert list(site.control.views) == []
    assert end["detail"]["reason"] == "right ended"


async def test_denied_attempts_leave_rows(site: Site) -> None:
    """Not logged in, from a foreign page, with a wrong node token: who tried what, without what was sent."""
    camera = await site.add_camera()
    before = len(await trail(site))
    path = f"/api/v1/cameras/{camera['id']}"
    async with site.anonymous() as other:
        await other.get(f"{path}/snapshot.jpg")
        await other.post("/internal/v1/nodes/local/health", headers={"Authorization": "Bearer guessed"}, json={})
    await site.http.patch(path, json={"name": "x"}, headers={"Origin": "https://evil.example"})
    rows = (await trail(site))[before:]
    assert [(row["kind"], row["outcome"], row["detail"]["code"]) for row in rows] == [
        ("request.denied", "denied", "not-logged-in"),
        ("request.denied", "denied", "node-token-wrong"),
        ("request.denied", "denied", "foreign-origin"),
    ]
    assert rows[0]["detail"]["route"] == "GET /cameras/{camera_id}/snapshot.jpg"
    assert rows[0]["camera_id"] == camera["id"]


async def test_log_is_whole_after_a_day_of_work(tmp_path: Path) -> None:
    """Many at once, a stop, a start: one chain, signed at its end."""
    async with running_site(tmp_path) as site:
        await site.start_node()
        cameras = [await site.add_camera(f"Camera {number}") for number in range(5)]
        shots = [site.http.get(f"/api/v1/cameras/{camera['id']}/snapshot.jpg") for camera in cameras * 4]
        await asyncio.gather(*shots)
    async with running_site(tmp_path) as site:
        await log_in(site.http)
    with open_audit_file(tmp_path / "xueliang.db") as file:
        verdict, heads = verify(file.rows()), file.signed_heads()
    assert verdict.is_whole
    assert verdict.head.seq > 25
    assert heads[-1].hash == verdict.head.hash


async def test_denials_of_a_window_are_flushed_in_time(tmp_path: Path) -> None:
    """What was only counted becomes a row when its minute is over."""
    clock = ManualClock()
    async with running_site(tmp_path, clock=clock) as site:
        async with site.anonymous() as other:
            for _ in range(3):
                await other.get("/api/v1/cameras")
        clock.advance(WINDOW_S)
        await site.control.denials.flush()
        rows = await trail(site, "request.denied")
    assert [row["detail"].get("repeats") for row in rows] == [None, 2]
