"""The ladder of live view in real Chromium: each camera on the first rung that can show it, and the tile says which."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from benchmarks.browser import browser, log_in
from benchmarks.glass import NO_WEBRTC
from ingest.packet import Codec
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip_cache import ClipCache
from ingest.virtual_camera.thread import VirtualCameraThread
from tests.fakes.film import write_film
from vms_api.demo.site import LocalSite, SitePlan
from vms_api.page import DIST

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(180),
    pytest.mark.skipif(not (DIST / "index.html").exists(), reason="the page is not built"),
]

PLAIN_S = 40_000


@pytest.fixture(scope="module")
def site(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LocalSite, dict[str, str]]]:
    """Cameras that send H.264, H.264 High with B-frames, and H.265."""
    folder = tmp_path_factory.mktemp("rungs")
    films = {
        "plain": write_film(folder / "plain.mp4", Codec.H264),
        "high": write_film(folder / "high.mp4", Codec.H264, b_frames=2),
        "hevc": write_film(folder / "hevc.mp4", Codec.H265),
    }
    cache = ClipCache(folder / "clips")
    cameras = [VirtualCamera(name, cache.play_file(path)) for name, path in films.items()]
    with VirtualCameraThread(cameras) as server, LocalSite(SitePlan(folder, detector="motion")) as running:
        ids = {name: added(running, name, server.url(name)) for name in films}
        running.wait_live(list(ids.values()))
        yield running, ids


def added(site: LocalSite, name: str, address: str) -> str:
    return str(site.call("POST", "/cameras", {"name": name, "address": address, "analysed": False})["id"])


def rung_of(page: Page, camera_id: str):
    return page.locator(f'[data-camera-id="{camera_id}"] [data-rung]')


def moves(page: Page, camera_id: str) -> bool:
    """Whether the tile's picture goes on at its pace."""
    sample = "id => document.querySelector(`[data-camera-id='${id}'] video`).getVideoPlaybackQuality().totalVideoFrames"
    first = page.evaluate(sample, camera_id)
    time.sleep(2.0)
    return page.evaluate(sample, camera_id) - first >= 10


def test_each_camera_is_on_its_rung(site):
    """WebRTC where it can; B-frames by fragments; H.265 by the shared encode where the browser does not play it."""
    running, ids = site
    with browser(locale="en") as context:
        page = log_in(context, running)
        page.evaluate("localStorage.setItem('xueliang.language', 'en')")
        page.reload()
        takes_h265 = page.evaluate("MediaSource.isTypeSupported('video/mp4; codecs=\"hvc1.1.6.L60.90\"')")
        wanted = {
            "plain": ("webrtc", None),
            "high": ("passed", "stream-has-b-frames"),
            "hevc": ("passed", "codec-not-viewable") if takes_h265 else ("encoded", "hevc"),
        }
        for name, (rung, reason) in wanted.items():
            mark = rung_of(page, ids[name])
            expect(mark).to_have_attribute("data-rung", rung, timeout=PLAIN_S)
            assert mark.get_attribute("data-reason") == reason
            assert moves(page, ids[name]), name
        if not takes_h265:
            assert "once for all who watch" in str(rung_of(page, ids["hevc"]).get_attribute("title"))


def test_fragments_where_nothing_comes_by_webrtc(site):
    """As behind a firewall that lets no UDP through: the picture is there within seconds, and the tile says why."""
    running, ids = site
    with browser() as context:
        context.add_init_script(NO_WEBRTC)
        page = log_in(context, running)
        mark = rung_of(page, ids["plain"])
        expect(mark).to_have_attribute("data-reason", "no-packets", timeout=PLAIN_S)
        assert "UDP" in str(mark.get_attribute("title"))
        assert moves(page, ids["plain"])
        assert page.evaluate("document.querySelector('video').srcObject") is None
