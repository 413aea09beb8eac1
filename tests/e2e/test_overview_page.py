"""The overview of a duty room and the rates of a supervisor, in Chromium."""

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from benchmarks.browser import browser
from tests.e2e.desk_site import DeskSite
from vms_api.accounts.permission import Role
from vms_api.tickets.cause import Cause

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_what_is_broken_who_has_it_and_how_the_place_stands(desk_site: DeskSite) -> None:
    """A fault stands there with nobody, then with who has it; a number opens its days, its rate and its cases."""
    desk_site.add_person("gu", Role.MAINTAINER, "township")
    desk_site.add_person("xu", Role.SUPERVISOR, "township")
    ticket_id = desk_site.find_fault("village", Cause.CLOCK)
    ticket = desk_site.call("GET", f"/tickets/{ticket_id}")
    people = desk_site.call("GET", f"/tickets/{ticket_id}/assignees")["people"]
    (gu,) = [one["id"] for one in people if one["username"] == "gu"]
    yesterday = (desk_site.clock.now() - timedelta(days=1)).date()
    desk_site.call("POST", "/rates/recompute", {"day": str(yesterday)})
    after = (datetime.fromisoformat(ticket["due_at"]) + timedelta(days=1)).date()
    with browser("en") as context:
        page = desk_site.enter(context, "xu")
        page.goto(f"{desk_site.url}/overview")
        wrong = page.get_by_label("Wrong now").locator("li", has_text="Clock wrong")
        expect(wrong).to_contain_text("Camera of the village")
        expect(wrong).to_contain_text("Nobody yet")
        desk_site.call("POST", f"/tickets/{ticket_id}/assign", {"user_id": gu})
        expect(wrong).to_contain_text("gu", timeout=20_000)
        page.locator("[data-targets]").click()
        expect(page).to_have_url(re.compile("/rates"))
        expect(page.locator("[data-rate]")).to_have_count(12)
        page.locator("[data-rate=ticket-closure] button").click()
        expect(page.locator("[data-detail] h2")).to_contain_text("Tickets closed in time")
        page.get_by_label("From").fill(str(yesterday))
        page.get_by_label("to", exact=True).fill(str(after))
        page.get_by_role("button", name="Count", exact=True).click()
        case = page.locator(f"[data-case='{ticket_id}']")
        expect(case).to_contain_text("Not counted")
        case.get_by_role("link").click()
        expect(page).to_have_url(f"{desk_site.url}/tickets?id={ticket_id}")
    desk_site.call("POST", f"/tickets/{ticket_id}/close", {"note": "set back by hand"})
