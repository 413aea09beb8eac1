"""Rules on the page of a camera: those that look at the picture, and those that need none."""

import pytest
from playwright.sync_api import Page, expect

from benchmarks.browser import browser
from tests.e2e.desk_site import DeskSite
from vms_api.accounts.permission import Role

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(120)]

CORNER = [[0.1, 0.1], [0.5, 0.1], [0.5, 0.5]]


def save(page: Page) -> None:
    """Sends the dialog, which closes."""
    page.locator(".el-dialog button[type=submit]").click()
    expect(page.locator(".el-dialog")).to_have_count(0)


def test_a_rule_for_an_absent_camera_is_made_changed_and_only_looked_at(desk_site: DeskSite) -> None:
    """A camera without a device can be told of when it is gone; who may not change rules sees it without buttons."""
    camera_id = desk_site.cameras["township"]
    address = f"{desk_site.url}/cameras/{camera_id}?tab=rules"
    with browser("en") as context:
        page = desk_site.enter(context, "admin")
        page.goto(address)
        page.locator("[data-add-device-rule]").click()
        page.locator("input[name=rule-name]").fill("Gone")
        save(page)
        entry = page.locator("[data-device-rule=camera_offline]")
        entry.get_by_role("button", name="Edit").click()
        page.locator("input[name=rule-name]").fill("Gone for good")
        save(page)
        expect(entry).to_contain_text("Gone for good")
        entry.locator(".el-switch").click()
        expect(entry.get_by_role("switch")).not_to_be_checked()
    (rule,) = desk_site.call("GET", f"/cameras/{camera_id}/device-rules")["items"]
    assert (rule["name"], rule["notice"], rule["enabled"]) == ("Gone for good", None, False)
    desk_site.add_person("rule-reader", Role.VIEWER, "township")
    with browser("en") as context:
        page = desk_site.enter(context, "rule-reader")
        page.goto(address)
        entry = page.locator("[data-device-rule=camera_offline]")
        expect(entry).to_contain_text("Gone for good")
        expect(entry.get_by_role("button")).to_have_count(0)
    desk_site.call("DELETE", f"/cameras/{camera_id}/device-rules/{rule['id']}")


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
        expect(page.locator("[data-add-link]")).to_contain_text("Add an act")
        page.locator("input[name=rule-name]").fill("Corner rule by night")
        save(page)
        expect(entry).to_contain_text("Corner rule by night")
    desk_site.call("DELETE", f"{path}/rules/{made['id']}")
    desk_site.call("DELETE", f"{path}/zones/{zone['id']}")
