"""Nobody sees a picture without a row: every route that answers with pixels, taken from the OpenAPI document."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.identifier import new_identifier
from tests.fakes.drawing import drawing
from tests.fakes.node import START, Answer, FakeNode, alert_payload, better_view_payload
from tests.security.town import BOUNDS_QUERY
from tests.vms_api.audit.trail import trail
from tests.vms_api.conftest import Site, running_site
from tests.vms_api.diagnosis.report import report
from tests.vms_api.recordings.rows import segment
from vms_api.app import create_app
from vms_api.audit.entry import Actor, Place
from vms_api.exports.desk import Request
from vms_api.exports.export import ExportIn
from vms_api.exports.lifecycle import ExportAct
from vms_api.patrols.round import DueRound
from vms_api.patrols.round_store import add_due
from vms_api.recordings.store import insert_segment
from vms_api.settings import SiteFile

pytestmark = pytest.mark.anyio

PIXELS = (
    "image/",
    "video/",
    "application/sdp",
    "application/vnd.apple.mpegurl",
    "application/zip",
    "multipart/x-mixed-replace",
)
ROW_OF = {
    "GET /api/v1/cameras/{camera_id}/snapshot.jpg": "picture.snapshot",
    "POST /api/v1/cameras/{camera_id}/whep": "view.start",
    "POST /api/v1/cameras/{camera_id}/live": "view.start",
    "GET /api/v1/alerts/{alert_id}/best.jpg": "picture.evidence",
    "GET /api/v1/alerts/{alert_id}/evidence.jpg": "picture.evidence",
    "GET /api/v1/alerts/{alert_id}/clip.mp4": "picture.clip",
    "GET /api/v1/cameras/{camera_id}/recordings/snapshot.jpg": "picture.past",
    "GET /api/v1/exports/{export_id}/package": "export.download",
    "GET /api/v1/attachments/{attachment_id}": "attachment.read",
    "GET /api/v1/patrol-snapshots/{snapshot_id}": "patrol.picture",
    "GET /api/v1/quality-pictures/{picture_id}": "picture.quality",
    "GET /api/v1/areas/{area_id}/plan": "picture.plan",
    "GET /api/v1/ticket-photos/{photo_id}": "attachment.read",
}
"""Route → the kind of the one row that a call of it leaves. A new route with pixels needs a line here."""
OF_AREAS = {"GET /api/v1/areas/{area_id}/plan"}
"""Routes whose pixels are of a place and of no camera."""
GROUND = {"GET /api/v1/map/tiles/{zoom}/{x}/{y}.png"}
"""A map that anybody may buy: it shows nothing that a camera or a person of the site has seen or drawn."""
PARTS = {
    "GET /api/v1/playbacks/{playback_id}/index.m3u8",
    "GET /api/v1/playbacks/{playback_id}/init-{number}.mp4",
    "GET /api/v1/playbacks/{playback_id}/{recording_id}/{first}-{last}.m4s",
}
"""Routes that serve parts of a playback: the rows are written when it begins and when it ends."""
STRIP = "GET /api/v1/patrol-strips/{strip_id}/{number}.jpg"
"""A picture of a strip: the row is written when the strip is asked for."""
INSPECTION = "GET /api/v1/cameras/{camera_id}/inspections/{inspection_id}/{number}.jpg"
"""A picture of a look into the analysis: the row is written when the look begins."""
PICTURE_ENDINGS = (".jpg", ".jpeg", ".png", ".mp4", ".m4s", ".m3u8", "/whep", "/live", "/package")
PICTURE_ENDINGS += ("/{attachment_id}", "/{photo_id}", "/{picture_id}", "/{snapshot_id}")
QUERIES = {
    "GET /api/v1/cameras/{camera_id}/recordings/snapshot.jpg": {"at": "2026-11-21T12:00:10Z"},
    "GET /api/v1/exports/{export_id}/package": {"ticket": "{ticket}"},
}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def operations() -> dict[str, dict[str, Any]]:
    paths = create_app(SiteFile()).openapi()["paths"]
    return {f"{method.upper()} {path}": told for path, methods in paths.items() for method, told in methods.items()}


def shows_pixels(operation: dict[str, Any]) -> bool:
    answers = (answer for status, answer in operation["responses"].items() if status.startswith("2"))
    return any(kind.startswith(PIXELS) for answer in answers for kind in answer.get("content", {}))


def test_every_route_with_pixels_is_in_the_table() -> None:
    """Found by what they declare to answer, and by what their paths end with, should they declare nothing."""
    declared = {name for name, operation in operations().items() if shows_pixels(operation)}
    named = {name for name in operations() if name.endswith(PICTURE_ENDINGS)}
    assert declared == named | OF_AREAS == set(ROW_OF) | PARTS | GROUND | {STRIP, INSPECTION}


@pytest.fixture
async def busy_site(tmp_path: Path) -> AsyncIterator[tuple[Site, dict[str, str]]]:
    async with running_site(tmp_path) as site:
        node = await site.start_node()
        camera, alert_id = await site.add_camera(), new_identifier()
        await asyncio.to_thread(node.deliver, alert_payload(alert_id, camera["id"]))
        await asyncio.to_thread(node.deliver, better_view_payload(alert_id), "better_view")
        ids = {"camera_id": camera["id"], "alert_id": alert_id, "number": "0", "first": "0", "last": "0"}
        body = {"key": "incident", "reference": "17", "camera_ids": [camera["id"]]}
        assert (await site.http.post("/api/v1/purposes", json=body)).status_code == 201
        ids["recording_id"] = await recorded(site, camera["id"])
        shown = {"X-Shown-From": START, "X-Shown-To": START}
        node.answers["POST /internal/v1/recordings/clip"] = Answer(200, b"film", shown)
        headers = {"Content-Type": "application/octet-stream"}
        file = await site.http.post(f"/api/v1/alerts/{alert_id}/attachments", content=b"a report", headers=headers)
        ids["attachment_id"] = file.json()["id"]
        ids |= await patrol(site, camera)
        look = report(camera["id"])
        await asyncio.to_thread(node.deliver, look, "quality")
        ids["picture_id"] = look["id"]
        ids["area_id"] = site.control.rights.index.tree.root.id
        path = f"/api/v1/areas/{ids['area_id']}/plan{BOUNDS_QUERY}"
        assert (await site.http.post(path, content=drawing(), headers=headers)).status_code == 201
        noticed = {"camera_id": camera["id"], "note": "dirt"}
        ticket = (await site.http.post("/api/v1/tickets", json=noticed)).json()["id"]
        photo = await site.http.post(f"/api/v1/tickets/{ticket}/photos", content=b"a photo", headers=headers)
        ids["photo_id"] = photo.json()["id"]
        yield site, ids | await ready_export(site, node, camera["id"])


async def patrol(site: Site, camera: dict[str, Any]) -> dict[str, str]:
    """A round of the administrator at its one stop, of which a picture was kept."""
    window = {"days": [0], "starts": "08:00", "ends": "10:00"}
    stops, schedule = [{"camera_id": camera["id"]}], {"windows": [window]}
    plan = {"name": "Round", "area_id": camera["area_id"], "people": {"roster": True}, "stops": stops}
    made = await site.http.post("/api/v1/patrol-plans", json={**plan, "schedule": schedule})
    assert made.status_code == 201, made.text
    now = site.control.clock.now()
    due = DueRound(made.json()["id"], 1, "Round", camera["area_id"], now, now + timedelta(hours=1), stop_count=1)
    async with site.control.database.write() as transaction:
        round_id = await add_due(transaction, due)
    taken = (await site.http.post(f"/api/v1/patrol-rounds/{round_id}/take")).json()
    place, lease = f"/api/v1/patrol-rounds/{round_id}/stops/{taken['stops'][0]['id']}", {"lease_epoch": 1}
    assert (await site.http.post(f"{place}/arrive", json=lease)).status_code == 200
    kept = await site.http.post(f"{place}/snapshot", json=lease)
    assert kept.status_code == 201, kept.text
    return {"stop": place, "snapshot_id": kept.json()["snapshot_id"]}


async def recorded(site: Site, camera_id: str) -> str:
    """A minute of the camera in the index; the fake node answers for its file."""
    recorded_at = datetime(2026, 11, 21, 12, tzinfo=UTC)
    row = segment(0, camera_id, started_at=recorded_at)
    async with site.control.database.write() as transaction:
        await insert_segment(transaction, row)
    return row.recording_id


async def ready_export(site: Site, node: FakeNode, camera_id: str) -> dict[str, str]:
    """An export of the administrator that somebody else has approved, built, with a ticket to fetch it."""
    (admin,) = await site.control.accounts.people.list_people()
    exports = site.control.exports
    span = {"from": "2026-11-21T12:00:00Z", "to": "2026-11-21T12:00:30Z"}
    body = ExportIn.model_validate({"camera_ids": [camera_id], **span})
    place = Place(site.control.rights.index.tree.root.id, camera_id)
    export = await exports.ask(exports.draft(Request(body, [place], None), admin), Actor(admin.id, admin.username))
    decision = {"decided_by_id": "another", "decided_by": "li", "decided_at": site.control.clock.now()}
    await exports.move(export.id, ExportAct.APPROVE, **decision)
    for act in (ExportAct.BUILD, ExportAct.FINISH):
        await exports.move(export.id, act)
    node.answers[f"GET /internal/v1/exports/{export.id}/package"] = Answer(200, b"PK")
    return {"export_id": export.id, "ticket": exports.issue_ticket(await exports.find(export.id), admin)}


@pytest.mark.parametrize("route", ROW_OF)
async def test_one_call_is_one_row(busy_site: tuple[Site, dict[str, str]], route: str) -> None:
    """Exactly one, with person, camera and area; without a login there are no pixels and a row of another kind."""
    site, ids = busy_site
    method, path = route.split()
    headers = {"Content-Type": "application/sdp"} if path.endswith("/whep") else {}
    before = len(await trail(site))
    query = {name: value.format(**ids) for name, value in QUERIES.get(route, {}).items()}
    answer = await site.http.request(method, path.format(**ids), headers=headers, params=query)
    assert answer.is_success, answer.text
    async with site.anonymous() as other:
        assert (await other.request(method, path.format(**ids), headers=headers, params=query)).status_code == 401
    rows = (await trail(site))[before:]
    assert [(row["kind"], row["outcome"]) for row in rows] == [(ROW_OF[route], "done"), ("request.denied", "denied")]
    camera_id = None if route in OF_AREAS else ids["camera_id"]
    assert (rows[0]["actor"]["name"], rows[0]["camera_id"]) == ("admin", camera_id)
    assert rows[0]["area_id"] == site.control.rights.index.tree.root.id


async def test_a_playback_is_two_rows_whatever_is_asked_of_it(busy_site: tuple[Site, dict[str, str]]) -> None:
    """One when it begins, one when it ends; its parts are not to be had without it, nor by anybody else."""
    site, ids = busy_site
    node = site.nodes[0]
    index = {"files": [{"init": "a", "media_start_s": 0.0, "groups": [[0.0, 2.0]], "damage": None}]}
    node.answers["POST /internal/v1/recordings/indexes"] = Answer(200, json.dumps(index).encode())
    before = len(await trail(site))
    span = {"from": "2026-11-21T12:00:00Z", "to": "2026-11-21T12:00:30Z"}
    opened = await site.http.post(f"/api/v1/cameras/{ids['camera_id']}/playback", json=span)
    assert opened.status_code == 201, opened.text
    parts = [part.split()[1].format(**ids, playback_id=opened.json()["id"]) for part in sorted(PARTS)]
    for part in parts:
        assert (await site.http.get(part)).status_code == 200, part
    await site.http.delete(f"/api/v1/playbacks/{opened.json()['id']}")
    assert [(await site.http.get(part)).status_code for part in parts] == [404] * 3
    rows = (await trail(site))[before:]
    assert [(row["kind"], row["actor"]["name"], row["camera_id"]) for row in rows] == [
        ("playback.view", "admin", ids["camera_id"]),
        ("playback.end", "admin", ids["camera_id"]),
    ]
    async with site.anonymous() as other:
        assert [(await other.get(part)).status_code for part in parts] == [401] * 3


async def test_a_look_into_the_analysis_is_one_row(busy_site: tuple[Site, dict[str, str]]) -> None:
    """However often its frames and pictures are asked for; without a login there is none of them."""
    site, ids = busy_site
    before = len(await trail(site))
    path = f"/api/v1/cameras/{ids['camera_id']}/inspections"
    opened = await site.http.post(path)
    assert opened.status_code == 201, opened.text
    look = f"{path}/{opened.json()['id']}"
    for part in (look, f"{look}/1.jpg", f"{look}/2.jpg"):
        assert (await site.http.get(part)).status_code == 200
    assert (await site.http.delete(look)).status_code == 204
    rows = (await trail(site))[before:]
    assert [(row["kind"], row["actor"]["name"], row["camera_id"]) for row in rows] == [
        ("picture.inspection", "admin", ids["camera_id"])
    ]
    async with site.anonymous() as other:
        assert [(await other.get(part)).status_code for part in (look, f"{look}/1.jpg")] == [401] * 2


async def test_a_strip_is_one_row_whatever_is_seen_of_it(busy_site: tuple[Site, dict[str, str]]) -> None:
    """It is for who asked for it, under the masks of today; asked for again during the stop, it is the same look."""
    site, ids = busy_site
    hour_ago = site.control.clock.now() - timedelta(hours=1)
    async with site.control.database.write() as transaction:
        await insert_segment(transaction, segment(1, ids["camera_id"], started_at=hour_ago))
    site.nodes[0].answers["GET /internal/v1/recordings/picture.jpg"] = Answer(200, b"jpeg", {"X-Captured-At": START})
    before = len(await trail(site))
    strips = [(await site.http.get(f"{ids['stop']}/assist")).json()["strip"] for _ in range(2)]
    assert strips[0] == strips[1]
    assert strips[0][-1]["at"] == hour_ago.isoformat().replace("+00:00", "Z")
    for picture in strips[0]:
        shown = await site.http.get(picture["picture_url"])
        assert (shown.status_code, shown.content) == (200, b"jpeg")
    rows = (await trail(site))[before:]
    assert [(row["kind"], row["actor"]["name"], row["camera_id"], row["detail"]["pictures"]) for row in rows] == [
        ("patrol.strip", "admin", ids["camera_id"], len(strips[0]))
    ]
    url = strips[0][-1]["picture_url"]
    mask = {"base_version": 0, "polygons": [{"name": "door", "points": [[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]]}]}
    masked = await site.http.put(f"/api/v1/cameras/{ids['camera_id']}/masks", json=mask)
    assert masked.is_success, masked.text
    assert (await site.http.get(url)).status_code == 403
    async with site.anonymous() as other:
        assert (await other.get(url)).status_code == 401
