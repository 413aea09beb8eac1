"""Rules on the page of a camera: those that look at the picture."""

import pytest
from playwright.sync_api import Page, expect

from benchmarks.browser import browser
from tests.e2e.desk_site import DeskSite

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(120)]

CORNER = [[0.1, 0.1], [0.5, 0.1], [0.5, 0.5]]


def save(page: Page) -> None:
    """Sends the dialog, which closes."""
    page.locator(".el-dialog button[type=submit]").click()
    expect(page.locator(".el-dialog")).to_have_count(0)


def test_a_rule_that_looks_at_the_picture_is_edited(desk_site: DeskSite) -> None:
    """Its dialog opens with what it is, and changes that."""
    path = f"/cameras/{desk_site.cameras['village']}"
    zone = desk_site.call("POST", f"{path}/zones", {"name": "Corner", "kind": "area", "points": CORNER})
    body = {"name": "Corner rule", "kind": "intrusion", "zone_id": zone["id"], "labels": ["motion"]}
    made = desk_site.call("POST", f"{path}/rules", body)
    with browser("en") as context:
        page = desk_site.enter(context, "admin")
        page.goto(f"{desk_site.url}{path}?tab=rules")
        entry = page.locator("aside li", has_text="Corner rule")
        entry.get_by_role("button", name="Edit").click()
        page.locator("input[name=rule-name]").fill("Corner rule by night")
        save(page)
        expect(entry).to_contain_text("Corner rule by night")
    desk_site.call("DELETE", f"{path}/rules/{made['id']}")
    desk_site.call("DELETE", f"{path}/zones/{zone['id']}")
