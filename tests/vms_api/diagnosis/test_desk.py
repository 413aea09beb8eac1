"""What a node finds is stored once, opens and clears its ticket, and is unknown as soon as nobody can tell."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics.quality.category import Category
from tests.fakes.clock import ManualClock
from tests.fakes.node import FakeNode
from tests.vms_api.audit.trail import trail
from tests.vms_api.conftest import Site, running_site, until
from tests.vms_api.diagnosis.report import JPEG, NOON, blind, finding, report
from vms_api.care import store as device_store
from vms_api.care.device import DeviceFacts, DeviceState
from vms_api.diagnosis import picture_store, store
from vms_api.diagnosis.settings import DiagnosisSettings
from vms_api.tickets import store as ticket_store
from vms_api.tickets.ticket import Ticket

pytestmark = pytest.mark.anyio

BLUR, DARK, SHIFT = Category.BLUR, Category.DARK, Category.SHIFT
_KNOWN_IN_TURN = (None, DeviceFacts(ptz=False), DeviceFacts(ptz=True))


@dataclass
class Place:
    """A site with a node and one camera that it reports live."""

    site: Site
    node: FakeNode
    camera_id: str

    async def tell(self, payload: dict[str, Any]) -> str:
        answer = await asyncio.to_thread(self.node.deliver, payload, "quality")
        assert answer.status_code == 204, answer.text
        return payload["id"]

    async def lose_node(self) -> None:
        await asyncio.to_thread(self.node.mute)  # else its next heartbeat brings it back
        self.site.control.node.lose("killed by the test")

    async def get(self, path: str, **query: Any) -> Any:
        answer = await self.site.http.get(f"/api/v1{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def quality(self) -> dict[str, Any]:
        return await self.get(f"/cameras/{self.camera_id}/quality")

    async def open_tickets(self) -> Sequence[Ticket]:
        async with self.site.control.database.read() as connection:
            return await ticket_store.list_open(connection)

    async def tickets(self) -> list[tuple[str, str, bool]]:
        found = await self.open_tickets()
        return sorted((one.cause, one.state, one.cleared_at is not None) for one in found)

    async def told(self) -> list[dict[str, Any]]:
        events = await self.site.control.events.after(0)
        return [dict(event.data) for event in events if event.kind == "camera.quality"]


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    clock = ManualClock(NOON + timedelta(hours=1))
    async with running_site(tmp_path / "data", clock=clock, diagnosis=DiagnosisSettings(keep_pictures=2)) as site:
        node = await site.start_node()
        camera = await site.add_camera()
        await until(lambda: site.control.health.reported(camera["id"]) is not None)
        yield Place(site, node, camera["id"])


async def test_a_fault_opens_its_ticket_and_its_end_clears_it(place: Place) -> None:
    """Both in the transaction of the verdict, with the picture as evidence and the figures as facts."""
    assert (await place.quality())["reason"] == "never-checked"
    await place.tell(report(place.camera_id))
    assert ((await place.quality())["state"], await place.tickets()) == ("ok", [])
    picture_id = await place.tell(report(place.camera_id, BLUR, minutes=10))
    seen = await place.quality()
    assert (seen["state"], seen["abnormal_since"], seen["picture_id"]) == (
        "abnormal",
        "2026-11-21T04:10:00Z",
        picture_id,
    )
    assert await place.tickets() == [("quality-blur", "open", False)]
    (ticket,) = await place.open_tickets()
    assert (ticket.evidence, ticket.severity, ticket.facts["score"]) == (picture_id, "medium", 21.0)
    await place.tell(report(place.camera_id, minutes=20))
    assert ((await place.quality())["state"], await place.tickets()) == ("ok", [("quality-blur", "open", True)])
    changes = [(one["category"], one["was"], one["state"]) for one in reversed((await place.quality())["changes"])]
    assert changes == [
        (None, "unknown", "ok"),
        ("blur", "ok", "abnormal"),
        (None, "ok", "abnormal"),
        ("blur", "abnormal", "ok"),
        (None, "abnormal", "ok"),
    ]
    assert [(one["state"], one["faults"]) for one in await place.told()] == [
        *(("ok", []), ("abnormal", ["blur"]), ("ok", []))
    ]


async def test_the_same_look_counts_once(place: Place) -> None:
    """However often the outbox delivers it; and a look that finds the same again changes nothing."""
    payload = report(place.camera_id, DARK)
    await place.tell(payload)
    await place.tell(payload)
    await place.tell(report(place.camera_id, DARK, minutes=15))
    assert len((await place.quality())["changes"]) == 2
    assert await place.tickets() == [("quality-dark", "open", False)]
    assert await place.tell(report("gone", DARK))


async def test_what_cannot_be_judged_ends_no_fault(place: Place) -> None:
    """A camera that goes offline is unknown; its fault is there again with it, and the ticket never closed."""
    await place.tell(report(place.camera_id, BLUR))
    await place.tell(blind(place.camera_id, minutes=30))
    seen = await place.quality()
    assert (seen["state"], seen["reason"], seen["checked_at"]) == ("unknown", "offline", "2026-11-21T04:00:00Z")
    assert [fault["category"] for fault in seen["faults"]] == ["blur"]
    hidden = [finding(one, "abnormal" if one is BLUR else "ok", "unknown") for one in Category]
    await place.tell(report(place.camera_id, minutes=40, findings=hidden))
    assert (await place.quality())["abnormal_since"] == "2026-11-21T04:00:00Z"
    assert await place.tickets() == [("quality-blur", "open", False)]
    await place.tell(report(place.camera_id, minutes=50))
    assert await place.tickets() == [("quality-blur", "open", True)]


async def test_nobody_who_could_tell_means_unknown(place: Place) -> None:
    """Never well because it was well: at once where it is read, and stored after two rounds of the watch."""
    await place.tell(report(place.camera_id))
    watch = place.site.control.diagnosis.watch
    await watch.turn()
    await place.lose_node()
    seen = await place.quality()
    assert (seen["state"], seen["reason"]) == ("unknown", "node-away")
    assert (await place.get("/quality-counts"))["states"] == {"ok": 1, "abnormal": 0, "unknown": 0}
    await watch.turn()
    await watch.turn()
    assert (await place.get("/quality-counts"))["states"] == {"ok": 0, "abnormal": 0, "unknown": 1}
    since, until_ = NOON - timedelta(days=1), NOON + timedelta(days=1)
    async with place.site.control.database.read() as connection:
        (changes,) = (await store.list_camera_changes(connection, since, until_)).values()
    assert [(one.was, one.state, one.reason) for one in changes] == [
        *(("unknown", "ok", ""), ("ok", "unknown", "node-away"))
    ]


async def test_a_camera_that_was_not_looked_at_for_long_is_unknown(place: Place) -> None:
    """Three looks that did not come are no good news."""
    await place.tell(report(place.camera_id))
    clock = place.site.control.clock
    assert isinstance(clock, ManualClock)
    clock.advance(3 * 3600 - 3600 + 60)
    await place.site.control.diagnosis.watch.turn()
    assert (await place.quality())["state"] == "ok"
    clock.advance(120)
    await place.site.control.diagnosis.watch.turn()
    assert ((await place.quality())["state"], (await place.quality())["reason"]) == ("unknown", "overdue")


async def test_the_first_good_picture_by_day_is_proposed(place: Place) -> None:
    """Not one of the night, not one with a fault, and not a second one; a person confirms, the node is told."""
    path = f"/api/v1/cameras/{place.camera_id}/quality/reference"
    await place.tell(report(place.camera_id, minutes=-9 * 60))
    await place.tell(report(place.camera_id, DARK, minutes=-30))
    assert (await place.site.http.get(path)).status_code == 404
    proposed = await place.tell(report(place.camera_id))
    later = await place.tell(report(place.camera_id, minutes=10))
    reference = await place.get(path.removeprefix("/api/v1"))
    assert (reference["id"], reference["state"], reference["by"]) == (proposed, "proposed", None)
    assert [camera["reference_id"] for camera in place.node.states[-1]["cameras"]] == [None]
    answer = await place.site.http.put(path, json={"picture_id": later})
    assert (answer.status_code, answer.json()["state"], answer.json()["by"]) == (200, "confirmed", "admin")
    await until(lambda: place.node.states[-1]["cameras"][0]["reference_id"] == later)
    assert (await trail(place.site))[-1]["kind"] == "quality.reference"
    other = await place.site.add_camera("Yard")
    theirs = f"/api/v1/cameras/{other['id']}/quality/reference"
    assert (await place.site.http.put(theirs, json={"picture_id": later})).status_code == 404


async def test_a_new_reference_ends_what_the_old_one_found(place: Place) -> None:
    """The camera was turned on purpose: the ticket is cleared, and only the next look says how the camera is."""
    picture_id = await place.tell(report(place.camera_id, SHIFT))
    path = f"/api/v1/cameras/{place.camera_id}/quality/reference"
    assert (await place.site.http.put(path, json={"picture_id": picture_id})).status_code == 200
    seen = await place.quality()
    assert (seen["state"], seen["reason"], seen["faults"]) == ("unknown", "reference-replaced", [])
    assert await place.tickets() == [("quality-shift", "open", True)]


async def test_a_moved_camera_has_no_reference(place: Place) -> None:
    """Where it points is up to whoever moves it."""
    state = DeviceState("reachable", None, NOON, "mark", DeviceFacts(ptz=True), None, None, None)
    async with place.site.control.database.write() as transaction:
        await device_store.put_state(transaction, place.camera_id, state)
    picture_id = await place.tell(report(place.camera_id))
    seen = await place.quality()
    assert (seen["moves"], seen["reference"]) == (True, None)
    path = f"/api/v1/cameras/{place.camera_id}/quality/reference"
    answer = await place.site.http.put(path, json={"picture_id": picture_id})
    assert (answer.status_code, answer.json()["code"]) == (409, "camera-moves")


async def test_a_camera_that_turns_out_to_move_is_not_judged_by_where_it_once_looked(place: Place) -> None:
    """Its reference was confirmed before the device was asked; the node is told of it no more."""
    picture_id = await place.tell(report(place.camera_id))
    path = f"/api/v1/cameras/{place.camera_id}/quality/reference"
    assert (await place.site.http.put(path, json={"picture_id": picture_id})).status_code == 200
    states = [DeviceState("reachable", None, NOON, "mark", facts, None, None, None) for facts in _KNOWN_IN_TURN]
    judged_by = []
    for state in states:
        async with place.site.control.database.write() as transaction:
            await device_store.put_state(transaction, place.camera_id, state)
            judged_by.append(await picture_store.confirmed_references(transaction.connection))
    assert judged_by == [{place.camera_id: picture_id}, {place.camera_id: picture_id}, {}]


async def test_a_wrong_verdict_ends_and_is_learnt_from(place: Place) -> None:
    """The node gets the finding to learn from; without a node nothing is written that nobody learnt."""
    await place.tell(report(place.camera_id, BLUR, DARK))
    path = f"/api/v1/cameras/{place.camera_id}/quality/blur/wrong"
    answer = await place.site.http.post(path, json={"note": "fog"})
    assert answer.status_code == 204, answer.text
    (learnt,) = [body for method, where, body in place.node.calls if where.endswith("/quality/objections")]
    assert b'"category":"blur"' in learnt
    seen = await place.quality()
    assert (seen["state"], [fault["category"] for fault in seen["faults"]]) == ("abnormal", ["dark"])
    assert await place.tickets() == [("quality-blur", "open", True), ("quality-dark", "open", False)]
    assert (await place.site.http.post(path, json={})).json()["code"] == "verdict-gone"
    row = (await trail(place.site))[-1]
    assert (row["kind"], row["detail"]) == ("quality.wrong", {"category": "blur", "note": "fog"})
    await place.lose_node()
    dark = await place.site.http.post(path.replace("blur", "dark"), json={})
    assert dark.status_code == 503
    assert [fault["category"] for fault in (await place.quality())["faults"]] == ["dark"]


async def test_pictures_are_few_audited_and_gone_with_their_masks(place: Place) -> None:
    """The last two of changes, the last look's and the reference are kept; under other masks none is shown."""
    first = await place.tell(report(place.camera_id))
    ids = [
        await place.tell(report(place.camera_id, *which, minutes=n)) for n, which in enumerate(([BLUR], [], [BLUR]), 1)
    ]
    last = await place.tell(report(place.camera_id, BLUR, minutes=9))
    shown = {id_: (await place.site.http.get(f"/api/v1/quality-pictures/{id_}")) for id_ in (first, *ids, last)}
    assert [shown[id_].status_code for id_ in (first, *ids, last)] == [200, 404, 200, 200, 200]
    assert shown[last].content == JPEG
    assert [row["kind"] for row in (await trail(place.site))[-4:]] == ["picture.quality"] * 4
    body = {"polygons": [{"name": "Window", "points": [[0, 0], [1, 0], [1, 1]]}], "base_version": 0}
    assert (await place.site.http.put(f"/api/v1/cameras/{place.camera_id}/masks", json=body)).status_code == 200
    for id_ in (first, last):
        assert (await place.site.http.get(f"/api/v1/quality-pictures/{id_}")).status_code == 404
    assert (await place.quality())["reference"] is None


async def test_asking_for_a_check_reaches_the_node(place: Place) -> None:
    """And is audited."""
    answer = await place.site.http.post(f"/api/v1/cameras/{place.camera_id}/quality/check", json={})
    assert answer.status_code == 202, answer.text
    assert ("POST", f"/internal/v1/cameras/{place.camera_id}/quality/check", b"") in place.node.calls
    assert (await trail(place.site))[-1]["kind"] == "quality.check"


async def test_the_list_is_cut_by_state_category_and_area(place: Place) -> None:
    """Page by page, without a camera lost or doubled."""
    others = [(await place.site.add_camera(f"Camera {number}"))["id"] for number in range(4)]
    await until(lambda: all(place.site.control.health.reported(id_) for id_ in others))
    await place.tell(report(place.camera_id, BLUR))
    for id_ in others[:2]:
        await place.tell(report(id_, DARK))
    await place.tell(report(others[2]))
    assert {one["camera_id"] for one in (await place.get("/quality", state="abnormal"))["items"]} == {
        *(place.camera_id, *others[:2])
    }
    assert {one["camera_id"] for one in (await place.get("/quality", category="dark"))["items"]} == set(others[:2])
    assert [one["camera_id"] for one in (await place.get("/quality", state="unknown"))["items"]] == others[3:]
    counts = await place.get("/quality-counts")
    assert counts == {"states": {"ok": 1, "abnormal": 3, "unknown": 1}, "categories": {"blur": 1, "dark": 2}}
    figures = (await place.site.http.get("/metrics")).text
    assert 'xueliang_quality_cameras{state="abnormal"} 3.0' in figures
    assert 'xueliang_quality_abnormal{category="dark"} 2.0' in figures
    found, cursor = [], None
    while True:
        page = await place.get("/quality", limit=2, **({"cursor": cursor} if cursor else {}))
        found += [one["camera_id"] for one in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert found == sorted([place.camera_id, *others])
