"""Dispatchers between the centres: who may do what, and what becomes of the alert."""

from datetime import timedelta

import pytest

from tests.vms_api.dispatch.town import Town
from vms_api.accounts.errors import NotAllowed
from vms_api.alerts.errors import AlertMovedOn, DueInPast
from vms_api.alerts.handling import ActIn
from vms_api.alerts.lifecycle import AlertAct
from vms_api.dispatch.errors import NoCentreAbove, NoCentreBelow
from vms_api.dispatch.supervising import SEATS, SuperviseAct, UrgeIn

pytestmark = [pytest.mark.anyio, pytest.mark.both_databases]

ESCALATE, URGE, TAKE_OVER, SEND_BACK = SuperviseAct


def test_the_table_names_every_act() -> None:
    """Nothing is left to a default."""
    assert set(SEATS) == set(SuperviseAct)


async def test_each_act_takes_the_dispatcher_of_its_centre(town: Town) -> None:
    """Passing up takes the own centre's, urging and taking over the next one's; patrollers do none of it."""
    allowed = {
        ESCALATE: {"he", "li", "chen"},
        URGE: {"li", "chen"},
        TAKE_OVER: {"li", "chen"},
        SEND_BACK: {"li", "chen"},
    }
    for act, names in allowed.items():
        for name in ("wang", "he", "li", "chen"):
            alert = await town.raise_alert()
            if act is SEND_BACK:
                await town.supervise(alert.id, ESCALATE, "he")
            if name in names:
                await town.supervise(alert.id, act, name)
            else:
                with pytest.raises(NotAllowed):
                    await town.supervise(alert.id, act, name)


async def test_passed_up_by_hand(town: Town) -> None:
    """The township gets the whole time; its dispatcher passes it on, and nobody is above the city."""
    alert = await town.raise_alert()
    town.clock.advance(200)
    raised = await town.supervise(alert.id, ESCALATE, "he", ActIn(note="no car here"))
    assert (raised.centre_name, raised.level, raised.state) == ("Lakeside centre", 1, "NEW")
    assert raised.acknowledge_by == town.clock.now() + timedelta(minutes=5)
    with pytest.raises(NotAllowed):
        await town.supervise(alert.id, ESCALATE, "he")
    await town.supervise(alert.id, ESCALATE, "li")
    with pytest.raises(NoCentreAbove):
        await town.supervise(alert.id, ESCALATE, "chen")
    assert await town.history(alert.id) == [
        ("raise", None, None, None),
        ("escalate", "he", "Lakeside centre", None),
        ("escalate", "li", "City centre", None),
    ]
    assert (await town.audit_kinds())[-2:] == ["alert.escalate", "alert.escalate"]


async def test_urging_sets_a_time(town: Town) -> None:
    """It is seen on the alert; the time lies ahead, and a late alert that gets one is late no more until then."""
    alert = await town.raise_alert()
    await town.act(alert.id, AlertAct.ACKNOWLEDGE, "wang")
    await town.pass_time(240)
    assert (await town.alert(alert.id)).overdue == "resolve"
    with pytest.raises(DueInPast):
        await town.supervise(alert.id, URGE, "chen", UrgeIn(resolve_by=town.clock.now()))
    at = town.clock.now() + timedelta(minutes=30)
    urged = await town.supervise(alert.id, URGE, "chen", UrgeIn(resolve_by=at, note="today"))
    assert (urged.urged_at, urged.resolve_by, urged.overdue, urged.owner) == (town.clock.now(), at, None, "wang")
    await town.pass_time(30)
    assert (await town.alert(alert.id)).level == 2


async def test_taken_over_it_is_in_the_hand_of_who_took_it(town: Town) -> None:
    """At the centre of that person, however far up; from whoever had it; not once it is handled."""
    alert = await town.raise_alert()
    taken = await town.supervise(alert.id, TAKE_OVER, "chen")
    assert (taken.state, taken.owner, taken.acknowledged_by) == ("ACKNOWLEDGED", "chen", "chen")
    assert (taken.centre_id, taken.level) == (town.city, 2)
    alert = await town.raise_alert()
    await town.act(alert.id, AlertAct.ACKNOWLEDGE, "wang")
    taken = await town.supervise(alert.id, TAKE_OVER, "li")
    assert (taken.state, taken.owner, taken.acknowledged_by) == ("ASSIGNED", "li", "wang")
    assert (taken.centre_id, taken.level) == (town.township, 1)
    await town.resolve(alert.id, "li")
    with pytest.raises(AlertMovedOn):
        await town.supervise(alert.id, TAKE_OVER, "chen")
    with pytest.raises(AlertMovedOn):
        await town.supervise(alert.id, URGE, "chen")


async def test_the_topmost_centre_has_nobody_to_take_from_it(town: Town) -> None:
    """What is there already is acknowledged or assigned like anything else."""
    alert = await town.raise_alert()
    await town.supervise(alert.id, TAKE_OVER, "chen")
    with pytest.raises(NoCentreAbove):
        await town.supervise(alert.id, TAKE_OVER, "chen")
    urged = await town.supervise(alert.id, URGE, "chen")
    assert urged.urged_at == town.clock.now()


async def test_sent_back_it_is_new_below(town: Town) -> None:
    """In nobody's hand, with the whole time; what never came up goes nowhere."""
    alert = await town.raise_alert()
    with pytest.raises(NoCentreBelow):
        await town.supervise(alert.id, SEND_BACK, "he")
    await town.supervise(alert.id, TAKE_OVER, "chen")
    town.clock.advance(600)
    returned = await town.supervise(alert.id, SEND_BACK, "chen", ActIn(note="yours"))
    assert (returned.state, returned.owner, returned.acknowledged_at) == ("NEW", None, None)
    assert (returned.centre_id, returned.level) == (town.township, 1)
    returned = await town.supervise(alert.id, SEND_BACK, "li")
    assert (returned.centre_id, returned.level) == (town.village, 0)
    assert returned.acknowledge_by == town.clock.now() + timedelta(minutes=5)
    assert [step[:3] for step in await town.history(alert.id)][1:] == [
        ("take-over", "chen", "City centre"),
        ("send-back", "chen", "Lakeside centre"),
        ("send-back", "li", "North duty room"),
    ]
    assert (await town.act(alert.id, AlertAct.ACKNOWLEDGE, "wang")).owner == "wang"
