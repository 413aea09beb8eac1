"""A look outside one's own area: the page asks why before there is any picture."""

import pytest
from playwright.sync_api import expect

from benchmarks.browser import browser
from tests.e2e.desk_site import DeskSite, detail, wait_for_picture
from vms_api.accounts.permission import Role

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_purpose_is_stated_before_the_picture(desk_site: DeskSite) -> None:
    """Closing the dialog leaves no picture; stating a purpose brings it, and the audit log has both together."""
    desk_site.add_person("watcher", Role.DISPATCHER, "county")
    camera = desk_site.cameras["village"]
    with browser("en") as context:
        page = desk_site.enter(context, "watcher")
        page.goto(f"{desk_site.url}/cameras/{camera}")
        expect(page.get_by_text("A purpose has to be stated before looking.")).to_be_visible(timeout=15_000)
        page.locator(".note button").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("Camera of the village")
        dialog.get_by_role("button", name="Cancel").click()
        page.wait_for_timeout(1000)
        assert detail(page) is None
        page.locator(".note button").click()
        dialog.get_by_label("Handling an incident").check()
        dialog.locator("input[name=reference]").fill("case 17")
        dialog.locator("button[type=submit]").click()
        wait_for_picture(page)
    start = next(row for row in desk_site.rows("view.start") if row["actor"]["name"] == "watcher")
    assert (start["camera_id"], start["purpose"]["key"], start["purpose"]["reference"]) == (
        camera,
        "incident",
        "case 17",
    )
    assert [row["actor"]["name"] for row in desk_site.rows("purpose.state")] == ["watcher"]
