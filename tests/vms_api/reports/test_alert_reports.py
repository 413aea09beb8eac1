"""Reports over the API: whose alerts are counted, what is recorded, and the tables."""

import asyncio
import csv
import io
from typing import Any

import openpyxl
import pytest

from ingest.identifier import new_identifier
from tests.fakes.node import START, alert_payload
from tests.vms_api.audit.trail import trail
from tests.vms_api.conftest import Site
from tests.vms_api.people import add_area, person
from vms_api.accounts.permission import Role

pytestmark = [pytest.mark.anyio, pytest.mark.both_databases]

PATH = "/api/v1/reports/alerts"
WINDOW = {"from": "2026-11-21T00:00:00Z", "to": "2026-11-22T00:00:00Z"}


async def raised(site: Site, camera_id: str, **changes: Any) -> str:
    alert_id = new_identifier()
    node = site.nodes[0] if site.nodes else await site.start_node()
    payload = alert_payload(alert_id, camera_id, **{"rule_id": "rule", **changes})
    assert (await asyncio.to_thread(node.deliver, payload)).is_success
    return alert_id


async def test_numbers_are_those_of_the_lists(site: Site) -> None:
    """Each number of a row has a list of just so many alerts behind it; the table says the same, harmless to open."""
    village = await add_area(site, "North")
    camera = await site.add_camera("=HYPERLINK(1)", area_id=village)
    first = await raised(site, camera["id"])
    await raised(site, camera["id"])
    other = await raised(site, camera["id"], rule_id="=other", rule_name="=1+1")
    await raised(site, camera["id"], raised_at="2026-11-22T00:00:00Z")
    for act, body in (("acknowledge", {}), ("resolve", {"verdict": "false"}), ("close", {})):
        assert (await site.http.post(f"/api/v1/alerts/{first}/{act}", json=body)).is_success
    report = (await site.http.get(PATH, params=WINDOW)).json()
    row = next(item for item in report["items"] if item["key"] == "rule")
    asked = {**WINDOW, "rule_id": "rule", "limit": 200}
    lists = {
        "raised": {},
        "cards": {"folded": True},
        "acknowledged": {"folded": True, "state": ["ACKNOWLEDGED", "ASSIGNED", "IN_PROGRESS", "RESOLVED", "CLOSED"]},
        "closed": {"folded": True, "state": "CLOSED"},
        "open": {"folded": True, "state": ["NEW", "ACKNOWLEDGED", "ASSIGNED", "IN_PROGRESS", "REOPENED"]},
        "false": {"folded": True, "verdict": "false"},
        "duplicate": {"verdict": "duplicate"},
    }
    for name, filters in lists.items():
        found = (await site.http.get("/api/v1/alerts", params=asked | filters)).json()["items"]
        assert row[name] == len(found), name
    assert (row["raised"], row["cards"], row["false_share"]["share"]) == (2, 1, 1.0)
    assert [item["key"] for item in report["items"]] == ["rule", "=other"]
    assert report["exclusions"]["repeats"] == 1
    assert (await site.http.get(f"/api/v1/alerts/{other}")).json()["state"] == "NEW"
    table = (await site.http.get(PATH, params={**WINDOW, "format": "csv", "language": "en"})).content
    rows = list(csv.reader(io.StringIO(table.decode("utf-8-sig"))))
    assert rows[2][0] == "'=1+1 · =HYPERLINK(1)"
    xlsx = (await site.http.get(PATH, params={**WINDOW, "format": "xlsx", "by": "camera"})).content
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx)).active
    assert (sheet["A2"].value, sheet["A2"].data_type, sheet["B2"].value) == ("=HYPERLINK(1)", "s", 3)


async def test_everybody_counts_what_he_sees(site: Site) -> None:
    """The alerts of one's own areas, or of one area below them; each reading leaves a row."""
    north, south = await add_area(site, "North"), await add_area(site, "South")
    for area_id in (north, south):
        camera = await site.add_camera(area_id=area_id)
        await raised(site, camera["id"])
    async with person(site, "wang", Role.PATROLLER, north) as wang:
        assert (await wang.get(PATH, params=WINDOW)).json()["total"]["raised"] == 1
        assert (await wang.get(PATH, params={**WINDOW, "area_id": south})).status_code == 404
    assert (await site.http.get(PATH, params={**WINDOW, "area_id": south})).json()["total"]["raised"] == 1
    assert (await site.http.get(PATH, params=WINDOW)).json()["total"]["raised"] == 2
    rows = await trail(site, "report.read")
    assert [(row["actor"]["name"], row["detail"]["by"]) for row in rows] == [
        ("wang", "rule"),
        ("admin", "rule"),
        ("admin", "rule"),
    ]


async def test_windows_that_are_none(site: Site) -> None:
    """Backwards, empty, longer than a year, or without a zone; an empty one that is right has no figures."""
    for window in (
        {"from": WINDOW["to"], "to": WINDOW["from"]},
        {"from": START, "to": START},
        {"from": "2025-01-01T00:00:00Z", "to": "2026-11-22T00:00:00Z"},
        {"from": "2026-11-21T00:00:00", "to": WINDOW["to"]},
    ):
        assert (await site.http.get(PATH, params=window)).status_code == 422
    empty = (await site.http.get(PATH, params=WINDOW)).json()
    assert (empty["items"], empty["total"]["raised"], empty["total"]["false_share"]["share"]) == ([], 0, None)
