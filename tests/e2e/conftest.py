"""Sites for end-to-end tests: real processes, real RTSP, real Chromium."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.browser import chromium_path
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip_cache import ClipCache
from ingest.virtual_camera.scene import Scene
from ingest.virtual_camera.thread import VirtualCameraThread
from tests.e2e.desk_site import DeskSite, running_desk_site
from vms_api.demo.site import LocalSite, SitePlan


@pytest.fixture
def make_site(tmp_path: Path) -> Iterator[Callable[..., LocalSite]]:
    """Starts sites that stop with the test; their output is kept in site.log."""
    sites: list[LocalSite] = []
    log = (tmp_path / "site.log").open("w", encoding="utf-8")

    def make(**changes: object) -> LocalSite:
        folder = tmp_path / f"site{len(sites)}"
        folder.mkdir()
        site = LocalSite(SitePlan(folder, log=log, **changes))
        sites.append(site)
        site.__enter__()
        return site

    yield make
    for site in sites:
        site.stop()
    log.close()


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is; tests that need it are left out without it."""
    path = chromium_path()
    if path is None:
        pytest.skip("Chromium is not installed (Debian package chromium)")
    return path


@pytest.fixture(scope="session")
def desk_site(chromium: str, drawn: ClipCache, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskSite]:
    """One site for all tests at the page: each brings its own people."""
    folder = tmp_path_factory.mktemp("desk")
    clip = drawn.play_scene(Scene(gop_s=1.0, duration_s=10.0))
    names = ("township", "village")
    with VirtualCameraThread([VirtualCamera(name, clip) for name in names]) as server:
        addresses = {name: server.url(name) for name in names}
        with running_desk_site(folder / "data", addresses) as site:
            yield site
