"""Rosters in force, what they mean for alerts, and shift handovers."""

from datetime import timedelta
from typing import Any

import pytest

from tests.vms_api.dispatch.town import Town
from vms_api.accounts.permission import Role
from vms_api.alerts.lifecycle import AlertAct
from vms_api.audit.entry import SYSTEM
from vms_api.cameras.camera import CameraPatch
from vms_api.database import RowRefused
from vms_api.duty import store
from vms_api.duty.errors import HandoverOwn, HandoverSigned, PersonWithoutRights, RosterStale
from vms_api.duty.roster import RosterIn
from vms_api.errors import NotFound

pytestmark = [pytest.mark.anyio, pytest.mark.both_databases]


def roster(town: Town, *shifts: tuple[str, str, str], version: int = 0, **more: Any) -> RosterIn:
    """Shifts of every day: (start, end, user name)."""
    made = [
        {
            "id": f"s{number}",
            "name": f"Shift {number}",
            "days": list(range(7)),
            "starts": starts,
            "ends": ends,
            "user_ids": [town.people[name].id],
        }
        for number, (starts, ends, name) in enumerate(shifts)
    ]
    return RosterIn.model_validate({"version": version, "shifts": made, **more})


async def test_who_is_on_duty(town: Town) -> None:
    """By the roster, in the order of those nearest to the centre; nobody in a gap, and until when."""
    desk = town.control.dispatch.rosters
    empty = desk.on_duty(town.village)
    assert (empty.has_roster, empty.is_manned, empty.people) == (False, True, [])
    shown = await desk.replace(town.village, roster(town, ("08:00", "20:00", "wang"), ("11:00", "13:00", "he")), SYSTEM)
    assert (shown.version, len(shown.gaps), len(shown.overlaps)) == (1, 7, 8)
    assert [(person.username, person.may_handle) for person in shown.people] == [
        (name, True) for name in ("he", "wang", "zhao", "li", "chen")
    ]
    now = desk.on_duty(town.village)
    assert [(person.username, person.shift) for person in now.people] == [("he", "Shift 1"), ("wang", "Shift 0")]
    assert now.until == town.clock.now() + timedelta(hours=8)
    later = desk.on_duty(town.village, town.clock.now() + timedelta(hours=8))
    assert (later.people, later.is_manned, later.shift) == ([], False, None)
    assert (await town.audit_kinds())[-1] == "duty.roster"


async def test_rosters_name_people_who_may_act_there(town: Town) -> None:
    """Others are refused by name; who loses the right later counts as absent, and is shown as such."""
    desk = town.control.dispatch.rosters
    stranger = await town.add_person("sun", Role.VIEWER, town.village)
    with pytest.raises(PersonWithoutRights) as refusal:
        await desk.replace(town.village, roster(town, ("08:00", "20:00", "sun")), SYSTEM)
    assert "sun" in refusal.value.errors[0].message
    with pytest.raises(NotFound):
        desk.centre(stranger.id)
    await desk.replace(town.village, roster(town, ("08:00", "20:00", "wang")), SYSTEM)
    await town.control.accounts.people.set_enabled(town.people["wang"].id, SYSTEM, enabled=False)
    assert not desk.on_duty(town.village).is_manned
    gone = [person.id for person in desk.shown(town.village).people if not person.may_handle]
    assert gone == [town.people["wang"].id]


async def test_two_who_save_at_once(town: Town) -> None:
    """The second is told that the roster is another one; a restart reads what was saved."""
    desk = town.control.dispatch.rosters
    await desk.replace(town.village, roster(town, ("08:00", "20:00", "wang")), SYSTEM)
    with pytest.raises(RosterStale):
        await desk.replace(town.village, roster(town, ("08:00", "20:00", "zhao")), SYSTEM)
    before = desk.shown(town.village)
    async with town.control.database.read() as connection:
        await town.control.dispatch.load(connection)
    assert desk.shown(town.village) == before


async def test_nobody_on_duty_takes_the_alert_up_at_once(town: Town) -> None:
    """And the history says why; where nobody has made a roster nobody is missing."""
    desk = town.control.dispatch.rosters
    await desk.replace(town.village, roster(town, ("20:00", "08:00", "wang")), SYSTEM)
    alert = await town.raise_alert()
    assert (alert.centre_id, alert.level, alert.overdue) == (town.township, 1, None)
    assert await town.history(alert.id) == [
        ("raise", None, None, None),
        ("escalate", None, "Lakeside centre", "nobody-on-duty"),
    ]


async def test_the_end_of_the_last_shift_takes_what_is_new_up(town: Town) -> None:
    """At that minute; what somebody has in hand stays."""
    desk = town.control.dispatch.rosters
    await desk.replace(town.village, roster(town, ("08:00", "12:02", "wang")), SYSTEM)
    new, taken = await town.raise_alert(), await town.raise_alert()
    await town.act(taken.id, AlertAct.ACKNOWLEDGE, "wang")
    await town.pass_time(1.9)
    assert (await town.alert(new.id)).level == 0
    await town.pass_time(0.1)
    assert [(await town.alert(each.id)).level for each in (new, taken)] == [1, 0]


async def test_a_changed_roster_is_looked_at_at_once(town: Town) -> None:
    """Who is taken off leaves the new alerts to the next centre."""
    desk = town.control.dispatch.rosters
    alert = await town.raise_alert()
    await desk.replace(town.village, roster(town, ("20:00", "08:00", "wang")), SYSTEM)
    await town.rounds()
    assert (await town.alert(alert.id)).centre_id == town.township


async def test_a_shift_is_handed_over_and_signed_for(town: Town) -> None:
    """What is open and what is faulty is the system's finding of that moment, and stays as it was found."""
    desk = town.control.dispatch
    await desk.rosters.replace(town.village, roster(town, ("08:00", "20:00", "wang")), SYSTEM)
    first, second, done = [await town.raise_alert() for _ in range(3)]
    await town.act(first.id, AlertAct.ACKNOWLEDGE, "wang")
    await town.act(done.id, AlertAct.ACKNOWLEDGE, "wang")
    await town.resolve(done.id, "wang")
    made = await desk.handovers.hand_over(town.village, "mind the weir", town.by("wang").actor)
    assert (made.shift, made.record.on_duty, made.record.open_count) == ("Shift 0", ["wang"], 2)
    assert [(alert.id, alert.owner) for alert in made.record.open_alerts] == [(first.id, "wang"), (second.id, None)]
    assert [(camera.name, camera.troubles) for camera in made.record.faulty_cameras] == [("Weir", ["offline"])]
    with pytest.raises(HandoverOwn):
        await desk.handovers.sign(made.id, "", town.by("wang").actor)
    signed = await desk.handovers.sign(made.id, "seen", town.by("zhao").actor)
    assert signed.signature is not None
    assert (signed.signature.username, signed.signature.note) == ("zhao", "seen")
    with pytest.raises(HandoverSigned):
        await desk.handovers.sign(made.id, "", town.by("he").actor)
    await town.resolve(first.id, "wang")
    await town.control.registry.change(town.camera_id, CameraPatch(enabled=False), SYSTEM)
    assert await desk.handovers.listed(town.village, None, 10) == [signed]
    again = await desk.handovers.hand_over(town.village, "", town.by("zhao").actor)
    assert (again.record.open_count, again.record.faulty_count) == (1, 0)
    assert [found.id for found in await desk.handovers.listed(town.village, again.id, 10)] == [made.id]
    assert (await town.audit_kinds())[-3:].count("duty.handover") == 1


async def test_the_database_itself_refuses_to_change_what_was_handed_over(town: Town) -> None:
    """Neither the record nor the signature can be rewritten or removed."""
    desk = town.control.dispatch.handovers
    made = await desk.hand_over(town.village, "", town.by("wang").actor)
    await desk.sign(made.id, "", town.by("zhao").actor)
    for table in (store.handovers, store.handover_signatures):
        for statement in (table.update().values(note="x"), table.delete()):
            with pytest.raises(RowRefused, match="append-only"):
                await _run(town, statement)


async def _run(town: Town, statement: Any) -> None:
    async with town.control.database.write() as transaction:
        await transaction.connection.execute(statement)
