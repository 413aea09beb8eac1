"""The wall as a tour of a plan: an alert of a camera on its page keeps the page until somebody has seen to it."""

import pytest
from playwright.sync_api import expect

from benchmarks.browser import browser
from tests.e2e.desk_site import DeskSite
from vms_api.accounts.permission import Role

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(90)]

DWELL_S = 2
PATIENCE_MS = 20_000


def test_an_alert_keeps_the_tour_where_it_is(desk_site: DeskSite) -> None:
    """It stands for longer than its dwell, says why, and goes on once the alert is acknowledged."""
    desk_site.add_person("tao", Role.DISPATCHER, "township")
    stops = [{"camera_id": desk_site.cameras[name], "dwell_s": DWELL_S} for name in ("township", "village")]
    with desk_site.plan("Willow tour", stops), browser("en") as context:
        page = desk_site.enter(context, "tao")
        page.goto(f"{desk_site.url}/wall")
        page.locator("[data-tours]").click()
        page.get_by_role("button", name="Willow tour").click()
        place = page.locator("[data-tour-page]")
        for here in ("2 of 2", "1 of 2"):  # it turns by itself, and around
            expect(place).to_contain_text(here, timeout=PATIENCE_MS)
        at = desk_site.clock.now().isoformat()
        alert_id = desk_site.raise_alert("township", raised_at=at, frame_received_at=at)
        expect(page.locator("[data-tour-kept]")).to_be_visible(timeout=PATIENCE_MS)
        kept = place.inner_text()
        page.wait_for_timeout(1.5 * DWELL_S * 1000)  # that nothing happens takes its time
        assert place.inner_text() == kept
        desk_site.call("POST", f"/alerts/{alert_id}/acknowledge", {})
        expect(place).not_to_have_text(kept, timeout=PATIENCE_MS)
