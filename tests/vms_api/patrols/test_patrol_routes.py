"""Patrols over the API: shapes and rights that the desks do not know of."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.vms_api.audit.trail import trail
from tests.vms_api.conftest import Site
from tests.vms_api.people import add_area, person
from vms_api.accounts.permission import Role
from vms_api.patrols import plan_store

pytestmark = pytest.mark.anyio

API = "/api/v1"


def body(area_id: str, camera_ids: list[str], name: str = "Weir", **changes: Any) -> dict[str, Any]:
    window = {"days": list(range(7)), "starts": "00:00", "ends": "00:00", "every_s": 300}
    plan = {
        "area_id": area_id,
        "name": name,
        "stops": [{"camera_id": camera_id} for camera_id in camera_ids],
        "people": {"roster": True},
        "schedule": {"windows": [window]},
        "deadline_s": 300,
    }
    return {**plan, **changes}


async def test_a_plan_is_made_due_missed_and_counted(site: Site) -> None:
    """From the plan over the API to the figures of its rounds, by the running site's own turn."""
    area_id = await add_area(site, "North")
    camera_id = (await site.add_camera("Gate", area_id=area_id))["id"]
    made = await site.http.post(f"{API}/patrol-plans", json=body(area_id, [camera_id]))
    assert made.status_code == 201, made.text
    plan = made.json()
    assert (await site.http.get(made.headers["Location"])).json() == plan
    assert plan["people"] == {"roster": True}
    (listed,) = (await site.http.get(f"{API}/patrol-plans")).json()["items"]
    assert (listed["stop_count"], "stops" in listed) == (1, False)
    start = site.control.clock.now() - timedelta(hours=1)
    async with site.control.database.write() as transaction:
        await plan_store.set_next_due(transaction, plan["id"], start)
    window = {"from": (start - timedelta(hours=1)).isoformat(), "to": site.control.clock.now().isoformat()}

    async def total_of() -> dict[str, Any]:
        return (await site.http.get(f"{API}/reports/patrols", params=window)).json()["total"]

    async with asyncio.timeout(20):
        while (total := await total_of())["missed"] < 11:
            await asyncio.sleep(0.1)
    assert total["completion"] == {"numerator": 0, "denominator": total["missed"], "share": 0.0}
    assert total["coverage"] == {"numerator": 0, "denominator": 1, "share": 0.0}
    table = await site.http.get(f"{API}/reports/patrols", params={**window, "format": "csv", "language": "en"})
    assert table.headers["content-disposition"] == 'attachment; filename="patrols-by-plan.csv"'
    assert table.text.splitlines()[1].startswith("Weir,")
    calendar = (await site.http.get(f"{API}/patrol-calendar", params=window)).json()
    missed = next(each for each in calendar["rounds"] if each["state"] == "missed")
    told = await site.http.post(f"{API}/patrol-rounds/{missed['round_id']}/excuses", json={"text": "no power"})
    assert (told.status_code, told.json()["excuses"][0]["text"]) == (201, "no power")
    assert "patrol.report" in [row["kind"] for row in await trail(site)]


async def test_everybody_sees_the_patrols_of_his_own_areas(site: Site) -> None:
    """A patroller of the north hears nothing of the south, not even that its plan exists; and makes no plans."""
    north, south = await add_area(site, "North"), await add_area(site, "South")
    plans = {}
    for area_id, name in ((north, "Weir"), (south, "Market")):
        camera_id = (await site.add_camera(name, area_id=area_id))["id"]
        made = await site.http.post(f"{API}/patrol-plans", json=body(area_id, [camera_id], name))
        plans[name] = made.json()["id"]
    async with person(site, "wang", Role.PATROLLER, north) as wang:
        assert [plan["name"] for plan in (await wang.get(f"{API}/patrol-plans")).json()["items"]] == ["Weir"]
        assert [tour["name"] for tour in (await wang.get(f"{API}/patrol-tours")).json()["items"]] == ["Weir"]
        assert (await wang.get(f"{API}/patrol-plans/{plans['Market']}")).status_code == 404
        assert (await wang.get(f"{API}/patrol-coverage", params={"area_id": south})).status_code == 404
        assert (await wang.get(f"{API}/patrol-coverage")).json()["cameras"] == 1
        assert (await wang.delete(f"{API}/patrol-plans/{plans['Weir']}")).status_code == 403


async def test_the_longest_plan_fits_into_a_request(site: Site) -> None:
    """Ten thousand stops are more than any other request may be; what is wrong with a plan is said by field."""
    area_id = await add_area(site, "North")
    camera_id = (await site.add_camera("Gate", area_id=area_id))["id"]
    plan = body(area_id, [])
    plan["stops"] = [
        {"camera_id": camera_id, "preset": f"position {place:05}", "dwell_s": 10} for place in range(10_000)
    ]
    made = await site.http.post(f"{API}/patrol-plans", json=plan)
    assert (made.status_code, len(made.json()["stops"])) == (201, 10_000)
    overlapping = {
        "windows": [
            {"days": [0], "starts": "08:00", "ends": "10:00"},
            {"days": [0], "starts": "09:00", "ends": "11:00"},
        ]
    }
    refused = await site.http.post(f"{API}/patrol-plans", json=body(area_id, [camera_id], schedule=overlapping))
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "windows-overlap")
