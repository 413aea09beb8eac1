"""An alert that the village leaves lying is handled by the township and closed, by page only; the figures show it."""

from datetime import timedelta
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.browser import browser
from tests.e2e.desk_site import DeskSite
from tests.e2e.test_alert_desk import report
from vms_api.accounts.permission import Role

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]

RULE = "closure-rule"
CARD = "[data-alert-id='{}']"


def test_what_the_village_leaves_lying_is_closed_above_it(desk_site: DeskSite, tmp_path: Path) -> None:
    """Up by the clock, given to somebody by the township, worked on with a note and a picture, closed, counted."""
    for area in ("township", "village"):
        desk_site.call("PATCH", f"/areas/{desk_site.areas[area]}", {"centre": {"name": f"Willow {area} centre"}})
    people = {"qian": (Role.PATROLLER, "village"), "sun": (Role.PATROLLER, "township")}
    people |= {"lin": (Role.DISPATCHER, "township"), "zhou": (Role.SUPERVISOR, "township")}
    for name, (role, area) in people.items():
        desk_site.add_person(name, role, area)
    desk_site.clock.behind = timedelta(minutes=10)
    raised_at = desk_site.clock.now().isoformat()
    times = {"raised_at": raised_at, "frame_received_at": raised_at}
    alert_id = desk_site.raise_alert("village", rule_id=RULE, rule_name="Night yard", **times)

    with browser() as context:
        chromium = cast("Browser", context.browser)

        def desk_of(name: str, locale: str) -> Page:
            seat = chromium.new_context(locale=locale, viewport={"width": 1366, "height": 768})
            return _at(desk_site.enter(seat, name), desk_site, alert_id)

        watched = desk_of("qian", "zh-CN")
        expect(watched.locator("[data-centre]")).to_have_text("现由Willow village centre负责")
        desk_site.clock.behind = timedelta()  # and so the village's time is over
        expect(watched.locator("[data-escalated]")).to_have_text("已升级 1 级", timeout=15_000)
        expect(watched.locator("[data-centre]")).to_have_text("现由Willow township centre负责")
        expect(watched.locator("header [data-urgency=overdue]")).to_be_visible()
        _given_to_sun(desk_of("lin", "en"))
        _handled(desk_of("sun", "zh-CN"), _picture(tmp_path))
        supervisor = desk_of("zhou", "en")
        _closed(supervisor)
        _counted(supervisor, desk_site)
        expect(watched.locator("[data-state=CLOSED]")).to_have_text("已办结 · sun · 属实")
    _is_told(desk_site, alert_id)


def _at(page: Page, site: DeskSite, alert_id: str) -> Page:
    """The desk with that alert in hand, chosen by its card."""
    page.goto(f"{site.url}/alerts")
    page.locator(CARD.format(alert_id)).click(timeout=15_000)
    expect(page.locator(CARD.format(alert_id))).to_have_attribute("aria-current", "true")
    return page


def _given_to_sun(page: Page) -> None:
    expect(page.locator("[data-step=escalate]")).to_contain_text("nobody acknowledged it in time")
    page.keyboard.press("a")
    expect(page.locator("[data-state=ACKNOWLEDGED]")).to_contain_text("lin")
    expect(page.locator("header [data-urgency=calm]")).to_be_visible()
    page.keyboard.press("g")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox").click()
    page.get_by_role("option", name="sun").click()
    dialog.locator("button[type=submit]").click()
    expect(page.locator("[data-state=ASSIGNED]")).to_have_text("Assigned · sun")


def _handled(page: Page, picture: Path) -> None:
    page.keyboard.press("p")
    expect(page.locator("[data-state=IN_PROGRESS]")).to_be_visible()
    page.keyboard.press("n")
    page.keyboard.type("门锁已换")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-step=note]")).to_contain_text("门锁已换")
    page.locator("input[type=file]").set_input_files(picture)
    expect(page.locator("[data-attachment='lock.jpg']")).to_be_visible()
    expect(page.locator("[data-step=attach]")).to_contain_text("lock.jpg")
    page.locator("header h1").click()  # out of the note, so that keys are acts again
    page.keyboard.press("r")
    report(page, "属实", "处理完毕")
    expect(page.locator("[data-state=RESOLVED]")).to_have_text("已反馈 · sun · 属实")
    expect(page.locator("[data-locked=close]")).to_be_visible()


def _closed(page: Page) -> None:
    expect(page.locator("[data-step=note]")).to_contain_text("门锁已换")
    with page.expect_download() as saving:
        page.locator("[data-attachment='lock.jpg'] a").click()
    assert saving.value.suggested_filename == "lock.jpg"
    page.keyboard.press("c")
    report(page, None, "well done")
    expect(page.locator("[data-state=CLOSED]")).to_have_text("Closed · sun · True")


def _counted(page: Page, site: DeskSite) -> None:
    """The rule's row of the statistics: raised, closed, and true."""
    page.goto(f"{site.url}/reports")
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Night yard"))
    for count in ("raised", "closed", "true"):
        expect(row.locator(f"[data-count={count}]")).to_have_text("1", timeout=15_000)


def _is_told(site: DeskSite, alert_id: str) -> None:
    """The history in its order, the look at the picture in the audit log."""
    steps = [(step["act"], step["username"]) for step in site.call("GET", f"/alerts/{alert_id}/history")]
    assert steps == [
        ("raise", None),
        ("escalate", None),
        ("acknowledge", "lin"),
        ("assign", "lin"),
        ("progress", "sun"),
        ("note", "sun"),
        ("attach", "sun"),
        ("resolve", "sun"),
        ("close", "zhou"),
    ]
    assert site.rows("attachment.read")[0]["actor"]["name"] == "zhou"


def _picture(folder: Path) -> Path:
    path = folder / "lock.jpg"
    path.write_bytes(cv2.imencode(".jpg", np.full((120, 160, 3), 90, np.uint8))[1].tobytes())
    return path
