"""Overview and map over the API."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from ingest.identifier import new_identifier
from tests.fakes.clock import ManualClock
from tests.fakes.drawing import drawing
from tests.fakes.node import alert_payload
from tests.vms_api.conftest import Site, running_site
from tests.vms_api.people import add_area, person
from vms_api.accounts.permission import Role
from vms_api.overview.settings import MapSettings

pytestmark = pytest.mark.anyio

API = "/api/v1"
SHANGHAI, IN_GCJ02 = (31.1774276, 121.5272106), (31.17530398, 121.53154186)
OCTETS = {"Content-Type": "application/octet-stream"}
BOUNDS = {"south": 31.1, "west": 121.5, "north": 31.2, "east": 121.6}


async def placed(site: Site, name: str, at: tuple[float, float], **fields: Any) -> str:
    """A camera with a position in its ledger."""
    camera = await site.add_camera(name, **fields)
    body = {"values": {"latitude": at[0], "longitude": at[1], "coordinate_system": "wgs84"}, "base_version": 0}
    assert (await site.http.put(f"{API}/cameras/{camera['id']}/ledger", json=body)).status_code == 200
    return camera["id"]


@pytest.mark.both_databases
async def test_the_map_is_read_again_only_when_it_has_changed(site: Site) -> None:
    """By its ETag; one without a position is counted; a moved camera is elsewhere at once."""
    gate = await placed(site, "Gate", SHANGHAI)
    await site.add_camera("Nowhere")
    first = await site.http.get(f"{API}/map/cameras")
    told = first.json()
    assert (told["datum"], told["unplaced"]) == ("wgs84", 1)
    assert [(id_, at, to, told["states"][state]) for id_, at, to, state in told["cameras"]] == [
        (gate, round(SHANGHAI[0], 6), round(SHANGHAI[1], 6), "unknown")
    ]
    again = await site.http.get(f"{API}/map/cameras", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    body = {"values": {"latitude": 31.2, "longitude": 121.6}, "base_version": 1}
    assert (await site.http.put(f"{API}/cameras/{gate}/ledger", json=body)).status_code == 200
    moved = await site.http.get(f"{API}/map/cameras", headers={"If-None-Match": first.headers["ETag"]})
    assert [row[1:3] for row in moved.json()["cameras"]] == [[31.2, 121.6]]


async def test_the_map_is_in_the_datum_of_its_tiles(tmp_path: Path) -> None:
    """Cameras and drawings stand on Chinese tiles where they are; the tiles come out of the site's own folder."""
    place = tmp_path / "tiles" / "3" / "6"
    place.mkdir(parents=True)
    (place / "3.png").write_bytes(drawing(256, 256))
    settings = MapSettings(tiles_dir=tmp_path / "tiles", tiles_datum="gcj02", attribution="Survey of the county")
    async with running_site(tmp_path / "data", map=settings) as site:
        await placed(site, "Gate", SHANGHAI)
        ((_id, latitude, longitude, _state),) = (await site.http.get(f"{API}/map/cameras")).json()["cameras"]
        assert (latitude, longitude) == pytest.approx(IN_GCJ02, abs=1e-6)
        ground = (await site.http.get(f"{API}/map")).json()
        assert (ground["datum"], ground["tiles"]["attribution"]) == ("gcj02", "Survey of the county")
        path = ground["tiles"]["url"].format(z=3, x=6, y=3)
        tile = await site.http.get(path)
        assert (tile.content, tile.headers["content-type"]) == (drawing(256, 256), "image/png")
        for wrong in ("3/6/4.png", "3/6/..%2f..%2fsite.toml", "3/../../data/xueliang.db", "a/b/c.png"):
            assert (await site.http.get(f"{API}/map/tiles/{wrong}")).status_code in {404, 422}
        async with site.anonymous() as nobody:
            assert (await nobody.get(path)).status_code == 401


async def test_a_drawing_lies_on_the_map_of_who_sees_the_cameras(site: Site) -> None:
    """It is placed, moved, looked at with a row, and gone with its area; another village does not hear of it."""
    here, there = await add_area(site, "Here"), await add_area(site, "There")
    path = f"{API}/areas/{here}/plan"
    kept = await site.http.post(path, content=drawing(), headers=OCTETS, params=BOUNDS)
    assert (kept.status_code, kept.json()["width"], kept.json()["bounds"]) == (201, 40, BOUNDS)
    moved = await site.http.patch(path, json={**BOUNDS, "north": 31.3})
    assert moved.json()["bounds"]["north"] == 31.3
    upside_down = await site.http.patch(path, json={**BOUNDS, "north": 31.0})
    assert upside_down.status_code == 422
    async with person(site, "neighbour", Role.SUPERVISOR, there) as http:
        assert (await http.get(f"{API}/map")).json()["plans"] == []
    assert [plan["area_id"] for plan in (await site.http.get(f"{API}/map")).json()["plans"]] == [here]
    refused = await site.http.post(path, content=b"<svg/>", headers=OCTETS, params=BOUNDS)
    assert (refused.status_code, refused.json()["code"]) == (415, "plan-kind-wrong")
    assert (await site.http.delete(f"{API}/areas/{here}")).status_code == 204
    assert (await site.http.get(f"{API}/map")).json()["plans"] == []


async def test_the_overview_is_of_the_areas_that_one_sees(tmp_path: Path) -> None:
    """Each sees the troubles of the own area with who has them in hand; parts without a right are not there."""
    async with running_site(tmp_path, clock=ManualClock()) as site:
        node = await site.start_node()
        here, there = await add_area(site, "Here"), await add_area(site, "There")
        camera, alert = await site.add_camera("Gate", area_id=here), new_identifier()
        await site.add_camera("Other gate", area_id=there)
        at = site.control.clock.now().isoformat()
        payload = alert_payload(alert, camera["id"], rule_name="Yard", severity="high", raised_at=at)
        await asyncio.to_thread(node.deliver, payload)
        assert (await site.http.post(f"{API}/alerts/{alert}/acknowledge", json={})).status_code == 200
        async with person(site, "viewer", Role.VIEWER, here) as http:
            told = (await http.get(f"{API}/overview")).json()
            assert (told["cameras"]["total"], told["storage"], told["nodes"]) == (1, None, None)
            (trouble,) = told["wrong_now"]["items"]
            assert (trouble["name"], trouble["who"], trouble["subject_id"]) == ("Yard", "admin", alert)
            assert told["alerts"] == {"open": 1, "new": 0, "overdue": 0}
            assert told["changed_today"]["counts"]["alert-raised"] == 1
            assert (await http.get(f"{API}/overview", params={"area_id": there})).status_code == 404
        whole = (await site.http.get(f"{API}/overview")).json()
        assert (whole["cameras"]["total"], [node["state"] for node in whole["nodes"]]) == (2, ["up"])
        below = (await site.http.get(f"{API}/overview", params={"area_id": there})).json()
        assert (below["cameras"]["total"], below["wrong_now"]["items"]) == (1, [])
