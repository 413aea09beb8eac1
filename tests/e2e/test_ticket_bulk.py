"""Several tickets are given to somebody and closed at once, by page only."""

import pytest
from playwright.sync_api import Locator, Page, expect

from benchmarks.browser import browser
from tests.e2e.desk_site import DeskSite
from vms_api.accounts.permission import Role
from vms_api.tickets.cause import Cause

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_many_are_assigned_and_closed_at_once(desk_site: DeskSite) -> None:
    """What somebody else closed meanwhile is told by its name and stays chosen; the others are done."""
    desk_site.add_person("ma", Role.MAINTAINER, "township")
    drift = [desk_site.find_fault(name, Cause.DRIFT) for name in ("village", "township")]
    body = {"camera_id": desk_site.cameras["village"], "note": "the pole leans"}
    tickets = [desk_site.call("GET", f"/tickets/{id_}") for id_ in drift] + [desk_site.call("POST", "/tickets", body)]
    faster, *others = tickets
    with browser("en") as context:
        page = desk_site.enter(context, "ma")
        page.goto(f"{desk_site.url}/tickets")
        choose(page, tickets)
        dialog = asked(page, "assign")
        dialog.get_by_role("combobox").first.click()
        page.get_by_role("option", name="ma", exact=True).click()
        desk_site.call("POST", f"/tickets/{faster['id']}/close", {"note": "set by hand"})
        dialog.locator("button[type=submit]").click()
        expect(dialog).to_contain_text("2 of 3 done")
        expect(dialog.locator("[data-failed]")).to_have_count(1)
        told = dialog.locator(f"[data-failed='{faster['id']}']")
        expect(told).to_contain_text(f"#{faster['number']} ")
        expect(told).to_contain_text("Somebody else has gone on with this ticket")
        dialog.get_by_role("button", name="Understood").click()
        expect(page.locator(".bulk")).to_contain_text("1 selected")
        states = [desk_site.call("GET", f"/tickets/{one['id']}") for one in others]
        assert [(one["state"], one["assignee"]) for one in states] == [("assigned", "ma")] * 2

        page.get_by_role("button", name="Clear selection").click()
        choose(page, others)
        dialog = asked(page, "close")
        expect(dialog.locator("button[type=submit]")).to_be_disabled()
        dialog.locator("textarea").fill("both seen on site")
        dialog.locator("button[type=submit]").click()
        expect(dialog).to_have_count(0)
        expect(page.locator(".bulk")).to_have_count(0)
        for one in tickets:
            expect(page.locator(f"[data-ticket='{one['number']}']")).to_have_count(0)
    for one in others:
        ticket = desk_site.call("GET", f"/tickets/{one['id']}")
        last = ticket["history"][-1]
        assert (ticket["state"], last["act"], last["username"], last["note"]) == (
            "closed",
            "close",
            "ma",
            "both seen on site",
        )


def choose(page: Page, tickets: list[dict[str, object]]) -> None:
    """Ticks each of them."""
    for ticket in tickets:
        page.locator("li", has=page.locator(f"[data-ticket='{ticket['number']}']")).get_by_role("checkbox").check()
    expect(page.locator(".bulk")).to_contain_text(f"{len(tickets)} selected")


def asked(page: Page, act: str) -> Locator:
    """The dialog of an act about all that are chosen."""
    page.locator(f"[data-bulk={act}]").click()
    return page.get_by_role("dialog")
