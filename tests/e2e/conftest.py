"""Sites for end-to-end tests: real processes, real RTSP, real Chromium."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.browser import chromium_path
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
