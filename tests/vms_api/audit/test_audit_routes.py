"""The log for auditors: found by filters, page by page, as a file, and only as far as their areas reach."""

import csv
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.fakes.clock import ManualClock
from tests.vms_api.audit.trail import trail
from tests.vms_api.conftest import Site, running_site
from tests.vms_api.people import add_area, person
from vms_api.accounts.permission import Role
from vms_api.audit.entry import Actor, AuditEntry, AuditKind, Place

pytestmark = pytest.mark.anyio

AUDIT, EXPORT, HEAD = "/api/v1/audit", "/api/v1/audit/export", "/api/v1/audit/head"


async def looks(site: Site, count: int, camera_id: str = "cam", area_id: str | None = None) -> None:
    for number in range(count):
        actor = Actor(f"u{number % 2}", "=HYPERLINK(1)", "192.0.2.1")
        await site.control.audit.record_alone(AuditEntry(AuditKind.SNAPSHOT, actor, Place(area_id, camera_id)))


async def found(site: Site, **filters: Any) -> list[dict[str, Any]]:
    answer = await site.http.get(AUDIT, params={"limit": 200, **filters})
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_rows_are_found_by_every_filter(tmp_path: Path) -> None:
    """Kind, person, camera, outcome and time; the newest first, with everything that was recorded."""
    clock = ManualClock()
    async with running_site(tmp_path, clock=clock) as site:
        await looks(site, 4)
        clock.advance(60)
        await looks(site, 2, "other")
        root = site.control.rights.index.tree.root.id
        await looks(site, 1, "third", root)
        minute = (clock.now() - timedelta(seconds=30)).isoformat()
        snapshots = await found(site, kind="picture.snapshot")
        assert len(snapshots) == 7
        assert [row["seq"] for row in snapshots] == sorted((row["seq"] for row in snapshots), reverse=True)
        assert len(await found(site, kind="picture.snapshot", user_id="u0")) == 4
        assert len(await found(site, camera_id="other")) == 2 + 1  # this search is in the log too
        assert len(await found(site, kind="picture.snapshot", since=minute)) == 3
        assert len(await found(site, kind="picture.snapshot", until=minute)) == 4
        assert await found(site, kind="picture.snapshot", outcome="denied") == []
        (row,) = await found(site, area_id=root, kind="picture.snapshot")
    assert row["actor"] == {"id": "u0", "name": "=HYPERLINK(1)", "address": "192.0.2.1", "session": None}
    assert len(row["hash"]) == 64


async def test_pages_follow_each_other(site: Site) -> None:
    """Seven rows in pages of three: each once, and one row for the whole search."""
    await looks(site, 7)
    cursor, seen = None, []
    while True:
        params = {"kind": "picture.snapshot", "limit": 3, **({"cursor": cursor} if cursor else {})}
        page = (await site.http.get(AUDIT, params=params)).json()
        seen += [row["seq"] for row in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 7
    (search,) = await trail(site, "audit.search")
    assert search["detail"] == {"kind": "picture.snapshot"}


@pytest.mark.parametrize("query", ["cursor=WyJ4Il0", "kind=nonsense", "since=yesterday", "limit=0"])
async def test_nonsense_is_refused(site: Site, query: str) -> None:
    """A filter that cannot be read is a mistake, not an empty answer."""
    assert (await site.http.get(f"{AUDIT}?{query}")).status_code == 422


async def test_export_as_csv_is_harmless_and_recorded(site: Site) -> None:
    """All rows of the search with headings; a name that is a formula is text; the export is a row."""
    await looks(site, 3)
    answer = await site.http.get(EXPORT, params={"kind": "picture.snapshot"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert [row["user"] for row in rows] == ["'=HYPERLINK(1)"] * 3
    assert {row["kind"] for row in rows} == {"picture.snapshot"}
    (export,) = await trail(site, "audit.export")
    assert export["detail"] == {"kind": "picture.snapshot", "format": "csv"}
    assert export["actor"]["name"] == "admin"


async def test_export_as_xlsx_opens(site: Site) -> None:
    """A workbook with one sheet and the rows in it."""
    await looks(site, 2)
    answer = await site.http.get(EXPORT, params={"kind": "picture.snapshot", "format": "xlsx"})
    (sheet,) = load_workbook(io.BytesIO(answer.content)).worksheets
    assert sheet.max_row == 3
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert any("=HYPERLINK(1)" in str(cell.value) for cell in cells)
    assert {cell.data_type for cell in cells} <= {"s", "n"}, "nothing is calculated"
    assert answer.headers["content-disposition"] == 'attachment; filename="audit.xlsx"'


async def test_head_is_shown_once_it_is_signed(site: Site) -> None:
    """What an auditor keeps elsewhere: number, hash, signature and public key."""
    await looks(site, 1)
    await site.control.signer.sign()
    head = (await site.http.get(HEAD)).json()
    assert head["seq"] == len(await trail(site))
    assert head["public_key"] == site.control.signer.verifier.text


async def test_auditor_of_a_village_sees_its_rows_alone(site: Site) -> None:
    """Rows of the sibling and of no area are not there, in the list, by the filter or in the export."""
    here, there = await add_area(site, "Here"), await add_area(site, "There")
    await looks(site, 2, "cam1", here)
    await looks(site, 3, "cam2", there)
    async with person(site, "auditor", Role.AUDITOR, here) as http:
        rows = (await http.get(AUDIT)).json()["items"]
        assert {row["area_id"] for row in rows} == {here}
        assert (await http.get(AUDIT, params={"camera_id": "cam2"})).json()["items"] == []
        assert (await http.get(AUDIT, params={"area_id": there})).status_code == 404
        assert there not in (await http.get(EXPORT)).text
        assert (await http.get(HEAD)).status_code == 403
    async with person(site, "viewer", Role.VIEWER, here) as http:
        for path in (AUDIT, EXPORT):
            assert (await http.get(path)).json()["code"] == "not-allowed"


async def test_thing_of_a_sibling_area_is_not_there_and_the_attempt_is_recorded(site: Site) -> None:
    """Answered 404 as if there were nothing; recorded with the person, the camera and its area."""
    here, there = await add_area(site, "Here"), await add_area(site, "There")
    camera = await site.add_camera(area_id=there)
    async with person(site, "viewer", Role.VIEWER, here) as http:
        assert (await http.get(f"/api/v1/cameras/{camera['id']}/snapshot.jpg")).status_code == 404
        assert (await http.delete(f"/api/v1/cameras/{new_id()}")).status_code == 404
    (row,) = await trail(site, "request.denied")
    assert (row["actor"]["name"], row["camera_id"], row["area_id"]) == ("viewer", camera["id"], there)
    assert row["detail"]["code"] == "not-found"


def new_id() -> str:
    return "0192f0c1-7d3a-7aaa-bbbb-000000000000"
