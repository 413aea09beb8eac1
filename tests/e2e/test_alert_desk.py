"""An alert goes through two pairs of hands at two desks, by page only."""

import pytest
from playwright.sync_api import Page, expect

from benchmarks.browser import browser
from tests.e2e.desk_site import DeskSite
from vms_api.accounts.permission import Role

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_village_reports_and_the_township_closes(desk_site: DeskSite) -> None:
    """Taken and reported with a verdict and a note; closed by the supervisor, who sees both; the history has it all."""
    desk_site.add_person("wang", Role.PATROLLER, "village")
    desk_site.add_person("chen", Role.SUPERVISOR, "township")
    alert_id = desk_site.raise_alert("village")
    with browser("zh-CN") as village:
        patroller = at_desk(desk_site.enter(village, "wang"), desk_site, "未签收")
        patroller.keyboard.press("a")
        expect(patroller.locator("[data-state=ACKNOWLEDGED]")).to_be_visible()
        expect(patroller.locator("[data-act=resolve]")).to_be_enabled()
        patroller.keyboard.press("r")
        report(patroller, "属实", "门已锁好")
        expect(patroller.locator(".state")).to_have_text("已反馈 · wang · 属实")
        expect(patroller.locator("[data-act]")).to_have_count(0)
    with browser("en") as township:
        supervisor = at_desk(desk_site.enter(township, "chen"), desk_site, "Handled · wang")
        expect(supervisor.locator("[data-step=resolve]")).to_contain_text("门已锁好")
        supervisor.locator("[data-act=close]").click()
        report(supervisor, None, "thank you")
        expect(supervisor.locator(".state")).to_have_text("Closed · wang · True")
        supervisor.get_by_text("Closed", exact=True).first.click()
        expect(supervisor.locator(f"[data-alert-id='{alert_id}']")).to_be_visible()
    alert = desk_site.call("GET", f"/alerts/{alert_id}")
    assert (alert["state"], alert["verdict"], alert["owner"]) == ("CLOSED", "true", "wang")
    steps = desk_site.call("GET", f"/alerts/{alert_id}/history")
    assert [(step["act"], step["username"], step["note"]) for step in steps[1:]] == [
        ("acknowledge", "wang", ""),
        ("resolve", "wang", "门已锁好"),
        ("close", "chen", "thank you"),
    ]


def at_desk(page: Page, site: DeskSite, state: str) -> Page:
    """The alert desk, with the alert shown in that state."""
    page.goto(f"{site.url}/alerts")
    expect(page.locator(".state")).to_contain_text(state, timeout=15_000)
    return page


def report(page: Page, verdict: str | None, note: str) -> None:
    """Fills in the dialog and sends it."""
    dialog = page.get_by_role("dialog")
    if verdict is not None:
        dialog.get_by_text(verdict, exact=True).click()
    dialog.locator("textarea").fill(note)
    dialog.locator("button[type=submit]").click()
    expect(dialog).to_have_count(0)
