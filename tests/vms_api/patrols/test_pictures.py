"""Pictures of stops: taken by the server from the node, kept as they came, and told apart by their SHA-256."""

import hashlib
from datetime import timedelta

import pytest

from tests.fakes.node import JPEG, Answer, problem
from tests.vms_api.conftest import Site, until
from vms_api.patrols.picture_desk import MOST_PICTURES
from vms_api.patrols.round import DueRound
from vms_api.patrols.round_store import add_due

pytestmark = pytest.mark.anyio
LEASE = {"lease_epoch": 1}


async def going(site: Site) -> tuple[str, str]:
    """A round of the administrator over one live camera: the addresses of the round and of its stop."""
    await site.start_node()
    camera = await site.add_camera()
    await until(lambda: site.control.node.state == "up")
    plan = {
        "name": "Morning round",
        "area_id": camera["area_id"],
        "stops": [{"camera_id": camera["id"]}],
        "people": {"roster": True},
        "schedule": {"windows": [{"days": [0], "starts": "08:00", "ends": "10:00"}]},
    }
    made = await site.http.post("/api/v1/patrol-plans", json=plan)
    now = site.control.clock.now()
    due = DueRound(made.json()["id"], 1, "Morning round", camera["area_id"], now, now + timedelta(hours=1), 1)
    async with site.control.database.write() as transaction:
        round_id = await add_due(transaction, due)
    taken = await site.http.post(f"/api/v1/patrol-rounds/{round_id}/take")
    place = f"/api/v1/patrol-rounds/{round_id}"
    return place, f"{place}/stops/{taken.json()['stops'][0]['id']}"


async def test_a_picture_is_kept_as_the_node_gave_it(site: Site) -> None:
    """Only while somebody is at the stop; the protocol has the hash of the very bytes that are shown afterwards."""
    round_, stop = await going(site)
    assert (await site.http.post(f"{stop}/snapshot", json=LEASE)).json()["code"] == "stop-closed"
    assert (await site.http.post(f"{stop}/arrive", json=LEASE)).status_code == 200
    kept = (await site.http.post(f"{stop}/snapshot", json=LEASE)).json()
    (picture,) = (await site.http.get(f"{round_}/protocol")).json()["pictures"]
    assert picture["id"] == kept["snapshot_id"]
    shown = await site.http.get(picture["url"])
    assert (shown.content, shown.headers["content-type"]) == (JPEG, "image/jpeg")
    assert picture["sha256"] == hashlib.sha256(JPEG).hexdigest()
    assert (picture["taken_by"], picture["captured_at"]) == ("admin", "2026-11-21T12:00:00Z")
    asked = [path for method, path, _body in site.nodes[0].calls if method == "GET" and "snapshot" in path]
    assert asked == [f"/internal/v1/cameras/{kept['camera_id']}/snapshot.jpg?stream=main"]


async def test_no_more_pictures_than_a_stop_may_have_and_none_without_a_camera(site: Site) -> None:
    """The last of them is the stop's picture; what the node refuses is told and leaves nothing."""
    round_, stop = await going(site)
    await site.http.post(f"{stop}/arrive", json=LEASE)
    node = site.nodes[0]
    refusal = problem(409, "camera-not-live", "no key frame")
    node.answers["GET /internal/v1/cameras"] = refusal
    assert (await site.http.post(f"{stop}/snapshot", json=LEASE)).json()["code"] == "camera-not-live"
    node.answers["GET /internal/v1/cameras"] = Answer(200, JPEG)
    ids = [(await site.http.post(f"{stop}/snapshot", json=LEASE)).json()["snapshot_id"] for _ in range(MOST_PICTURES)]
    assert (await site.http.post(f"{stop}/snapshot", json=LEASE)).json()["code"] == "pictures-full"
    protocol = (await site.http.get(f"{round_}/protocol")).json()
    assert [picture["id"] for picture in protocol["pictures"]] == ids
    assert protocol["round"]["stops"][0]["snapshot_id"] == ids[-1]
    assert {picture["captured_at"] for picture in protocol["pictures"]} == {None}
