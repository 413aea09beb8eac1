"""Rates of a real control process: what is written down as it happens, counted, asked for, and counted again."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.fakes.clock import ManualClock
from tests.vms_api.audit.trail import trail
from tests.vms_api.conftest import Site, log_in, running_site
from tests.vms_api.people import add_area, person
from tests.vms_api.rates import seeding
from vms_api.accounts.permission import Role
from vms_api.rates import fact_store
from vms_api.settings import SiteSettings

pytestmark = pytest.mark.anyio

START = datetime(2026, 11, 1, tzinfo=UTC)
DAY = date(2026, 11, 2)
MIDNIGHT = datetime(2026, 11, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def counted_site(site: Site, clock: ManualClock) -> dict[str, str]:
    """Two villages with a camera each; that of the north is moved to the south at noon of the second of November."""
    ids = {name: await add_area(site, name) for name in ("North", "South")}
    ids["moved"] = (await site.add_camera("Moved", area_id=ids["North"]))["id"]
    ids["still"] = (await site.add_camera("Still", area_id=ids["South"]))["id"]
    await later(site, clock, MIDNIGHT + 12 * HOUR)
    moved = await site.http.patch(f"/api/v1/cameras/{ids['moved']}", json={"area_id": ids["South"]})
    assert moved.is_success, moved.text
    database = site.control.database
    await seeding.heard(database, MIDNIGHT - HOUR, MIDNIGHT + 24 * HOUR)
    await seeding.states(database, ids["moved"], (MIDNIGHT - HOUR, "live"), (MIDNIGHT + 18 * HOUR, "waiting"))
    await seeding.states(database, ids["still"], (MIDNIGHT, "live"))
    await seeding.recorded(database, ids["still"], MIDNIGHT + 2 * HOUR, 30)
    await later(site, clock, MIDNIGHT + 24.5 * HOUR)
    return ids


async def later(site: Site, clock: ManualClock, at: datetime) -> None:
    """It is that time; sessions have ended meanwhile."""
    clock.step_wall((at - clock.now()).total_seconds())
    assert (await log_in(site.http)).is_success


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


async def rates_of(site: Site, area_id: str, **asked: str) -> dict[str, dict[str, Any]]:
    answer = await site.http.get("/api/v1/rates", params={"area_id": area_id, **(asked or {"day": str(DAY)})})
    assert answer.status_code == 200, answer.text
    return {rate["rate"]: rate for rate in answer.json()["rates"]}


async def test_a_moved_camera_counts_to_each_and_late_data_makes_a_version(tmp_path: Path, clock: ManualClock) -> None:
    """North 12 h of 12 h, South 30 h of 36 h; told late that the camera was down, the day is counted again."""
    async with running_site(tmp_path / "data", clock=clock, site=SiteSettings(time_zone="UTC")) as site:
        ids = await counted_site(site, clock)
        root = site.control.rights.index.tree.root.id
        desk = site.control.rates.desk
        assert (await desk.count(DAY, "nightly")).version == 1
        assert (await desk.count(DAY, "nightly")).version == 1, "nothing new is no new version"
        north, south, whole = [(await rates_of(site, id_))["online"] for id_ in (ids["North"], ids["South"], root)]
        assert (north["numerator"], north["denominator"], north["value"]) == (43200, 43200, 1.0)
        assert (south["numerator"], south["denominator"]) == (30 * 3600, 36 * 3600)
        assert (whole["numerator"], whole["denominator"]) == (42 * 3600, 48 * 3600)
        recording = (await rates_of(site, ids["South"]))["recording-completeness"]
        assert (recording["numerator"], recording["denominator"]) == (1800, 36 * 3600)

        late = MIDNIGHT + 6 * HOUR
        await seeding.states(site.control.database, ids["moved"], (late, "waiting"), (late + HOUR, "live"))
        again = await site.http.post("/api/v1/rates/recompute", json={"day": str(DAY)})
        assert (again.json()["version"], again.json()["changed"]) == (2, 1)
        north = (await rates_of(site, ids["North"]))["online"]
        assert (north["numerator"], north["denominator"]) == (11 * 3600, 43200)
        async with site.control.database.read() as connection:
            past = (await connection.execute(select(fact_store.rate_facts_past))).one()
        assert (past.version, past.contents["online_numerator"]) == (1, 12 * 3600 * 10**6)
        assert "rate.count" in [row["kind"] for row in await trail(site)]


async def test_league_trend_drill_down_and_evidence(tmp_path: Path, clock: ManualClock) -> None:
    """The better village is first; the worst camera is first; its evidence has the hours in which it was down."""
    async with running_site(tmp_path / "data", clock=clock, site=SiteSettings(time_zone="UTC")) as site:
        ids = await counted_site(site, clock)
        await site.control.rates.desk.count(DAY, "nightly")
        window = {"from": "2026-11-01", "to": "2026-11-02", "rate": "online"}
        league = (await site.http.get("/api/v1/rates/league", params=window)).json()["items"]
        assert [(row["name"], row["rank"], row["days"]) for row in league] == [
            ("North", 1, [None, 1.0]),
            ("South", 2, [None, pytest.approx(30 / 36)]),
        ]
        trend = (await site.http.get("/api/v1/rates/trend", params=window)).json()["items"]
        assert [point["value"]["value"] for point in trend] == [None, pytest.approx(42 / 48)]
        drill = (await site.http.get("/api/v1/rates/online/cameras", params={"day": str(DAY)})).json()
        assert [(one["camera_name"], one["value"]["numerator"]) for one in drill["items"]] == [
            ("Moved", 18 * 3600),
            ("Still", 24 * 3600),
        ]
        path = f"/api/v1/cameras/{ids['moved']}/rate-evidence"
        evidence = (await site.http.get(path, params={"day": str(DAY)})).json()
        assert evidence["offline"] == [{"from": "2026-11-02T18:00:00Z", "to": "2026-11-03T00:00:00Z", "note": ""}]
        assert [one["version"] for one in evidence["versions"]] == [1]


async def test_a_village_that_was_moved_counts_where_it_lay(tmp_path: Path, clock: ManualClock) -> None:
    """Under West on the second, moved under East at noon of the third: a day for each, also counted again afterwards.

    West has no other camera; East has one that was never live.
    """
    async with running_site(tmp_path / "data", clock=clock, site=SiteSettings(time_zone="UTC")) as site:
        ids = {name: await add_area(site, name) for name in ("West", "East")}
        ids["village"] = await add_area(site, "Village", ids["West"])
        camera = (await site.add_camera("Gate", area_id=ids["village"]))["id"]
        await site.add_camera("Dark", area_id=ids["East"])
        await seeding.heard(site.control.database, MIDNIGHT, MIDNIGHT + 48 * HOUR)
        await seeding.states(site.control.database, camera, (MIDNIGHT, "live"))
        await later(site, clock, MIDNIGHT + 36 * HOUR)
        moved = await site.http.patch(f"/api/v1/areas/{ids['village']}", json={"parent_id": ids["East"]})
        assert moved.is_success, moved.text
        await later(site, clock, MIDNIGHT + 48.5 * HOUR)
        desk = site.control.rates.desk
        for day in (DAY, DAY + timedelta(days=1)):
            await desk.count(day, "nightly")
            assert (await desk.count(day, "asked")).version == 1
        window = {"from": "2026-11-02", "to": "2026-11-03"}
        west, east = [(await rates_of(site, ids[name], **window))["online"] for name in ("West", "East")]
        assert (west["numerator"], west["denominator"]) == (24 * 3600, 24 * 3600)
        assert (east["numerator"], east["denominator"]) == (24 * 3600, 72 * 3600)
        asked = {**window, "rate": "online"}
        league = (await site.http.get("/api/v1/rates/league", params=asked)).json()["items"]
        assert [(row["name"], row["days"]) for row in league] == [("West", [1.0, None]), ("East", [0.0, 0.5])]
        of_west = (await site.http.get("/api/v1/rates/league", params={**asked, "area_id": ids["West"]})).json()
        assert [(row["name"], row["days"]) for row in of_west["items"]] == [("Village", [1.0, None])]
        drill = await site.http.get("/api/v1/rates/online/cameras", params={**window, "area_id": ids["West"]})
        assert [(one["camera_name"], one["value"]["denominator"]) for one in drill.json()["items"]] == [("Gate", 86400)]
        used = (await rates_of(site, ids["East"], **window))["purposed-use"]
        assert used["denominator"] == 1


async def test_approved_exclusion_is_left_out_and_listed(tmp_path: Path, clock: ManualClock) -> None:
    """Who asks cannot approve; once somebody else has, the camera's hours are left out and listed."""
    async with running_site(tmp_path / "data", clock=clock, site=SiteSettings(time_zone="UTC")) as site:
        ids = await counted_site(site, clock)
        span = {"starts_at": "2026-11-02T18:00:00Z", "ends_at": "2026-11-03T00:00:00Z"}
        body = {"camera_id": ids["moved"], "why": "power", "note": "Order 7", **span}
        asked = (await site.http.post("/api/v1/rate-exclusions", json=body)).json()
        own = await site.http.post(f"/api/v1/rate-exclusions/{asked['id']}/approve", json={})
        assert (own.status_code, own.json()["code"]) == (409, "own-exclusion")
        async with person(site, "chief", Role.SUPERVISOR, site.control.rights.index.tree.root.id) as chief:
            approved = await chief.post(f"/api/v1/rate-exclusions/{asked['id']}/approve", json={})
        assert approved.json()["approved_by"] == "chief"
        await site.control.rates.desk.count(DAY, "nightly")
        south = (await rates_of(site, ids["South"]))["online"]
        assert (south["numerator"], south["denominator"], south["value"]) == (30 * 3600, 30 * 3600, 1.0)
        assert south["excluded"] == [
            {"camera_id": ids["moved"], "seconds": 21600.0, "why": "power", "approved_by": "chief"}
        ]


async def test_node_down_is_insufficient_data(tmp_path: Path, clock: ManualClock) -> None:
    """Nobody heard the node: no number, however live the last word was; a day that goes on cannot be counted."""
    async with running_site(tmp_path / "data", clock=clock, site=SiteSettings(time_zone="UTC")) as site:
        camera = await site.add_camera("Gate")
        await seeding.states(site.control.database, camera["id"], (START + HOUR, "live"))
        await later(site, clock, MIDNIGHT + 25 * HOUR)
        await site.control.rates.desk.count(DAY, "nightly")
        online = (await rates_of(site, site.control.rights.index.tree.root.id))["online"]
        assert (online["value"], online["insufficient"], online["coverage"]) == (None, True, 0.0)
        assert (online["numerator"], online["denominator"]) == (0, 86400)
        today = await site.http.post("/api/v1/rates/recompute", json={"day": "2026-11-03"})
        assert (today.status_code, today.json()["code"]) == (422, "day-not-countable")


async def test_an_area_without_cameras_has_no_numbers(tmp_path: Path, clock: ManualClock) -> None:
    """Nothing is divided by nothing, nothing is insufficient either; it has no rank beside one that has cameras."""
    async with running_site(tmp_path / "data", clock=clock, site=SiteSettings(time_zone="UTC")) as site:
        ids = await counted_site(site, clock)
        empty = await add_area(site, "Bare")
        await site.control.rates.desk.count(DAY, "nightly")
        rates = await rates_of(site, empty)
        assert len(rates) == 12
        assert {(one["value"], one["insufficient"], one["denominator"]) for one in rates.values()} == {(None, False, 0)}
        asked = {"day": str(DAY), "rate": "online"}
        league = (await site.http.get("/api/v1/rates/league", params=asked)).json()["items"]
        assert {row["area_id"]: row["rank"] for row in league}.items() >= {(ids["North"], 1), (ids["South"], 2)}
        assert [row["rank"] for row in league if row["area_id"] == empty] in ([], [None])
        drill = await site.http.get("/api/v1/rates/online/cameras", params={"day": str(DAY), "area_id": empty})
        assert (drill.json()["items"], drill.json()["total"]) == ([], 0)


async def test_a_site_sets_its_own_targets_with_reasons(tmp_path: Path, clock: ManualClock) -> None:
    """One is changed and one is given up, the others stay; who did it is told, and rates are held against them."""
    async with running_site(tmp_path / "data", clock=clock, site=SiteSettings(time_zone="UTC")) as site:
        await counted_site(site, clock)
        await site.control.rates.desk.count(DAY, "nightly")
        body = {
            "targets": [
                {"rate": "online", "target": 0.8, "reason": "Order 12"},
                {"rate": "clock-compliance", "target": None},
            ]
        }
        assert (await site.http.put("/api/v1/rate-targets", json=body)).is_success
        told = {one["rate"]: one for one in (await site.http.get("/api/v1/rate-targets")).json()["targets"]}
        assert (told["online"]["target"], told["online"]["reason"], told["online"]["set_by"]) == (
            0.8,
            "Order 12",
            "admin",
        )
        assert (told["networking"]["target"], told["networking"]["set_by"]) == (1.0, None)
        rates = await rates_of(site, site.control.rights.index.tree.root.id)
        assert [rates[name]["target"] for name in ("online", "clock-compliance", "networking")] == [0.8, None, 1.0]
        assert "rate.target" in [row["kind"] for row in await trail(site)]
        wrong = {"targets": [{"rate": "online", "target": 1.2}]}
        assert (await site.http.put("/api/v1/rate-targets", json=wrong)).status_code == 422
