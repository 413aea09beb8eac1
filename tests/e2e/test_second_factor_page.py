"""The second factor at the page: set up under one's own name, and asked for at the next login."""

import pytest
from playwright.sync_api import Page, expect

from benchmarks.browser import browser
from tests.e2e.desk_site import DeskSite
from tests.vms_api.conftest import PASSWORD
from vms_api.accounts.permission import Role
from vms_api.accounts.totp import code_at, step_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def code_of(site: DeskSite, secret: str, steps_ahead: int = 0) -> str:
    return code_at(secret, step_of(site.clock.now()) + steps_ahead)


def set_up(page: Page, site: DeskSite) -> str:
    """Goes through the set-up as a person does; the shared secret as the page shows it."""
    page.goto(f"{site.url}/me")
    page.get_by_role("button", name="Set up").click()
    page.locator("input[name=totp-present]").fill(PASSWORD)
    page.get_by_role("button", name="Next", exact=True).click()
    expect(page.get_by_label("QR code of the two-step login")).to_be_visible()
    secret = page.locator("code.secret").inner_text().replace(" ", "")
    page.locator("input[name=totp-code]").fill(code_of(site, secret))
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("On: logging in takes the password")).to_be_visible()
    return secret


def test_second_factor_is_set_up_and_asked_for(desk_site: DeskSite) -> None:
    """Password, key, code; then out, and in again only with the next code: the one used before is refused."""
    desk_site.add_person("keeper", Role.VIEWER, "township")
    with browser("en") as context:
        page = desk_site.enter(context, "keeper")
        secret = set_up(page, desk_site)
        used = code_of(desk_site, secret)
        page.get_by_role("button", name="Log out").click()
        page.locator("input[name=username]").fill("keeper")
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("button[type=submit]").click()
        page.locator("input[name=code]").fill(used)
        page.locator("button[type=submit]").click()
        expect(page.get_by_role("alert")).to_contain_text("wrong or was used already")
        page.locator("input[name=code]").fill(code_of(desk_site, secret, steps_ahead=1))
        page.locator("button[type=submit]").click()
        expect(page.locator("nav")).to_contain_text("Wall")
    assert [row["outcome"] for row in desk_site.rows("session.login")[:2]] == ["done", "denied"]
    assert desk_site.rows("account.second-factor")[0]["actor"]["name"] == "keeper"
