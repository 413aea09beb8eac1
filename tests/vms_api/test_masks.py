"""Privacy masks over the API: versions, history, and what the node is told."""

from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tests.fakes.node import Answer
from tests.vms_api.conftest import Site, until

pytestmark = pytest.mark.anyio

SQUARE = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]]
BOW_TIE = [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]]


def drawing(*outlines: list[list[float]], base_version: int = 0) -> dict[str, Any]:
    polygons = [{"name": f"Window {number}", "points": points} for number, points in enumerate(outlines)]
    return {"polygons": polygons, "base_version": base_version}


async def put(site: Site, camera_id: str, body: dict[str, Any]) -> httpx.Response:
    return await site.http.put(f"/api/v1/cameras/{camera_id}/masks", json=body)


async def test_a_camera_begins_without_masks(site: Site) -> None:
    """Version 0, drawn by nobody."""
    camera = await site.add_camera()
    answer = await site.http.get(f"/api/v1/cameras/{camera['id']}/masks")
    assert answer.json() == {"version": 0, "polygons": [], "changed_at": None, "changed_by": None}


@pytest.mark.both_databases
async def test_every_change_is_a_version_that_is_kept(site: Site) -> None:
    """Who and when; lifting all masks is a version too."""
    camera = await site.add_camera()
    drawn = await put(site, camera["id"], drawing(SQUARE))
    assert (drawn.status_code, drawn.json()["version"], drawn.json()["changed_by"]) == (200, 1, "admin")
    lifted = await put(site, camera["id"], drawing(base_version=1))
    assert (lifted.json()["version"], lifted.json()["polygons"]) == (2, [])
    path = f"/api/v1/cameras/{camera['id']}/masks"
    assert (await site.http.get(path)).json() == lifted.json()
    assert (await site.http.get(f"{path}/history")).json() == {
        "items": [lifted.json(), drawn.json()],
        "next_cursor": None,
    }
    first = (await site.http.get(f"{path}/history?limit=1")).json()
    second = (await site.http.get(f"{path}/history", params={"cursor": first["next_cursor"]})).json()
    assert [first["items"], second["items"]] == [[lifted.json()], [drawn.json()]]


async def test_masks_drawn_from_an_old_version_are_refused(site: Site) -> None:
    """Two people at once: the second must look again before covering or uncovering anything."""
    camera = await site.add_camera()
    await put(site, camera["id"], drawing(SQUARE))
    answer = await put(site, camera["id"], drawing())
    assert (answer.status_code, answer.json()["code"]) == (409, "mask-version-stale")
    assert (await site.http.get(f"/api/v1/cameras/{camera['id']}/masks")).json()["version"] == 1


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        (drawing(SQUARE, BOW_TIE), "zone-self-intersecting", "polygons.1.points"),
        (drawing(SQUARE[:2]), "invalid-request", "polygons.0.points"),
        (drawing([[0, 0], [1, 0], [1, 1.01]]), "invalid-request", "polygons.0.points.2.1"),
        (drawing(*[SQUARE] * 17), "invalid-request", "polygons"),
        ({"polygons": []}, "invalid-request", "base_version"),
        (drawing() | {"mode": "blur"}, "invalid-request", "mode"),
    ],
)
async def test_bad_masks_are_refused(site: Site, body: dict[str, Any], code: str, field: str) -> None:
    """Each with its field; nothing is stored."""
    camera = await site.add_camera()
    answer = await put(site, camera["id"], body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["errors"][0]["field"] == field
    assert (await site.http.get(f"/api/v1/cameras/{camera['id']}/masks")).json()["version"] == 0


@pytest.mark.parametrize("cursor", ["x", "WyJ4Il0"])
async def test_a_bad_cursor_is_refused(site: Site, cursor: str) -> None:
    """Not one of ours, or one of another list."""
    camera = await site.add_camera()
    answer = await site.http.get(f"/api/v1/cameras/{camera['id']}/masks/history", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")


@pytest.mark.parametrize("method", ["GET", "PUT"])
async def test_masks_of_no_camera_are_none(site: Site, method: str) -> None:
    """404, whatever is sent."""
    body = drawing(SQUARE) if method == "PUT" else None
    answer = await site.http.request(method, "/api/v1/cameras/nowhere/masks", json=body)
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


async def test_the_node_is_told_at_once(site: Site) -> None:
    """With every desired state, from the first one on."""
    camera = await site.add_camera()
    node = await site.start_node()
    assert node.states[-1]["cameras"][0]["masks"] == {"version": 0, "polygons": []}
    await put(site, camera["id"], drawing(SQUARE))
    await until(lambda: node.states[-1]["cameras"][0]["masks"] == {"version": 1, "polygons": [SQUARE]})


async def test_a_node_that_missed_a_change_is_told_again(site: Site) -> None:
    """Masks that are stored but not in force would show what nobody may see."""
    camera = await site.add_camera()
    node = await site.start_node()
    node.answers["PUT"] = Answer(500)
    await put(site, camera["id"], drawing(SQUARE))
    await until(lambda: any(method == "PUT" for method, _, _ in node.calls))
    node.answers.clear()
    await until(lambda: node.states[-1]["cameras"][0]["masks"] == {"version": 1, "polygons": [SQUARE]})


@pytest.mark.both_databases
async def test_damaged_masks_hide_their_camera_alone(site: Site) -> None:
    """The node hears `unavailable`; drawing anew from that version repairs it."""
    await site.add_camera("Other")
    camera = await site.add_camera()
    damaged = {"camera_id": camera["id"], "version": 1, "polygons": "[{", "changed_at": 0, "changed_by": "x"}
    async with site.control.database.write() as transaction:
        columns = ", ".join(damaged)
        values = ", ".join(f":{column}" for column in damaged)
        await transaction.connection.execute(
            sa.text(f"INSERT INTO mask_versions ({columns}) VALUES ({values})"),  # noqa: S608 - names of columns
            damaged,
        )
    node = await site.start_node()
    told = {one["name"]: one["masks"] for one in node.states[-1]["cameras"]}
    assert told == {"Gate": "unavailable", "Other": {"version": 0, "polygons": []}}
    assert (await site.http.get(f"/api/v1/cameras/{camera['id']}/masks")).json()["polygons"] is None
    assert (await put(site, camera["id"], drawing(SQUARE, base_version=1))).status_code == 200
    await until(lambda: node.states[-1]["cameras"][0]["masks"] == {"version": 2, "polygons": [SQUARE]})


@pytest.mark.parametrize("statement", ["UPDATE mask_versions SET polygons = '[]'", "DELETE FROM mask_versions"])
async def test_versions_cannot_be_rewritten(site: Site, statement: str) -> None:
    """Not even by a mistake of ours, and not with the camera's removal: the database refuses."""
    camera = await site.add_camera()
    await put(site, camera["id"], drawing(SQUARE))
    with pytest.raises(IntegrityError, match="kept as they are"):
        async with site.control.database.write() as transaction:
            await transaction.connection.execute(sa.text(statement))
    assert (await site.http.delete(f"/api/v1/cameras/{camera['id']}")).status_code == 204
