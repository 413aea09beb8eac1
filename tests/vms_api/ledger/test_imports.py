"""Imports over the API: planned, committed, repeated, cancelled; and what is exported changes nothing."""

import asyncio
import io
from typing import Any

import httpx
import pytest
from openpyxl import Workbook

from tests.vms_api.conftest import Site
from tests.vms_api.people import add_area, person
from vms_api.accounts.permission import Role
from vms_api.ledger.import_commit import BATCH_ROWS

pytestmark = pytest.mark.anyio

IMPORTS = "/api/v1/cameras/imports"
TITLES = "设备名称,所属区域,IP地址,设备编码,设备厂商,用户名,密码,安装地址"
CODE = "340200000013200{:05}"


def line(number: int, area: str = "Village", **changed: str) -> str:
    cells = {
        "name": f"Camera {number}",
        "area": area,
        "ip": f"10.1.{number // 250}.{number % 250 + 1}",
        "code": CODE.format(number + 1),
        "vendor": "海康",
        "user": "admin",
        "password": "s3cret",
        "address": f"Bridge {number}",
        **changed,
    }
    return ",".join(cells.values())


def table(*lines: str) -> bytes:
    return "\n".join([TITLES, *lines]).encode()


async def begin(http: httpx.AsyncClient, data: bytes) -> dict[str, Any]:
    headers = {"Content-Type": "application/octet-stream"}
    answer = await http.post(f"{IMPORTS}?file_name=ledger.csv", content=data, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def rows(http: httpx.AsyncClient, planned: dict[str, Any], **query: str) -> list[dict[str, Any]]:
    return (await http.get(f"{IMPORTS}/{planned['id']}/rows", params=query)).json()["items"]


async def commit(http: httpx.AsyncClient, planned: dict[str, Any]) -> dict[str, Any]:
    assert (await http.post(f"{IMPORTS}/{planned['id']}/commit")).status_code == 202
    async with asyncio.timeout(30):
        while (state := (await http.get(f"{IMPORTS}/{planned['id']}")).json())["state"] == "running":
            await asyncio.sleep(0.02)
    return state


def counted(planned: dict[str, Any]) -> dict[str, int]:
    return {action: count for action, count in planned["counts"].items() if count}


def faults(row: dict[str, Any]) -> set[tuple[str, str]]:
    return {(error["field"], error["code"]) for error in row["errors"]}


@pytest.mark.both_databases
async def test_an_import_adds_then_finds_the_same_then_updates(site: Site) -> None:
    """Nothing is written by the plan; again it is the same; an empty cell empties nothing; no password is told."""
    await add_area(site, "Village")
    first = await begin(site.http, table(line(0), line(1)))
    assert counted(first) == {"add": 2}
    assert (await site.http.get("/api/v1/cameras")).json()["items"] == []
    assert (await commit(site.http, first))["state"] == "done"
    camera = (await site.http.get("/api/v1/cameras")).json()["items"][0]
    assert camera["address"] == "rtsp://10.1.0.1/Streaming/Channels/101"
    assert (camera["username"], camera["has_password"], camera["enabled"]) == ("admin", True, True)
    assert counted(await begin(site.http, table(line(0), line(1)))) == {"same": 2}
    changed = await begin(site.http, table(line(0, area="", vendor="", address="Bridge new"), line(1, name="Renamed")))
    assert counted(changed) == {"update": 2}
    await commit(site.http, changed)
    ledger = (await site.http.get(f"/api/v1/cameras/{camera['id']}/ledger")).json()["values"]
    assert (ledger["address"], ledger["vendor"], ledger["ipv4"]) == ("Bridge new", "海康", "10.1.0.1")
    names = {camera["name"] for camera in (await site.http.get("/api/v1/cameras")).json()["items"]}
    assert names == {"Camera 0", "Renamed"}
    for answer in (await rows(site.http, changed), await begin(site.http, table(line(0)))):
        assert "s3cret" not in str(answer)
    audit = (await site.http.get("/api/v1/audit", params={"kind": "ledger.import"})).json()["items"]
    assert [row["detail"]["state"] for row in audit] == ["done", "begun", "done", "begun"]


async def test_every_mistake_is_told_at_its_cell(site: Site) -> None:
    """A row with a mistake is an error and nothing else; the others are not touched by it."""
    await add_area(site, "Village")
    planned = await begin(
        site.http,
        table(
            line(0),
            line(1, ip="10.1.1.300"),
            line(2, area="Nowhere"),
            line(3, area=""),
            line(4, code="3.402E+19"),
            line(5, ip="127.0.0.1"),
            line(6, ip="10.1.0.1"),
            line(7, name=""),
            line(8, name="Camera 0"),
            line(0),
            ",,,,,,,",
            TITLES,
        ),
    )
    assert [(row["row"], row["action"], faults(row)) for row in await rows(site.http, planned)] == [
        (2, "add", set()),
        (3, "error", {("ipv4", "ip-malformed")}),
        (4, "error", {("area", "area-unknown")}),
        (5, "error", {("area", "area-missing")}),
        (6, "error", {("national_code", "digits-lost")}),
        (7, "error", {("ipv4", "address-refused")}),
        (8, "error", {("stream_address", "row-duplicate")}),
        (9, "error", {("name", "name-missing")}),
        (10, "error", {("name", "row-duplicate")}),
        (11, "skip", {("", "row-repeated")}),
        (12, "skip", {("", "row-empty")}),
        (13, "skip", {("", "row-titles")}),
    ]
    assert [row["row"] for row in await rows(site.http, planned, action="skip")] == [11, 12, 13]


async def test_a_merged_cell_gives_its_value_once(site: Site) -> None:
    """An area may be merged over many rows; an IP address may not."""
    await add_area(site, "Village")
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["设备名称", "所属区域", "IP地址"], ["A", "Village", "10.1.1.1"], ["B", None, None]):
        sheet.append(row)
    sheet.merge_cells("B2:B3")
    sheet.merge_cells("C2:C3")
    file = io.BytesIO()
    book.save(file)
    second = (await rows(site.http, await begin(site.http, file.getvalue())))[1]
    assert ("ipv4", "cell-merged") in faults(second)
    assert not [field for field, _code in faults(second) if field == "area"]


async def test_areas_are_found_by_code_and_path(site: Site) -> None:
    """A name that several areas have is refused; its path, or the division code, tells which."""
    root = site.control.rights.index.tree.root
    for number, township in enumerate(("East", "West")):
        above = await add_area(site, township)
        body = {"name": "Village", "parent_id": above, "kind": "village", "code": f"44010600{number + 1}"}
        assert (await site.http.post("/api/v1/areas", json=body)).status_code == 201
    titles = "设备名称,所属区域,行政区划编码"
    lines = [
        "A,Village,",
        "B,East/Village,",
        f"C,{root.name}/West/Village,",
        "D,,440106001000",
        "E,,999999",
        "F,East/Village,440106002",
    ]
    planned = await begin(site.http, "\n".join([titles, *lines]).encode())
    found = await rows(site.http, planned)
    assert [row["action"] for row in found] == ["error", "add", "add", "add", "error", "error"]
    assert [faults(row) for row in (found[0], found[4], found[5])] == [
        {("area", "area-ambiguous")},
        {("division_code", "division-unknown")},
        {("division_code", "division-elsewhere")},
    ]


@pytest.mark.both_databases
async def test_rights_are_judged_row_by_row(site: Site) -> None:
    """A maintainer imports into the own village only; a neighbour's camera is not there at all."""
    own, other = await add_area(site, "Village"), await add_area(site, "Hidden")
    await site.add_camera("Secret", area_id=other, address="rtsp://10.1.0.1/Streaming/Channels/101")
    async with person(site, "keeper", Role.MAINTAINER, own) as keeper:
        planned = await begin(keeper, table(line(0), line(1, area="Hidden")))
        first, second = await rows(keeper, planned)
        assert (first["action"], faults(second)) == ("add", {("area", "area-unknown")})
        assert "Secret" not in str(first)
        assert (await site.http.get(f"{IMPORTS}/{planned['id']}")).status_code == 404
        assert (await commit(keeper, planned))["state"] == "done"
    async with person(site, "looker", Role.VIEWER, own) as looker:
        headers = {"Content-Type": "application/octet-stream"}
        assert (await looker.post(IMPORTS, content=table(), headers=headers)).status_code == 403


async def test_a_mapping_is_remembered_for_everybody(site: Site) -> None:
    """Columns that were mapped by hand are mapped so again for a table with the same titles."""
    village = await add_area(site, "Village")
    data = "设备名称,奇怪的列\nA,Bridge\n".encode()
    header = "设备名称,IP地址,奇怪的列\nA,10.1.1.1,Bridge\n".encode()
    assert (await site.http.post(IMPORTS, content=data, headers={"Content-Type": "application/octet-stream"})).json()[
        "code"
    ] == "header-missing"
    planned = await begin(site.http, header)
    mapping = {**planned["mapping"], "奇怪的列": "address"}
    path = f"{IMPORTS}/{planned['id']}/mapping"
    twice = await site.http.put(path, json={"mapping": {"设备名称": "name", "IP地址": "name"}})
    assert twice.json()["errors"][0]["code"] == "field-twice"
    mapped = (await site.http.put(path, json={"mapping": mapping, "area_id": village})).json()
    assert counted(mapped) == {"add": 1}
    await commit(site.http, mapped)
    again = await begin(site.http, header)
    assert (again["mapping"], again["is_remembered"], counted(again)) == (mapping, True, {"same": 1})
    assert (await site.http.put(path, json={"mapping": mapping})).status_code == 404


@pytest.mark.both_databases
async def test_what_was_taken_meanwhile_is_refused_alone(site: Site) -> None:
    """A name taken between plan and commit fails its row; all others of the batch are written."""
    village = await add_area(site, "Village")
    planned = await begin(site.http, table(*(line(number) for number in range(5))))
    await site.add_camera("Camera 3", area_id=village, address="rtsp://10.9.9.9/x")
    done = await commit(site.http, planned)
    assert (done["state"], done["failed"]) == ("done", 1)
    (failed,) = await rows(site.http, planned, action="failed")
    assert (failed["row"], faults(failed)) == (5, {("name", "name-taken")})
    assert len((await site.http.get("/api/v1/cameras")).json()["items"]) == 5


async def test_others_write_in_between_and_a_cancelled_import_keeps_its_batches(site: Site) -> None:
    """The commit is many transactions; cancelled, it ends after one of them, and a new import goes on from there."""
    await add_area(site, "Village")
    data = table(*(line(number) for number in range(3 * BATCH_ROWS)))
    planned = await begin(site.http, data)
    await site.http.post(f"{IMPORTS}/{planned['id']}/commit")
    await site.add_camera("Between", address="rtsp://10.9.9.9/x")
    await site.http.delete(f"{IMPORTS}/{planned['id']}")
    async with asyncio.timeout(30):
        while (state := (await site.http.get(f"{IMPORTS}/{planned['id']}")).json())["state"] == "running":
            await asyncio.sleep(0.02)
    assert state["state"] in ("cancelled", "done")
    rest = await begin(site.http, data)
    assert rest["counts"]["same"] % BATCH_ROWS == 0
    assert rest["counts"]["same"] + rest["counts"]["add"] == 3 * BATCH_ROWS


async def test_logins_in_addresses_are_never_shown(site: Site) -> None:
    """Neither in the samples, nor in the rows, nor at a mistake."""
    await add_area(site, "Village")
    lines = [
        "设备名称,所属区域,RTSP地址",
        "A,Village,rtsp://root:s3cret@10.1.1.1/a",
        "B,Village,http://root:s3cret@10.1.1.2/",
    ]
    planned = await begin(site.http, "\n".join(lines).encode())
    found = await rows(site.http, planned)
    assert [row["action"] for row in found] == ["add", "error"]
    assert "s3cret" not in str(planned) + str(found)
    await commit(site.http, planned)
    (camera,) = (await site.control.reconciler.desired_state()).cameras
    assert (camera.username, camera.password) == ("root", "s3cret")
    assert "s3cret" not in (await site.http.get("/api/v1/cameras/export")).text


@pytest.mark.parametrize("query", ["format=csv", "format=csv&encoding=gb18030", "format=xlsx&language=en"])
async def test_an_export_imported_again_changes_nothing(site: Site, query: str) -> None:
    """In every format and language; with formulas, quotes and characters of planes far away."""
    village = await add_area(site, "Village")
    values = {
        "notes": "=1+1",
        "owner_unit": '\U00020000村,"b"',
        "longitude": 113.2,
        "latitude": 23.1,
        "microphone": False,
    }
    for number in range(3):
        camera = await site.add_camera(f"'=Camera {number}", area_id=village, address=f"rtsp://192.0.2.7/{number}")
        ledger = {"values": {**values, "channel": number + 1, "codec": "h265"}, "base_version": 0}
        assert (await site.http.put(f"/api/v1/cameras/{camera['id']}/ledger", json=ledger)).status_code == 200
    exported = await site.http.get(f"/api/v1/cameras/export?{query}")
    planned = await begin(site.http, exported.content)
    assert counted(planned) == {"same": 3}, await rows(site.http, planned)
