"""A round of patrol over four cameras, of which one is black, one was moved and one is offline, walked in Chromium.

Planned through the page, prompted by the clock, judged with keys; it ends in a protocol, an alert, tickets and figures.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.browser import browser
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip_cache import ClipCache
from ingest.virtual_camera.clip_file import encode_pictures, read_clip
from ingest.virtual_camera.scene import Scene
from ingest.virtual_camera.thread import VirtualCameraThread
from tests.e2e.desk_site import DeskSite
from vms_api.accounts.permission import Role

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]

SIZE, RATE = (320, 180), 10
DWELL_S = 3
NAME = "Willow evening round"
ROUTE = ("Square", "Dark yard", "Turned gate", "Silent school")
"""As planned: in order, black, moved, offline."""
PATIENCE_MS = 20_000


@pytest.fixture
def places(desk_site: DeskSite, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The cameras of the route by name, as ids; they are gone after the test."""
    black = tmp_path / "black.mp4"
    dark = np.full((SIZE[1], SIZE[0], 3), 3, np.uint8)
    encode_pictures(black, (dark for _ in range(5 * RATE)), SIZE, RATE, 1.0)
    cache = ClipCache(tmp_path / "clips")
    scene = Scene(width=SIZE[0], height=SIZE[1], gop_s=1.0, duration_s=5.0)
    clips = {"Square": cache.play_scene(scene), "Dark yard": read_clip(black)}
    clips["Turned gate"] = cache.play_scene(Scene(**{**scene_facts(scene), "seed": 7}))
    with VirtualCameraThread([VirtualCamera(name.replace(" ", "-"), clip) for name, clip in clips.items()]) as server:
        addresses = {name: server.url(name.replace(" ", "-")) for name in clips}
        addresses["Silent school"] = addresses["Square"].replace("/Square/", "/nowhere/")
        ids = {}
        for name in ROUTE:
            body = {"name": name, "address": addresses[name], "area_id": desk_site.areas["township"]}
            ids[name] = desk_site.call("POST", "/cameras", body)["id"]
        yield ids
        for camera_id in ids.values():
            desk_site.call("DELETE", f"/cameras/{camera_id}")


def scene_facts(scene: Scene) -> dict[str, Any]:
    """What a scene is made of."""
    return {name: getattr(scene, name) for name in ("width", "height", "gop_s", "duration_s")}


def test_a_round_is_planned_prompted_walked_and_counted(desk_site: DeskSite, places: dict[str, str]) -> None:
    """The supervisor plans, the clock prompts the patroller, keys judge, a reload loses nothing, all of it is told."""
    desk_site.call("PATCH", f"/areas/{desk_site.areas['township']}", {"centre": {"name": "Willow centre"}})
    desk_site.add_person("feng", Role.PATROLLER, "township")
    desk_site.add_person("chu", Role.SUPERVISOR, "township")
    desk_site.clock.behind = timedelta(minutes=6)
    try:
        with browser() as context:
            chromium = cast("Browser", context.browser)
            supervisor = _seat(chromium, desk_site, "chu", "en")
            plan_id = _planned(supervisor, desk_site)
            patroller = _seat(chromium, desk_site, "feng", "zh-CN")
            patroller.goto(f"{desk_site.url}/cameras")
            expect(patroller.locator("[data-round-due]")).to_have_count(0)
            desk_site.clock.behind = timedelta()  # and so the round is due
            notice = patroller.locator("[data-round-due]")
            expect(notice).to_contain_text(NAME, timeout=PATIENCE_MS)
            notice.get_by_role("link").click()
            _walked(patroller, supervisor, desk_site)
            _told(patroller)
            _counted(supervisor, desk_site)
    finally:
        desk_site.clock.behind = timedelta()
    _is_kept(desk_site, plan_id, places)


def _seat(chromium: Browser, site: DeskSite, name: str, locale: str) -> Page:
    return site.enter(chromium.new_context(locale=locale, viewport={"width": 1366, "height": 768}), name)


def _planned(page: Page, site: DeskSite) -> str:
    """By clicks in the list of cameras, with a question at the third stop; the plan's id."""
    page.goto(f"{site.url}/patrol/plans/new")
    page.get_by_role("textbox", name="Name").fill(NAME)
    for name in ROUTE:
        page.locator(".dock").get_by_role("button", name=name).click()
    expect(page.locator("[data-stop-row]")).to_have_count(len(ROUTE))
    for index in range(len(ROUTE)):
        row = page.locator(f"[data-stop-row='{index}']")
        row.locator(".name").click()
        row.get_by_role("spinbutton").fill(str(DWELL_S))
        row.get_by_role("spinbutton").press("Tab")
        if ROUTE[index] == "Turned gate":
            row.get_by_role("button", name="Add a question").click()
            row.get_by_role("textbox").fill("Is the gate in the picture?")
    preview = page.locator("[data-preview]")
    expect(preview.locator("li").first).to_be_visible(timeout=PATIENCE_MS)
    zone = ZoneInfo(site.call("POST", "/patrol-plans/preview", {"schedule": _schedule("08:00", "09:00")})["time_zone"])
    starts = site.clock.now().astimezone(zone) + timedelta(minutes=3)
    page.locator("input[type=time]").nth(1).fill(f"{starts + timedelta(hours=1):%H:%M}")
    page.locator("input[type=time]").nth(0).fill(f"{starts:%H:%M}")
    expect(preview).to_contain_text(f"{starts:%H:%M}", timeout=PATIENCE_MS)
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile(r"/patrol/plans/[0-9a-f-]{36}$"), timeout=PATIENCE_MS)
    return page.url.rsplit("/", 1)[-1]


def _schedule(starts: str, ends: str) -> dict[str, Any]:
    return {"windows": [{"days": list(range(7)), "starts": starts, "ends": ends}]}


def _walked(page: Page, supervisor: Page, site: DeskSite) -> None:
    page.locator("[data-act=take]").click()
    _at(page, "Square")
    page.keyboard.press("1")  # too early, and it is said
    expect(page.get_by_role("alert").filter(has_text="还需停留")).to_be_visible()
    _judged(page, "1")
    supervisor.goto(f"{site.url}/patrol?tab=board")
    expect(supervisor.locator("[data-round]").filter(has_text=NAME)).to_contain_text("feng", timeout=PATIENCE_MS)
    _at(page, "Dark yard")
    expect(supervisor.locator("[data-round]").filter(has_text=NAME)).to_contain_text("Dark yard", timeout=PATIENCE_MS)
    page.reload()  # goes on where it stood
    _at(page, "Dark yard")
    expect(page.locator("[data-progress]")).to_have_text("已巡 1 / 4")
    _judged(page, "3")
    _at(page, "Turned gate")
    page.keyboard.press("x")
    page.keyboard.press("s")
    expect(page.locator("[data-snapshot]")).to_be_visible(timeout=PATIENCE_MS)
    page.keyboard.press("n")
    page.keyboard.type("camera turned to the wall")
    page.keyboard.press("Escape")
    page.keyboard.press("1")  # an answer says otherwise
    expect(page.get_by_role("alert").filter(has_text="与预期不符")).to_be_visible()
    page.keyboard.press("2")
    expect(page.locator("[data-task] h2")).to_contain_text("Silent school", timeout=PATIENCE_MS)
    expect(page.locator("[data-presence]")).to_contain_text("摄像机离线")
    page.keyboard.press("3")
    expect(page.locator("[data-judge=camera-fault]")).to_have_attribute("aria-pressed", "true", timeout=PATIENCE_MS)
    expect(page.locator("[data-progress]")).to_have_text("已巡 4 / 4")
    page.keyboard.press("f")
    expect(page.get_by_role("heading", name="已完成")).to_be_visible(timeout=PATIENCE_MS)


def _at(page: Page, name: str) -> None:
    """The stop is in hand and its picture plays."""
    expect(page.locator("[data-task] h2")).to_contain_text(name, timeout=PATIENCE_MS)
    expect(page.locator("[data-shown=true] [data-player=playing]")).to_be_visible(timeout=PATIENCE_MS)


def _judged(page: Page, key: str) -> None:
    expect(page.locator("[data-needed='0']")).to_be_visible(timeout=PATIENCE_MS)
    page.keyboard.press(key)
    expect(page.locator("[data-needed='0']")).to_have_count(0, timeout=PATIENCE_MS)


def _told(page: Page) -> None:
    """The protocol has every stop as it was judged."""
    page.get_by_role("link", name="巡查记录").click()
    expect(page.locator("[data-outcome]")).to_contain_text("已完成", timeout=PATIENCE_MS)
    told = [page.locator(f"[data-row='{index}'] [data-verdict]").get_attribute("data-verdict") for index in range(4)]
    assert told == ["normal", "camera-fault", "abnormal", "camera-fault"]
    turned = page.locator("[data-row='2']")
    expect(turned).to_contain_text("camera turned to the wall")
    expect(turned.locator("[data-alert]")).to_be_visible()
    assert turned.locator("img").evaluate("async img => { await img.decode(); return img.naturalWidth }") > 0
    expect(page.locator("[data-row='1'] [data-ticket]")).to_be_visible()
    expect(page.locator("[data-row='3'] [data-ticket]")).to_be_visible()
    expect(page.locator("[data-finding=unreachable]")).to_have_text("1")


def _counted(page: Page, site: DeskSite) -> None:
    page.goto(f"{site.url}/patrol?tab=figures")
    row = page.locator("[data-figures]").get_by_role("row").filter(has_text=NAME)
    for count, value in {"due": "1", "completed": "1", "missed": "0", "late": "0"}.items():
        expect(row.locator(f"[data-count={count}]")).to_have_text(value, timeout=PATIENCE_MS)
    expect(row.locator("[data-findings]")).to_contain_text("Abnormal 1")


def _is_kept(site: DeskSite, plan_id: str, places: dict[str, str]) -> None:
    """What the pages told is what the server holds: an alert of the moved camera, tickets of the others."""
    (walked,) = site.call("GET", f"/patrol-rounds?plan_id={plan_id}")["items"]
    stops = site.call("GET", f"/patrol-rounds/{walked['id']}")["stops"]
    assert [stop["camera_id"] for stop in stops] == [places[name] for name in ROUTE]
    assert stops[0]["present_s"] >= DWELL_S
    assert stops[3]["unreachable_why"] == "offline"
    alert = site.call("GET", f"/alerts/{stops[2]['alert_id']}")
    assert (alert["camera_id"], alert["rule_name"]) == (places["Turned gate"], NAME)
    tickets = [site.call("GET", f"/tickets/{stops[index]['ticket_id']}") for index in (1, 3)]
    assert [(one["camera_id"], one["cause"]) for one in tickets] == [
        (places["Dark yard"], "patrol"),
        (places["Silent school"], "patrol"),
    ]
    site.call("DELETE", f"/patrol-plans/{plan_id}")
