"""The tree of areas over the API."""

import asyncio
from pathlib import Path

import pytest

from ingest.identifier import new_identifier
from tests.fakes.node import alert_payload
from tests.vms_api.audit.trail import trail
from tests.vms_api.conftest import Site, running_site
from tests.vms_api.event_client import EventClient, take

pytestmark = pytest.mark.anyio

AREAS = "/api/v1/areas"


async def root_of(site: Site) -> dict[str, object]:
    return (await site.http.get(AREAS)).json()["items"][0]


async def add(site: Site, name: str, parent_id: object, **fields: object) -> dict[str, object]:
    answer = await site.http.post(AREAS, json={"name": name, "parent_id": parent_id, **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_root_is_named_after_the_site_once(tmp_path: Path) -> None:
    """A fresh site has one area; a later change of the settings does not undo a renaming."""
    async with running_site(tmp_path, site={"name": "Plum county"}) as site:
        root = await root_of(site)
        assert (root["name"], root["parent_id"]) == ("Plum county", None)
        await site.http.patch(f"{AREAS}/{root['id']}", json={"name": "Orchard county"})
    async with running_site(tmp_path, site={"name": "Plum county"}) as site:
        assert (await root_of(site))["name"] == "Orchard county"


@pytest.mark.both_databases
async def test_areas_move_with_all_that_is_below(site: Site) -> None:
    """Cameras keep their area, lists follow the new place, and a filter takes the whole subtree."""
    root = await root_of(site)
    east, west = await add(site, "East", root["id"], kind="township"), await add(site, "West", root["id"])
    village = await add(site, "Plum", east["id"], kind="village", code="110105001")
    await site.add_camera("Gate", area_id=village["id"])
    moved = await site.http.patch(f"{AREAS}/{village['id']}", json={"parent_id": west["id"], "code": None})
    assert (moved.status_code, moved.json()["parent_id"], moved.json()["code"]) == (200, west["id"], None)
    for area, count in ((west, 1), (east, 0), (root, 1)):
        found = (await site.http.get("/api/v1/cameras", params={"area_id": area["id"]})).json()["items"]
        assert len(found) == count
    shown = [area["name"] for area in (await site.http.get(AREAS)).json()["items"]]
    assert shown.index("West") < shown.index("Plum")


@pytest.mark.both_databases
async def test_area_has_a_centre_or_none(site: Site) -> None:
    """It is set with the area or later, shown to who sees the area, taken away by null, and on record."""
    root = await root_of(site)
    duty = {"name": "综治中心", "phone": "010-8888 0000"}
    area = await add(site, "East", root["id"], centre=duty)
    assert (root["centre"], area["centre"]) == (None, duty)
    path = f"{AREAS}/{area['id']}"
    renamed = (await site.http.patch(path, json={"name": "Far East"})).json()
    assert renamed["centre"] == duty
    other = (await site.http.patch(path, json={"centre": {"name": "Duty room"}})).json()
    assert other["centre"] == {"name": "Duty room", "phone": None}
    assert (await site.http.patch(path, json={"centre": None})).json()["centre"] is None
    changes = [row["detail"]["changes"] for row in await trail(site, "area.change")]
    assert changes[1:] == [{"centre": [duty, other["centre"]]}, {"centre": [other["centre"], None]}]


@pytest.mark.parametrize(
    ("centre", "field"),
    [
        ({"name": ""}, "centre.name"),
        ({"phone": "110"}, "centre.name"),
        ({"name": "Duty room", "phone": "call me"}, "centre.phone"),
        ({"name": "Duty room", "chief": "x"}, "centre.chief"),
    ],
)
async def test_bad_centres_are_refused_by_field(site: Site, centre: dict[str, str], field: str) -> None:
    """And the area stays as it was."""
    root = await root_of(site)
    answer = await site.http.patch(f"{AREAS}/{root['id']}", json={"centre": centre})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert await root_of(site) == root


async def test_changes_are_told_to_who_sees_the_area(site: Site) -> None:
    """Adding, renaming and removing: every page reads the tree again."""
    root = await root_of(site)
    async with EventClient(site.http).connected() as frames:
        await take(frames, "hello")
        area = await add(site, "East", root["id"])
        assert (await take(frames, "area.changed")).data == {"id": area["id"]}
        await site.http.patch(f"{AREAS}/{area['id']}", json={"name": "West"})
        assert (await take(frames, "area.changed")).data == {"id": area["id"]}
        await site.http.delete(f"{AREAS}/{area['id']}")
        assert (await take(frames, "area.changed")).data == {"id": root["id"]}


@pytest.mark.both_databases
async def test_cycles_are_refused_and_change_nothing(site: Site) -> None:
    """Below itself, below its own child; the root moves nowhere."""
    root = await root_of(site)
    upper = await add(site, "Upper", root["id"])
    lower = await add(site, "Lower", upper["id"])
    for moved, parent, code in (
        (upper, lower["id"], "area-cycle"),
        (upper, upper["id"], "area-cycle"),
        (root, upper["id"], "area-root-fixed"),
        (lower, "nowhere", "not-found"),
    ):
        answer = await site.http.patch(f"{AREAS}/{moved['id']}", json={"parent_id": parent})
        assert (answer.status_code, answer.json()["code"]) == (404 if code == "not-found" else 409, code)
    assert (await site.http.get(f"{AREAS}/{lower['id']}")).json()["parent_id"] == upper["id"]


@pytest.mark.both_databases
async def test_only_empty_areas_are_removed_and_alerts_pass_upwards(site: Site) -> None:
    """With cameras or areas below: 409. The past of a removed area belongs to the one above."""
    root, node = await root_of(site), await site.start_node()
    upper = await add(site, "Upper", root["id"])
    lower = await add(site, "Lower", upper["id"])
    camera = await site.add_camera("Gate", area_id=lower["id"])
    alert = new_identifier()
    await asyncio.to_thread(node.deliver, alert_payload(alert, camera["id"]))
    for area in (upper, lower):
        answer = await site.http.delete(f"{AREAS}/{area['id']}")
        assert (answer.status_code, answer.json()["code"]) == (409, "area-not-empty")
    await site.http.delete(f"/api/v1/cameras/{camera['id']}")
    assert (await site.http.delete(f"{AREAS}/{lower['id']}")).status_code == 204
    assert (await site.http.get(f"/api/v1/alerts/{alert}")).json()["area_id"] == upper["id"]
    assert (await site.http.delete(f"{AREAS}/{root['id']}")).json()["code"] == "area-root-fixed"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "X", "code": "11-05"}, "code"),
        ({"name": "X", "kind": "empire"}, "kind"),
        ({"name": "X", "path": "/"}, "path"),
    ],
)
async def test_bad_areas_are_refused_by_field(site: Site, body: dict[str, object], field: str) -> None:
    """Names, codes of digits, known kinds, nothing else."""
    answer = await site.http.post(AREAS, json={"parent_id": (await root_of(site))["id"], **body})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


@pytest.mark.both_databases
async def test_names_are_taken_by_siblings_only(site: Site) -> None:
    """The same name beside it is refused; elsewhere it is fine, for areas as for cameras."""
    root = await root_of(site)
    east = await add(site, "East", root["id"], code="11")
    again = await site.http.post(AREAS, json={"name": "EAST", "parent_id": root["id"]})
    assert (again.status_code, again.json()["errors"][0]["field"]) == (409, "name")
    again = await site.http.post(AREAS, json={"name": "West", "parent_id": root["id"], "code": "11"})
    assert (again.status_code, again.json()["code"]) == (409, "code-taken")
    await add(site, "East", east["id"])
    await site.add_camera("Gate")
    await site.add_camera("Gate", area_id=east["id"])
