"""From a camera to an alert to a browser: somebody else's RTSP server, our processes, Chromium."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from benchmarks.browser import browser, join, log_in
from ingest.virtual_camera.clip_cache import ClipCache
from ingest.virtual_camera.scene import Scene
from tests.fakes.rtsp_server import RtspServerThread
from vms_api.demo.site import LocalSite
from vms_api.page import DIST

WHOLE_PICTURE = [[0.01, 0.01], [0.99, 0.01], [0.99, 0.99], [0.01, 0.99]]
CLIP = "square.mp4"

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture
def foreign_camera(tmp_path: Path) -> Iterator[str]:
    """A clip of people walking about, served by aio-rtsp-toolkit."""
    folder = tmp_path / "clips"
    ClipCache(folder).play_scene(Scene(gop_s=2.0, duration_s=20.0, walker_count=8))
    made = next(folder.rglob("*.mp4"))
    shutil.copy(made, folder / CLIP)
    with RtspServerThread(folder) as server:
        yield f"{server.address}/{CLIP}"


@pytest.fixture
def watched(make_site, foreign_camera: str) -> tuple[LocalSite, str]:
    """A site that watches the foreign camera and raises an alert for anything that moves."""
    site = make_site(detector="motion")
    camera_id = site.call("POST", "/cameras", {"name": "广场 Square", "address": foreign_camera})["id"]
    zone = site.call("POST", f"/cameras/{camera_id}/zones", {"name": "all", "kind": "area", "points": WHOLE_PICTURE})
    rule = {"name": "Anything", "kind": "intrusion", "zone_id": zone["id"], "labels": ["motion"], "severity": "high"}
    site.call("POST", f"/cameras/{camera_id}/rules", rule | {"cooldown_s": 5})
    site.wait_live([camera_id])
    return site, camera_id


def picture_moves(page: Page) -> bool:
    """Whether the tile's video shows a picture and goes on."""
    sample = "() => { const v = document.querySelector('video'); return [v?.videoWidth ?? 0, v?.currentTime ?? 0]; }"
    width, first = page.evaluate(sample)
    time.sleep(0.7)
    _, second = page.evaluate(sample)
    return width > 0 and second > first


def wait_until(condition, timeout_s: float = 20.0) -> None:
    """Polls; fails in time."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.2)


@pytest.mark.parametrize(
    ("locale", "word", "act"), [("zh-CN", "高级预警", "签收"), ("en", "High alert", "Acknowledge")]
)
def test_a_foreign_camera_is_seen_and_its_alert_is_shown(chromium, watched, locale, word, act):
    """The wall plays the camera by itself, the alert comes with its picture, and one click acknowledges it."""
    if not (DIST / "index.html").is_file():
        pytest.skip("the page is not built (make setup)")
    site, camera_id = watched
    with browser(locale) as context:
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(site.login_link())
        wait_until(lambda: picture_moves(page))
        expect(page.get_by_text(word).first).to_be_visible(timeout=20_000)
        picture = page.locator("img[src*='evidence']").first
        expect(picture).to_be_visible(timeout=10_000)
        assert picture.evaluate("i => i.naturalWidth") > 0
        page.get_by_role("button", name=act).first.click()
        wait_until(lambda: bool(site.call("GET", "/alerts?state=ACKNOWLEDGED")["items"]))
        assert errors == []
    alert = site.call("GET", "/alerts?state=ACKNOWLEDGED")["items"][0]
    assert (alert["camera_id"], alert["acknowledged_by"], alert["label"]) == (camera_id, "admin", "motion")


def test_a_view_opens_and_closes_over_whep(chromium, watched):
    """POST, first decoded frame, DELETE; the size is the camera's own: nothing was encoded again.

    Of all addresses of this machine the browser is told the one that it has come by.
    """
    site, camera_id = watched
    with browser() as context:
        result = join(log_in(context, site), camera_id)
    assert result["size"] == [640, 360]
    assert result["picture_ms"] < 5000
    assert result["addresses"] == ["127.0.0.1"]
