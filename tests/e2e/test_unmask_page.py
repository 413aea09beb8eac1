"""Unmasking at the page: asked by one, approved by another, seen for a while, masked again."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from benchmarks.browser import browser
from tests.e2e.desk_site import LEFT_HALF, DeskSite, wait_for_picture
from vms_api.accounts.permission import Role

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SEEN_S = 14
"""How much of the minute asked for is left when it is approved."""
FLAT = 12
"""More than coding makes of a mask's one grey, less than the scene has."""


def wait_until_left_is(page: Page, *, masked: bool) -> None:
    wait_for_picture(page, lambda halves: (halves[0] < FLAT) is masked and halves[1] > FLAT)


def ask(page: Page) -> None:
    """Asks for a minute."""
    page.get_by_role("button", name="Ask to see without masks").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Handling an incident").check()
    dialog.locator("input[name=unmask-reason]").fill("A theft before the window")
    dialog.locator(".el-input-number input").fill("1")
    dialog.locator("button[type=submit]").click()
    expect(page.get_by_text("waits for somebody else")).to_be_visible()


def test_second_person_opens_the_masked_part_for_a_while(desk_site: DeskSite) -> None:
    """The left half is grey, is shown after the approval, and is grey again when the time is over."""
    for name in ("asker", "approver"):
        desk_site.add_person(name, Role.SUPERVISOR, "township")
    camera = desk_site.cameras["township"]
    mask = {"base_version": 0, "polygons": [{"name": "Window", "points": LEFT_HALF}]}
    desk_site.call("PUT", f"/cameras/{camera}/masks", mask)
    address = f"{desk_site.url}/cameras/{camera}?tab=masks"
    with browser("en") as context:
        asker = desk_site.enter(context, "asker")
        asker.goto(address)
        wait_until_left_is(asker, masked=True)
        ask(asker)
        other = context.browser.new_context(locale="en")
        approver = desk_site.enter(other, "approver")
        approver.goto(address)
        desk_site.clock.behind = timedelta(seconds=60 - SEEN_S)
        approver.get_by_role("button", name="Approve").click()
        expect(approver.get_by_text("approved").first).to_be_visible()
        desk_site.clock.behind = timedelta()
        asker.reload()
        asker.get_by_role("button", name="Watch without masks").click()
        wait_until_left_is(asker, masked=False)
        expect(asker.get_by_text("Shown without masks")).to_be_visible()
        wait_until_left_is(asker, masked=True)
        other.close()
    start = next(row for row in desk_site.rows("view.start") if row["detail"].get("unmasked"))
    assert start["actor"]["name"] == "asker"
    assert desk_site.rows("unmask.approve")[0]["actor"]["name"] == "approver"
