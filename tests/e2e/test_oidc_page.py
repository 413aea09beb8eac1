"""Login by a provider at the page: one click there, and back as oneself."""

import pytest
from playwright.sync_api import expect

from benchmarks.browser import browser
from tests.e2e.desk_site import DeskSite
from vms_api.accounts.permission import Role

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_one_click_and_back_logged_in(desk_site: DeskSite) -> None:
    """The browser really goes to the provider and returns to the page that was asked for."""
    desk_site.add_person("li", Role.VIEWER, "township")
    with browser("en") as context:
        page = context.new_page()
        page.goto(f"{desk_site.url}/cameras")
        button = page.get_by_role("link", name="Log in with Town login")
        expect(button).to_be_visible(timeout=10_000)
        button.click()
        page.wait_for_url(f"{desk_site.url}/cameras", timeout=10_000)
        expect(page.get_by_label("li", exact=False).last).to_be_visible()
        expect(page.get_by_text("Camera of the township").first).to_be_visible()
    row = desk_site.rows("session.login")[0]
    assert (row["actor"]["name"], row["outcome"]) == ("li", "done")
    assert desk_site.provider.redirect_uris == [f"{desk_site.url}/api/v1/login/oidc/callback"]
