"""The recorder view in Chromium: a real recording with a hole in it is played, jumped over and exported."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from benchmarks.browser import browser
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip_cache import ClipCache
from ingest.virtual_camera.fault import Fault, FaultKind
from ingest.virtual_camera.scene import Scene
from ingest.virtual_camera.scheduled_faults import ScheduledFaults
from ingest.virtual_camera.thread import VirtualCameraThread
from vms_api.demo.site import LocalSite
from vms_api.evidence.verification import verify
from vms_api.page import DIST

AWAY = Fault(at_s=5.0, kind=FaultKind.DROP, duration_s=3.0)
PICTURE = "() => { const v = document.querySelector('video'); return [v?.videoWidth ?? 0, v?.currentTime ?? 0]; }"
MOMENT = "() => document.querySelector('[data-moment]').dateTime"
SUPERVISOR, FIRST, OWN = "supervisor", "otter-mulberry-Zq7-19", "mulberry-otter-Zq7-20"

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(150)]


@pytest.fixture
def recorded(make_site, drawn: ClipCache) -> Iterator[tuple[LocalSite, str]]:
    """A site with short files, and a camera that was away for some seconds while it was recorded."""
    if not (DIST / "index.html").is_file():
        pytest.skip("the page is not built (make setup)")
    clip = drawn.play_scene(Scene(gop_s=1.0, duration_s=10.0))
    site = make_site(detector="motion", more="[recording]\nsegment_s = 5\n")
    with VirtualCameraThread([VirtualCamera("square", clip, faults=ScheduledFaults([AWAY]))]) as server:
        camera_id = site.call("POST", "/cameras", {"name": "square", "address": server.url("square")})["id"]
        wait_for(lambda: after_gap(site, camera_id) is not None)
        yield site, camera_id


def wait_for(condition: Any, timeout_s: float = 40.0) -> None:
    """Polls; fails in time."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "it did not happen in time"
        time.sleep(0.2)


def spans_of(site: LocalSite, camera_id: str) -> list[dict[str, Any]]:
    """What was recorded and what is missing; what was not planned is left out."""
    found: list[dict[str, Any]] = site.call("GET", f"/cameras/{camera_id}/recordings")["spans"]
    return [span for span in found if span["kind"] != "not-planned"]


def after_gap(site: LocalSite, camera_id: str) -> datetime | None:
    """When recording began again after the gap; None while there is nothing."""
    spans = spans_of(site, camera_id)
    again = [b for a, b in pairwise(spans) if a["kind"] == "gap" and b["kind"] == "recorded"]
    return datetime.fromisoformat(again[-1]["from"]) if again else None


def state_purpose(page: Page) -> None:
    """Answers the dialog that the site asks with before playback."""
    page.locator("input[name=purpose]").first.check()
    page.fill("input[name=reference]", "2026-118")
    page.keyboard.press("Enter")


def picture_moves(page: Page) -> bool:
    """Whether the recording shows a picture and goes on."""
    width, first = page.evaluate(PICTURE)
    page.wait_for_timeout(500)
    return bool(width > 0 and page.evaluate(PICTURE)[1] > first)


def approve(site: LocalSite) -> None:
    """Somebody else lets the export out."""
    area_id = site.call("GET", "/areas")["items"][0]["id"]
    body = {"username": SUPERVISOR, "password": FIRST, "role": "supervisor", "area_id": area_id}
    site.call("POST", "/users", body)
    with httpx.Client(base_url=f"{site.url}/api/v1", timeout=15.0, trust_env=False) as other:
        other.post("/login", json={"username": SUPERVISOR, "password": FIRST}).raise_for_status()
        other.post("/me/password", json={"present": FIRST, "password": OWN}).raise_for_status()
        export_id = site.call("GET", "/exports")["items"][0]["id"]
        other.post(f"/exports/{export_id}/approve", json={}).raise_for_status()


def test_a_recording_is_played_over_its_gap_and_exported(chromium, recorded, tmp_path):
    """Playing jumps over the gap and says so; the export says what is missing, and its package is genuine."""
    site, camera_id = recorded
    spans = spans_of(site, camera_id)
    begin, again = datetime.fromisoformat(spans[0]["from"]), after_gap(site, camera_id)
    with browser("en") as context:
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(site.login_link())
        page.wait_for_url("**/wall")
        at = (again - timedelta(seconds=6)).isoformat().replace("+00:00", "Z")
        page.goto(f"{site.url}/playback?cameras={camera_id}&at={at}")
        state_purpose(page)
        expect(page.get_by_text("Skipped")).to_be_visible(timeout=20_000)
        wait_for(lambda: picture_moves(page))
        assert datetime.fromisoformat(page.evaluate(MOMENT)) > again - timedelta(seconds=1)

        page.get_by_role("button", name="Ask for an export").click()
        local = "at => new Date(at - new Date(at).getTimezoneOffset() * 60000).toISOString().slice(0, 19)"
        for name, moment in (("export-from", begin), ("export-to", again + timedelta(seconds=2))):
            page.fill(f"input[name={name}]", page.evaluate(local, moment.timestamp() * 1000))
        expect(page.get_by_text("missing or incomplete")).to_be_visible()
        page.get_by_role("button", name="Send the request").click()
        page.wait_for_url("**/playback/exports")
        approve(site)
        with page.expect_download(timeout=30_000) as download:
            page.get_by_role("button", name="Download (once)").click(timeout=30_000)
        download.value.save_as(tmp_path / "package.zip")
        expect(page.locator("[data-state=DOWNLOADED]")).to_be_visible(timeout=10_000)
        assert errors == []
    verdict = verify(tmp_path / "package.zip")
    assert verdict.is_whole
    assert [(span.camera_id, span.reason) for span in verdict.manifest.missing] == [(camera_id, "camera-offline")]
