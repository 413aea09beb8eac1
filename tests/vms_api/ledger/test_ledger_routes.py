"""The ledger of a camera over the API, and what a site requires of it."""

from pathlib import Path

import pytest

from tests.vms_api.conftest import Site, running_site
from tests.vms_api.people import add_area, person
from vms_api.accounts.permission import Role
from vms_api.ledger.field import REQUIRED
from vms_api.ledger.settings import LedgerSettings

pytestmark = pytest.mark.anyio

API = "/api/v1"
SIGN = {"sign_on": "2026-05-01", "sign_place": "on the pole"}


@pytest.mark.both_databases
async def test_a_ledger_is_written_whole_and_by_version(site: Site) -> None:
    """What is not sent is emptied; who read an older version is told; the difference is in the audit log."""
    path = f"{API}/cameras/{(await site.add_camera())['id']}/ledger"
    empty = (await site.http.get(path)).json()
    assert (empty["version"], empty["completeness"]) == (0, {"filled": 0, "required": len(REQUIRED)})
    values = {"address": "Bridge 1", "notes": "x", "administrator": "Zhang San"}
    first = (await site.http.put(path, json={"values": values, "base_version": 0})).json()
    assert (first["version"], first["completeness"]["filled"], first["values"]) == (1, 2, values)
    stale = await site.http.put(path, json={"values": {}, "base_version": 0})
    assert (stale.status_code, stale.json()["code"]) == (409, "ledger-version-stale")
    second = (await site.http.put(path, json={"values": {"address": "Bridge 2"}, "base_version": 1})).json()
    assert second["values"] == {"address": "Bridge 2"}
    rows = (await site.http.get(f"{API}/audit", params={"kind": "ledger.change"})).json()["items"]
    assert rows[0]["detail"] == {"address": ["Bridge 1", "Bridge 2"], "notes": ["x", None], "administrator": "changed"}


async def test_wrong_values_are_named_at_their_field(site: Site) -> None:
    """Each with its code; nothing is written."""
    path = f"{API}/cameras/{(await site.add_camera())['id']}/ledger"
    body = {"values": {"ipv4": "300.1.1.1", "purpose": "fun"}, "base_version": 0}
    errors = (await site.http.put(path, json=body)).json()["errors"]
    assert {(error["field"], error["code"]) for error in errors} == {
        ("ipv4", "ip-malformed"),
        ("purpose", "choice-unknown"),
    }
    assert (await site.http.get(path)).json()["version"] == 0


async def test_coordinates_of_chinese_maps_are_turned(site: Site) -> None:
    """GCJ-02 is typed, WGS-84 is kept; sent back as it was read, nothing moves."""
    path = f"{API}/cameras/{(await site.add_camera())['id']}/ledger"
    typed = {"longitude": 113.270000, "latitude": 23.130000, "coordinate_system": "gcj02"}
    kept = (await site.http.put(path, json={"values": typed, "base_version": 0})).json()["values"]
    assert kept["coordinate_system"] == "wgs84"
    assert 0.001 < typed["longitude"] - kept["longitude"] < 0.01
    again = (await site.http.put(path, json={"values": kept, "base_version": 1})).json()["values"]
    assert again == kept


async def test_contacts_and_addresses_are_for_managers(site: Site) -> None:
    """A viewer reads the ledger without telephone numbers and IP addresses, and may not write it."""
    village = await add_area(site, "Village")
    camera = await site.add_camera(area_id=village)
    path = f"{API}/cameras/{camera['id']}/ledger"
    values = {"administrator_phone": "13800000000", "ipv4": "10.1.1.1", "address": "Bridge"}
    await site.http.put(path, json={"values": values, "base_version": 0})
    async with person(site, "viewer", Role.VIEWER, village) as viewer:
        assert (await viewer.get(path)).json()["values"] == {"address": "Bridge"}
        assert (await viewer.put(path, json={"values": {}, "base_version": 1})).status_code == 403
        table = (await viewer.get(f"{API}/cameras/export")).content.decode("utf-8-sig")
    assert "Bridge" in table
    assert "13800000000" not in table
    assert "10.1.1.1" not in table
    assert "192.0.2.7" not in table


@pytest.mark.both_databases
async def test_prohibited_places_are_refused(site: Site) -> None:
    """By law, and by what the site adds; what the law prohibits cannot be allowed."""
    camera = await site.add_camera(enabled=False)
    path = f"{API}/cameras/{camera['id']}/ledger"
    refused = await site.http.put(path, json={"values": {"place_kind": "changing_room"}, "base_version": 0})
    assert (refused.status_code, refused.json()["code"]) == (422, "place-prohibited")
    assert (await site.http.put(path, json={"values": {"place_kind": "lift"}, "base_version": 0})).status_code == 200
    items = (await site.http.put(f"{API}/site/prohibited-places", json={"kinds": ["lift"]})).json()["items"]
    assert {item["kind"] for item in items if item["by"] == "site"} == {"lift"}
    assert {"bathroom", "dormitory", "guest_room"} <= {item["kind"] for item in items if item["by"] == "law"}
    enabled = await site.http.patch(f"{API}/cameras/{camera['id']}", json={"enabled": True})
    assert (enabled.status_code, enabled.json()["code"]) == (422, "place-prohibited")


async def test_a_site_may_want_signs(tmp_path: Path) -> None:
    """Without a sign a camera does not go into service, and one in service does not lose it."""
    async with running_site(tmp_path, ledger=LedgerSettings(sign_required=True)) as site:
        body = {"name": "Gate", "address": "rtsp://192.0.2.7/main"}
        assert (await site.http.post(f"{API}/cameras", json=body)).json()["code"] == "sign-missing"
        camera = await site.add_camera(enabled=False)
        path = f"{API}/cameras/{camera['id']}"
        assert (await site.http.patch(path, json={"enabled": True})).json()["code"] == "sign-missing"
        sign = {"placed_on": "2026-05-01", "place": "on the pole"}
        assert (await site.http.put(f"{path}/ledger/sign", json=sign)).json()["values"] == SIGN
        assert (await site.http.patch(path, json={"enabled": True})).status_code == 200
        gone = await site.http.put(f"{path}/ledger", json={"values": {}, "base_version": 1})
        assert gone.json()["code"] == "sign-missing"


async def test_a_camera_without_an_address_is_out_of_service(site: Site) -> None:
    """It is in the ledger; it goes into service with an address only, and the node never hears of it before."""
    camera = await site.add_camera("Planned", address=None, enabled=False)
    assert camera["address"] is None
    assert (await site.control.reconciler.desired_state()).cameras == []
    path = f"{API}/cameras/{camera['id']}"
    refused = await site.http.patch(path, json={"enabled": True})
    assert refused.json()["errors"][0]["code"] == "address-needed"
    both = {"enabled": True, "address": "rtsp://192.0.2.7/main"}
    assert (await site.http.patch(path, json=both)).json()["enabled"] is True
    assert len((await site.control.reconciler.desired_state()).cameras) == 1


@pytest.mark.both_databases
async def test_completeness_is_told_by_area(site: Site) -> None:
    """Of areas in which the caller sees cameras, each with those below."""
    village = await add_area(site, "Village")
    camera = await site.add_camera(area_id=village)
    await site.http.put(f"{API}/cameras/{camera['id']}/ledger/sign", json={"placed_on": "2026-05-01", "place": "pole"})
    items = (await site.http.get(f"{API}/ledger/completeness")).json()["items"]
    assert {item["rate"] for item in items} == {round(2 / len(REQUIRED), 4)}
    only = (await site.http.get(f"{API}/ledger/completeness", params={"area_id": village})).json()["items"]
    assert [item["area_id"] for item in only] == [village]
