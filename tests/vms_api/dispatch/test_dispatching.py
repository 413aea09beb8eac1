"""Alerts find their centre and their times, go up by the clock, and stop when they are handled."""

from datetime import timedelta

import pytest

from tests.vms_api.dispatch.town import Town
from vms_api.accounts.errors import NotAllowed
from vms_api.alerts.errors import DueInPast
from vms_api.alerts.lifecycle import AlertAct
from vms_api.alerts.list_store import AlertQuery, find_alerts
from vms_api.areas.area import AreaPatch
from vms_api.audit.entry import SYSTEM
from vms_api.dispatch import store
from vms_api.dispatch.dispatch_rule import DispatchRuleIn
from vms_api.dispatch.errors import CentreUnknown
from vms_api.dispatch.rounds import BATCH
from vms_api.dispatch.supervising import SuperviseAct

pytestmark = [pytest.mark.anyio, pytest.mark.both_databases]


def rule(area_id: str, **fields: object) -> DispatchRuleIn:
    body = {"name": "Night", "area_id": area_id, "acknowledge_within_s": 60, "resolve_within_s": 600, **fields}
    return DispatchRuleIn.model_validate(body)


async def test_without_rules_the_nearest_centre_answers_by_the_times_of_the_site(town: Town) -> None:
    """Five minutes to take it on, four hours to handle it."""
    alert = await town.raise_alert()
    now = town.clock.now()
    assert (alert.centre_id, alert.centre_name, alert.level) == (town.village, "North duty room", 0)
    assert (alert.acknowledge_by, alert.resolve_by) == (now + timedelta(minutes=5), now + timedelta(hours=4))


async def test_what_nobody_answers_goes_up_to_the_city(town: Town) -> None:
    """Each step is in the history, the audit log and the events; the list finds it by its centre and as overdue."""
    alert = await town.raise_alert()
    await town.pass_time(5)
    await town.pass_time(5)
    await town.pass_time(5)
    alert = await town.alert(alert.id)
    assert (alert.centre_name, alert.level, alert.overdue) == ("City centre", 2, "acknowledge")
    assert await town.history(alert.id) == [
        ("raise", None, None, None),
        ("escalate", None, "Lakeside centre", "not-acknowledged"),
        ("escalate", None, "City centre", "not-acknowledged"),
    ]
    assert (await town.audit_kinds())[-2:] == ["alert.escalate", "alert.escalate"]
    told = [event for event in await town.control.events.after(0) if event.kind == "alert.updated"]
    assert [event.data["level"] for event in told] == [1, 2]
    async with town.control.database.read() as connection:
        for asked, expected in (
            (AlertQuery(centre_id=town.city, is_overdue=True), [alert.id]),
            (AlertQuery(centre_id=town.village), []),
            (AlertQuery(is_overdue=False), []),
        ):
            assert [found.id for found in await find_alerts(connection, asked)] == expected


async def test_the_topmost_centre_is_reminded(town: Town) -> None:
    """After half an hour, an hour later, two hours later: nobody is above."""
    alert = await town.raise_alert()
    await town.pass_time(5)
    await town.pass_time(5)
    for minutes in (30, 60, 120):
        await town.pass_time(minutes)
    assert [act for act, *_ in await town.history(alert.id)][3:] == ["remind", "remind", "remind"]
    assert (await town.alert(alert.id)).urged_at == town.clock.now()


async def test_who_takes_it_on_stops_the_first_clock_and_starts_none(town: Town) -> None:
    """It is no longer overdue; the time to handle it goes on, and goes up without taking it from its owner."""
    alert = await town.raise_alert()
    await town.pass_time(5)
    taken = await town.act(alert.id, AlertAct.ACKNOWLEDGE, "wang")
    assert (taken.overdue, taken.level, taken.owner) == (None, 1, "wang")
    await town.pass_time(60)
    assert (await town.alert(alert.id)).level == 1
    await town.pass_time(180)
    late = await town.alert(alert.id)
    assert (late.overdue, late.level, late.owner, late.state) == ("resolve", 2, "wang", "ACKNOWLEDGED")


async def test_handled_alerts_stop_and_sent_back_ones_begin_anew(town: Town) -> None:
    """Nothing goes by the clock while it is reported; sending back gives the whole time again."""
    alert = await town.raise_alert()
    await town.act(alert.id, AlertAct.ACKNOWLEDGE, "wang")
    await town.resolve(alert.id, "wang")
    await town.pass_time(3 * 24 * 60)
    assert (await town.alert(alert.id)).level == 0
    again = await town.act(alert.id, AlertAct.REOPEN, "li")
    assert again.resolve_by == town.clock.now() + timedelta(hours=4)
    await town.pass_time(4 * 60)
    assert (await town.alert(alert.id)).overdue == "resolve"


async def test_a_rule_of_the_area_names_centre_and_times(town: Town) -> None:
    """By kind, severity and time of day; the nearer area's rule wins, then the lower position."""
    desk = town.control.dispatch.rules
    at_night = {"windows": [{"days": list(range(7)), "start": "22:00", "end": "06:00"}]}
    await desk.add(rule(town.city, position=0, acknowledge_within_s=600), SYSTEM)
    await desk.add(rule(town.village, position=2, acknowledge_within_s=120), SYSTEM)
    await desk.add(rule(town.village, position=1, severities=["high"], centre_id=town.township), SYSTEM)
    await desk.add(rule(town.village, position=0, schedule=at_night, centre_id=town.city), SYSTEM)
    now = town.clock.now()  # 08:00 in Shanghai
    alert = await town.raise_alert(severity="high")
    assert (alert.centre_id, alert.acknowledge_by) == (town.township, now + timedelta(seconds=60))
    alert = await town.raise_alert(severity="low")
    assert (alert.centre_id, alert.acknowledge_by) == (town.village, now + timedelta(seconds=120))
    town.clock.advance(15 * 3600)
    assert (await town.raise_alert(severity="low")).centre_id == town.city


async def test_a_rule_names_a_centre_that_sees_the_alerts(town: Town) -> None:
    """One at or above its area; a village's rule knows no other village, an area without a centre is none."""
    desk = town.control.dispatch.rules
    for area_id, centre_id in ((town.township, town.village), (town.village, "nowhere")):
        with pytest.raises(CentreUnknown):
            await desk.add(rule(area_id, centre_id=centre_id), SYSTEM)
    made = await desk.add(rule(town.village, centre_id=town.city), SYSTEM)
    changed = await desk.replace(made.id, rule(town.village, name="Day"), SYSTEM)
    assert town.control.dispatch.rules.listed() == [changed]
    await desk.remove(made.id, SYSTEM)
    assert town.control.dispatch.rules.listed() == []
    assert (await town.audit_kinds())[-3:] == [f"dispatch.rule-{act}" for act in ("add", "change", "remove")]


async def test_a_centre_that_is_given_up_leaves_nothing_behind(town: Town) -> None:
    """Its open alerts are placed anew, at the next one up; the area above all answers even without a centre."""
    alert = await town.raise_alert()
    handled = await town.raise_alert()
    await town.act(handled.id, AlertAct.ACKNOWLEDGE, "wang")
    handled = await town.resolve(handled.id, "wang")
    await town.control.areas.change(town.village, AreaPatch(centre=None), SYSTEM)
    await town.rounds()
    assert (await town.alert(alert.id)).centre_name == "Lakeside centre"
    assert (await town.alert(handled.id)).centre_name == "North duty room"
    await town.control.areas.change(town.township, AreaPatch(centre=None), SYSTEM)
    await town.control.areas.change(town.city, AreaPatch(centre=None), SYSTEM)
    await town.rounds()
    found = await town.alert(alert.id)
    assert (found.centre_id, found.centre_name) == (town.city, "Xueliang")


async def test_repeats_of_an_incident_go_along(town: Town) -> None:
    """One clock for all of them: up with the first, taken over with it; each has it in its history."""
    raised_at = town.clock.now().isoformat()
    first, repeat = [await town.raise_alert(raised_at=raised_at, rule_id="same") for _ in range(2)]
    assert repeat.incident_id == first.id
    await town.pass_time(5)
    assert [(await town.alert(each.id)).centre_id for each in (first, repeat)] == [town.township] * 2
    await town.supervise(first.id, SuperviseAct.TAKE_OVER, "chen")
    assert [(await town.alert(each.id)).owner for each in (first, repeat)] == ["chen", "chen"]
    assert [act for act, *_ in await town.history(repeat.id)] == ["raise", "escalate", "take-over"]
    assert (await town.audit_kinds()).count("alert.take-over") == 1


async def test_a_stop_of_days_is_one_step(town: Town) -> None:
    """Whoever comes late begins to count anew: no storm of steps, no jump to the top."""
    alert = await town.raise_alert()
    await town.pass_time(7 * 24 * 60)
    assert [act for act, *_ in await town.history(alert.id)] == ["raise", "escalate"]
    assert (await town.alert(alert.id)).acknowledge_by == town.clock.now() + timedelta(minutes=5)


async def test_a_clock_that_is_put_back_delays_nothing(town: Town) -> None:
    """A day ahead by mistake, then right again: five minutes are five minutes."""
    await town.rounds()
    town.clock.step_wall(86_400)
    await town.rounds()
    alert = await town.raise_alert()
    town.clock.step_wall(-86_400)
    await town.pass_time(0)
    await town.pass_time(5)
    assert (await town.alert(alert.id)).level == 1


async def test_a_thousand_due_at_once_are_taken_in_pieces(town: Town) -> None:
    """One look is never more than a batch, and none is forgotten or taken twice."""
    ids = [(await town.raise_alert()).id for _ in range(3 * BATCH + 1)]
    town.clock.advance(300)
    assert [await town.control.dispatch.rounds.look() for _ in range(5)] == [BATCH, BATCH, BATCH, 1, 0]
    for alert_id in ids[:: len(ids) - 1]:
        assert [act for act, *_ in await town.history(alert_id)] == ["raise", "escalate"]


async def test_a_look_that_fails_leaves_no_half_step(town: Town) -> None:
    """State, history, audit and event come together or not at all; the next look takes the same step once."""
    alert = await town.raise_alert()
    town.clock.advance(300)

    async def failing_look() -> None:
        async with town.control.database.write() as transaction:
            due = await store.due_alerts(transaction.connection, town.clock.now(), BATCH)
            await town.control.dispatch.rounds.take(transaction, due)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await failing_look()
    assert (await town.alert(alert.id)).level == 0
    await town.rounds()
    assert [act for act, *_ in await town.history(alert.id)] == ["raise", "escalate"]


async def test_a_dispatcher_sets_a_time_that_lies_ahead(town: Town) -> None:
    """With the assignment; not who has it in hand, not in the past, and the clock goes by it."""
    alert = await town.raise_alert()
    await town.act(alert.id, AlertAct.ACKNOWLEDGE, "wang")
    now = town.clock.now()
    for wrong in (now, now - timedelta(seconds=1), now + timedelta(days=400)):
        with pytest.raises(DueInPast):
            await town.assign(alert.id, "zhao", "he", resolve_by=wrong)
    with pytest.raises(NotAllowed):
        await town.assign(alert.id, "zhao", "wang", resolve_by=now + timedelta(days=2))
    given = await town.assign(alert.id, "zhao", "he", resolve_by=now + timedelta(minutes=20))
    assert (given.resolve_by, given.owner) == (now + timedelta(minutes=20), "zhao")
    await town.pass_time(20)
    assert (await town.alert(alert.id)).overdue == "resolve"
