"""Nobody sees a picture without a row: every route that answers with pixels, taken from the OpenAPI document."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ingest.identifier import new_identifier
from tests.fakes.node import alert_payload
from tests.vms_api.audit.trail import trail
from tests.vms_api.conftest import Site, running_site
from vms_api.app import create_app
from vms_api.settings import SiteFile

pytestmark = pytest.mark.anyio

PIXELS = ("image/", "video/", "application/sdp", "application/vnd.apple.mpegurl", "multipart/x-mixed-replace")
ROW_OF = {
    "GET /api/v1/cameras/{camera_id}/snapshot.jpg": "picture.snapshot",
    "POST /api/v1/cameras/{camera_id}/whep": "view.start",
    "GET /api/v1/alerts/{alert_id}/evidence.jpg": "picture.evidence",
}
"""Route → the kind of the one row that a call of it leaves. A new route with pixels needs a line here."""
PICTURE_ENDINGS = (".jpg", ".jpeg", ".png", ".mp4", ".m3u8", "/whep", "/live")


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
    assert declared == named == set(ROW_OF)


@pytest.fixture
async def busy_site(tmp_path: Path) -> AsyncIterator[tuple[Site, dict[str, str]]]:
    async with running_site(tmp_path) as site:
        node = await site.start_node()
        camera, alert_id = await site.add_camera(), new_identifier()
        await asyncio.to_thread(node.deliver, alert_payload(alert_id, camera["id"]))
        yield site, {"camera_id": camera["id"], "alert_id": alert_id}


@pytest.mark.parametrize("route", ROW_OF)
async def test_one_call_is_one_row(busy_site: tuple[Site, dict[str, str]], route: str) -> None:
    """Exactly one, with person, camera and area; without a login there are no pixels and a row of another kind."""
    site, ids = busy_site
    method, path = route.split()
    headers = {"Content-Type": "application/sdp"} if path.endswith("/whep") else {}
    before = len(await trail(site))
    answer = await site.http.request(method, path.format(**ids), headers=headers)
    assert answer.is_success, answer.text
    async with site.anonymous() as other:
        assert (await other.request(method, path.format(**ids), headers=headers)).status_code == 401
    rows = (await trail(site))[before:]
    assert [(row["kind"], row["outcome"]) for row in rows] == [(ROW_OF[route], "done"), ("request.denied", "denied")]
    assert (rows[0]["actor"]["name"], rows[0]["camera_id"]) == ("admin", ids["camera_id"])
    assert rows[0]["area_id"] == site.control.rights.index.tree.root.id
