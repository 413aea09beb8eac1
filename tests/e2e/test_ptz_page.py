"""Moving a camera by the panel: held, let go, and the camera says that it stands."""

import socket
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from benchmarks.browser import browser
from ingest.camera import Credential
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip_cache import ClipCache
from ingest.virtual_camera.onvif.device import VirtualDevice
from ingest.virtual_camera.onvif.quirks import Manners, Quirk
from ingest.virtual_camera.onvif.street import House, VirtualStreet
from ingest.virtual_camera.scene import Scene
from tests.e2e.desk_site import DeskSite
from vms_api.accounts.permission import Role

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(120)]

LOGIN = Credential("admin", "p@ss:w/1")
PICTURE = Scene(width=320, height=180, frame_rate=5, duration_s=4.0, gop_s=1.0)


@pytest.fixture
def dome(desk_site: DeskSite, drawn: ClipCache) -> Iterator[tuple[VirtualDevice, str]]:
    """A camera of the township that can be turned and loses its first Stop, and its id."""
    clip = drawn.play_scene(PICTURE)
    manners = Manners(frozenset({Quirk.STOP_LOST}))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with VirtualStreet([House("127.0.0.1", VirtualCamera("dome", clip, credential=LOGIN), manners)], port) as street:
        server = street.devices["dome"]
        login = {"username": LOGIN.username, "password": LOGIN.password}
        address = f"rtsp://127.0.0.1:{server.device.rtsp_port}/dome/main"
        body = {"name": "Dome", "address": address, "area_id": desk_site.areas["township"], **login}
        camera_id = desk_site.call("POST", "/cameras", body)["id"]
        link = {"address": server.address, "profile_token": "Profile_1"}
        desk_site.call("PUT", f"/cameras/{camera_id}/device", link)
        yield server.device, camera_id
        desk_site.call("DELETE", f"/cameras/{camera_id}")


def panel(site: DeskSite, camera_id: str) -> str:
    """The page on which the camera is moved."""
    return f"{site.url}/cameras/{camera_id}?tab=ptz"


def wait_for_speed(page: Page, device: VirtualDevice, speed: tuple[float, float, float]) -> None:
    """Until the camera moves so; all zero: until it stands."""
    for _ in range(100):
        is_moving = device.movement.is_moving(device.clock.monotonic_s())
        if (device.movement.speed if is_moving else (0.0, 0.0, 0.0)) == speed:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"the camera does not move as it should: {device.movement}")


def test_a_camera_moves_while_a_button_is_held(desk_site: DeskSite, dome: tuple[VirtualDevice, str]) -> None:
    """By pointer and by key; letting go stops it, though the first Stop is lost; a colleague sees who has it."""
    device, camera_id = dome
    for name in ("turner", "onlooker"):
        desk_site.add_person(name, Role.PATROLLER, "township")
    with browser("en") as context:
        page = desk_site.enter(context, "turner")
        page.goto(panel(desk_site, camera_id))
        page.get_by_role("button", name="Right", exact=True).hover()
        page.mouse.down()
        wait_for_speed(page, device, (0.4, 0.0, 0.0))
        page.wait_for_timeout(2500)  # longer than one move lasts
        wait_for_speed(page, device, (0.4, 0.0, 0.0))
        page.mouse.up()
        expect(page.locator("[data-stopped=confirmed]")).to_be_visible()
        wait_for_speed(page, device, (0.0, 0.0, 0.0))
        assert device.stops >= 2
        page.get_by_text("Fast", exact=True).click()
        page.locator("h1").click()
        page.keyboard.down("ArrowUp")
        wait_for_speed(page, device, (0.0, 1.0, 0.0))
        page.keyboard.up("ArrowUp")
        expect(page.locator("[data-stopped=confirmed]")).to_be_visible()
        wait_for_speed(page, device, (0.0, 0.0, 0.0))
        other = context.browser.new_context(locale="en")
        onlooker = desk_site.enter(other, "onlooker")
        onlooker.goto(panel(desk_site, camera_id))
        expect(onlooker.get_by_text("turner moves this camera now")).to_be_visible()
        expect(onlooker.get_by_role("button", name="Right", exact=True)).to_be_disabled()
        onlooker.get_by_role("button", name="Take over").click()
        expect(onlooker.get_by_role("alert")).to_contain_text("Somebody else moves this camera")
        other.close()
    rows = [row["detail"] for row in desk_site.rows("ptz.move")]
    assert {"stop": True} in rows


def test_leaving_the_panel_stops_the_camera(desk_site: DeskSite, dome: tuple[VirtualDevice, str]) -> None:
    """Whoever goes to another tab, or closes the page, while holding a button leaves no camera that turns."""
    device, camera_id = dome
    desk_site.add_person("leaver", Role.PATROLLER, "township")
    with browser("en") as context:
        page = desk_site.enter(context, "leaver")
        page.goto(panel(desk_site, camera_id))
        page.get_by_role("button", name="Left", exact=True).hover()
        page.mouse.down()
        wait_for_speed(page, device, (-0.4, 0.0, 0.0))
        page.get_by_role("link", name="Health", exact=True).focus()
        page.keyboard.press("Enter")
        wait_for_speed(page, device, (0.0, 0.0, 0.0))
        assert device.stops >= 2


def test_a_stop_with_a_preset_turns_its_camera(desk_site: DeskSite, dome: tuple[VirtualDevice, str]) -> None:
    """Whoever comes to the stop of a round looks where its plan says; it is recorded as theirs."""
    device, camera_id = dome
    gate = (0.5, -0.25, 0.0)
    device.presets["7"] = ("Gate", gate)
    desk_site.add_person("walker", Role.PATROLLER, "township")
    with desk_site.plan("Dome round", [{"camera_id": camera_id, "preset": "7"}]) as plan, browser("en") as context:
        page = desk_site.enter(context, "walker")
        page.goto(f"{desk_site.url}/patrol/rounds/{desk_site.due_now(plan)}")
        page.locator("[data-act=take]").click()
        for _ in range(100):
            if device.point() == pytest.approx(gate):
                break
            page.wait_for_timeout(100)
        assert device.point() == pytest.approx(gate)
    row = desk_site.rows("ptz.move")[0]
    assert (row["actor"]["name"], row["detail"]["preset"]) == ("walker", "7")
