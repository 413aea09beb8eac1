"""The rounds, alerts and tickets behind the rates of areas."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.identifier import new_identifier
from tests.fakes.clock import ManualClock
from tests.fakes.node import alert_payload
from tests.vms_api.conftest import Site, log_in, running_site
from tests.vms_api.people import add_area
from vms_api.nodes.delivery import AlertPayload
from vms_api.patrols.round import DueRound
from vms_api.patrols.round_lifecycle import RoundState
from vms_api.patrols.round_store import add_due, find_round, save_round
from vms_api.rates.case import CaseResult, RateCase, in_order, result_of
from vms_api.rates.rate import Tally
from vms_api.settings import SiteSettings
from vms_api.tickets.cause import Cause
from vms_api.tickets.ticket import Finding

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_what_a_case_does_to_its_rate() -> None:
    """Counted alone it is for it, against it, not decided yet, or nothing at all."""
    assert [result_of(Tally(*alone)) for alone in ((1, 1, 1), (0, 1, 1), (0, 0, 1), (0, 0, 0))] == [
        CaseResult.FOR,
        CaseResult.AGAINST,
        CaseResult.OPEN,
        CaseResult.LEFT_OUT,
    ]


def test_what_costs_comes_first() -> None:
    """Then the latest first."""
    told = (("a", CaseResult.FOR, 1), ("b", CaseResult.AGAINST, 2), ("c", CaseResult.AGAINST, 3))
    cases = [
        RateCase(id=id_, name="", code="", area_id="", at=NOON + hours * HOUR, result=result)
        for id_, result, hours in told
    ]
    assert [case.id for case in in_order(cases)] == ["c", "b", "a"]


async def test_each_number_has_its_cases(tmp_path: Path) -> None:
    """A missed round and a walked one, an alert that nobody handled, a ticket that fell due."""
    clock = ManualClock(NOON)
    async with running_site(tmp_path / "data", clock=clock, site=SiteSettings(time_zone="UTC")) as site:
        north = await add_area(site, "North")
        camera = (await site.add_camera("Gate", area_id=north))["id"]
        rounds = await walk(site, north)
        alert = AlertPayload.model_validate(alert_payload(new_identifier(), camera, raised_at=NOON.isoformat()))
        await site.control.alerts.deliver(alert)
        async with site.control.database.write() as transaction:
            ticket_id = await site.control.tickets.desk.found(
                transaction, Finding(camera, Cause.DRIFT, NOON, "high", {})
            )
        due_at = (await site.http.get(f"/api/v1/tickets/{ticket_id}")).json()["due_at"]
        clock.step_wall(40 * 86400)
        assert (await log_in(site.http)).is_success
        window = {"from": "2026-11-02", "to": "2026-11-30"}
        wanted = {
            "patrol-completion": [(rounds[1], "missed", "against"), (rounds[0], "completed", "for")],
            "alert-handling": [(alert.id, alert.kind, "against")],
            "ticket-closure": [(ticket_id, "drift", "against")],
            "online": [],
        }
        for rate, cases in wanted.items():
            found = (await site.http.get(f"/api/v1/rates/{rate}/cases", params=window)).json()
            assert [(one["id"], one["code"], one["result"]) for one in found["items"]] == cases, rate
            assert found["total"] == len(cases)
        assert due_at < "2026-11-30"
        before = await site.http.get("/api/v1/rates/patrol-completion/cases", params={"day": "2026-11-01"})
        assert before.json()["items"] == []


async def walk(site: Site, area_id: str) -> list[str]:
    """Two rounds that were due at noon and an hour later: the first was walked, the second was not."""
    ids = []
    async with site.control.database.write() as transaction:
        for hour, state in enumerate((RoundState.COMPLETED, RoundState.MISSED)):
            at = NOON + hour * HOUR
            round_id = await add_due(transaction, DueRound("plan", 1, "Round", area_id, at, at + HOUR, 3))
            found = await find_round(transaction.connection, round_id or "")
            assert found is not None
            await save_round(transaction, found.model_copy(update={"state": state}))
            ids.append(found.id)
    return ids
