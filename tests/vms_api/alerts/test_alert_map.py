"""The map of a camera's alerts and the precision of its rules."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.identifier import new_identifier
from tests.fakes.node import alert_payload
from tests.vms_api.conftest import Site
from vms_api.alerts.alert_map import COLUMNS, ROWS, PlacedAlert, cells_of, precisions_of
from vms_api.alerts.handling import Verdict

_SHARE = st.floats(0, 1)


_PLACED = st.builds(
    PlacedAlert, st.tuples(*[_SHARE] * 4), st.sampled_from("abc"), st.just("r"), st.none(), is_card=st.booleans()
)


@given(st.lists(_PLACED))
def test_every_alert_with_a_box_is_in_one_field_of_the_grid(alerts: list[PlacedAlert]) -> None:
    """Also at the very edge of the picture."""
    cells = cells_of(alerts)
    assert sum(cell.count for cell in cells) == sum(alert.box[2] > alert.box[0] for alert in alerts)
    assert all(0 <= cell.column < COLUMNS and 0 <= cell.row < ROWS for cell in cells)
    assert sum(rule.alerts for rule in precisions_of(alerts)) == len(alerts)


def test_precision_counts_true_and_false_alone() -> None:
    """Duplicates, tests and what nobody has judged say nothing about a rule; the busiest rule comes first."""
    box = (0.1, 0.1, 0.2, 0.5)
    judged = [Verdict.TRUE, Verdict.TRUE, Verdict.FALSE, Verdict.DUPLICATE, Verdict.TEST, None]
    alerts = [PlacedAlert(box, "gate", "Gate", verdict, is_card=True) for verdict in judged]
    gate, yard = precisions_of([*alerts, PlacedAlert(box, "yard", "Yard", None, is_card=True)])
    assert (gate.rule_name, gate.alerts, gate.precision) == ("Gate", 6, pytest.approx(2 / 3))
    assert gate.verdicts[Verdict.DUPLICATE] == 1
    assert (yard.rule_id, yard.precision) == ("yard", None)


def test_a_storm_that_was_judged_once_counts_once() -> None:
    """Forty repeats of one false alert beside one true alert: half of what somebody looked at was true."""
    box = (0.1, 0.1, 0.2, 0.5)
    false = PlacedAlert(box, "gate", "Gate", Verdict.FALSE, is_card=True)
    true = PlacedAlert(box, "gate", "Gate", Verdict.TRUE, is_card=True)
    (gate,) = precisions_of([true, false, *[replace(false, is_card=False)] * 40])
    assert (gate.alerts, gate.verdicts, gate.precision) == (42, {Verdict.TRUE: 1, Verdict.FALSE: 1}, 0.5)


@pytest.mark.anyio
@pytest.mark.both_databases
async def test_the_map_shows_where_alerts_of_these_days_came_from(site: Site) -> None:
    """Of this camera alone, and not those of before."""
    camera = await site.add_camera()
    node = await site.start_node()
    now = site.control.clock.now().isoformat()
    for place, at in (
        ([0.1, 0.2, 0.3, 0.9], now),
        ([0.1, 0.2, 0.3, 0.9], now),
        ([0.1, 0.2, 0.3, 0.9], "2020-01-01T00:00:00Z"),
    ):
        payload = alert_payload(new_identifier(), camera["id"], rule_id="gate", box=place, raised_at=at)
        assert (await asyncio.to_thread(node.deliver, payload)).status_code == 204
    await asyncio.to_thread(node.deliver, alert_payload(new_identifier(), "another", raised_at=now))
    told = (await site.http.get(f"/api/v1/cameras/{camera['id']}/alert-map", params={"days": 7})).json()
    assert told["cells"] == [{"column": int(0.2 * COLUMNS), "row": int(0.9 * ROWS), "count": 2}]
    assert [(rule["rule_name"], rule["alerts"], rule["precision"]) for rule in told["rules"]] == [
        ("Night intrusion", 2, None)
    ]
    assert (told["days"], told["complete"]) == (7, True)
    assert (await site.http.get("/api/v1/cameras/nowhere/alert-map")).status_code == 404
