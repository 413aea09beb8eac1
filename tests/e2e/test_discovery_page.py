"""From an empty database to twenty cameras on the wall, by page only."""

import os
import secrets
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from benchmarks.browser import browser
from ingest.camera import Credential
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip_cache import ClipCache
from ingest.virtual_camera.onvif.quirks import Manners, Quirk
from ingest.virtual_camera.onvif.street import House, VirtualStreet
from ingest.virtual_camera.scene import Scene
from vms_api.demo.site import LocalSite
from vms_api.page import DIST

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]

LOGIN = Credential("admin", "p@ss:w/1")
COUNT = 20
MAIN = Scene(width=320, height=180, frame_rate=5, duration_s=4.0, gop_s=1.0)
SUB = Scene(width=160, height=96, frame_rate=5, duration_s=4.0, gop_s=1.0)


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> ClipCache:
    return ClipCache(tmp_path_factory.mktemp("street-clips"))


@pytest.fixture
def street(clips: ClipCache) -> Iterator[tuple[VirtualStreet, str]]:
    """Twenty devices, one of them with its clock off, and the network that they are in: one of this run alone."""
    prefix = f"127.{1 + os.getpid() % 200}.{secrets.randbelow(250)}"
    main, sub = clips.play_scene(MAIN), clips.play_scene(SUB)
    off = Manners(frozenset({Quirk.STREAM_PLACEHOLDER}), clock_offset_s=7200)
    houses = [
        House(
            f"{prefix}.{number}", VirtualCamera(f"gate-{number}", main, sub, LOGIN), off if number == 1 else Manners()
        )
        for number in range(1, COUNT + 1)
    ]
    with VirtualStreet(houses) as opened:
        yield opened, f"{prefix}.0/27"


def find(page: Page, network: str) -> None:
    """Scans the network and goes on with whoever answers."""
    page.get_by_role("link", name="Find devices").first.click()
    proposed = page.get_by_role("group", name="Networks of the server").locator("label.is-checked")
    expect(proposed).to_have_count(1)
    proposed.click()
    page.locator("input[name=networks]").fill(network)
    expect(page.get_by_text("Will ask 30 addresses")).to_be_visible()
    page.get_by_role("button", name="Start the scan").click()
    page.get_by_role("button", name=f"Go on with {COUNT}").click(timeout=20_000)


def look(page: Page) -> None:
    """Looks at all of them with one login."""
    page.locator("input[name=device-user]").fill(LOGIN.username)
    page.locator("input[name=device-password]").fill(LOGIN.password)
    page.get_by_role("button", name=f"Look at {COUNT}").click()
    expect(page.locator(".device img")).to_have_count(COUNT, timeout=60_000)


def test_twenty_cameras_come_to_the_wall(
    chromium: str, make_site: Callable[..., LocalSite], street: tuple[VirtualStreet, str]
) -> None:
    """Scan, examine, adopt: each device is logged into once, its flaw is told, and the wall shows all of them live."""
    if not (DIST / "index.html").is_file():
        pytest.skip("the page is not built (make setup)")
    opened, network = street
    site = make_site(detector="motion")
    with browser("en") as context:
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(site.login_link())
        find(page, network)
        look(page)
        assert sum(device.gate.refusals for device in opened.devices.values()) == 0
        flawed = page.locator(".device", has_text="The clock is wrong")
        expect(flawed).to_have_count(1)
        expect(flawed.get_by_text("Set up NTP in the camera")).to_be_visible()
        page.get_by_role("button", name=f"Take in {COUNT}").click()
        expect(page.get_by_text(f"{COUNT} cameras were taken in")).to_be_visible(timeout=20_000)
        page.get_by_role("link", name="See them on the wall").click()
        expect(page.locator(".picture[data-state=live]")).to_have_count(COUNT, timeout=60_000)
        assert errors == []
    assert len(site.call("GET", "/cameras?limit=200")["items"]) == COUNT
