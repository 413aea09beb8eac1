"""Rounds become due by themselves, people are told in time, and what nobody walks is missed: on a real database."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.vms_api.dispatch.town import Town
from tests.vms_api.patrols.plan_town import MORNING, add_plan, look, opened_patrol_town, rounds
from vms_api.audit.entry import SYSTEM
from vms_api.audit.store import AuditQuery, list_rows
from vms_api.database_place import DatabasePlace
from vms_api.duty.roster import RosterIn, Shift
from vms_api.events import Event
from vms_api.patrols import clock_store, round_store
from vms_api.patrols.patrol_desks import PatrolGround, patrol_desks
from vms_api.patrols.plan import PatrolPlanIn
from vms_api.patrols.round import RoundSummary
from vms_api.patrols.round_acts import LeaseIn, VerdictIn
from vms_api.patrols.round_errors import RoundMovedOn
from vms_api.patrols.round_lifecycle import RoundState
from vms_api.patrols.settings import PatrolSettings

pytestmark = pytest.mark.anyio


@pytest.fixture
async def town(tmp_path: Path, database_place: DatabasePlace) -> AsyncIterator[Town]:
    async with opened_patrol_town(tmp_path, database_place) as opened:
        yield opened


async def pass_time(town: Town, minutes: float) -> None:
    town.clock.advance(minutes * 60)
    await look(town)


def set_clock(town: Town, minutes: float) -> None:
    """So many minutes after the beginning of the test, whatever the clock shows now."""
    town.clock.step_wall((MORNING + timedelta(minutes=minutes) - town.clock.now()).total_seconds())


async def history(town: Town, round_id: str) -> list[str]:
    async with town.control.database.read() as connection:
        return [entry.act for entry in await round_store.list_history(connection, round_id)]


async def news(town: Town, kind: str) -> list[Event]:
    return [event for event in await town.control.events.after(0) if event.kind == kind]


async def told(town: Town, kind: str) -> list[tuple[str | None, list[str], str | None]]:
    """(centre, names, reason) of each event of the kind."""
    names = {user.id: name for name, user in town.people.items()}
    return [
        (event.data["centre"], [names[id_] for id_ in event.data["user_ids"]], event.data["reason"])
        for event in await news(town, kind)
    ]


async def audited(town: Town, kind: str) -> list[dict[str, Any]]:
    async with town.control.database.read() as connection:
        rows = await list_rows(connection, AuditQuery(limit=10_000))
    return [body["detail"] for row in reversed(rows) if (body := json.loads(row.body))["kind"] == kind]


async def take(town: Town, found: RoundSummary) -> None:
    """Wang is under way."""
    taken = found.model_copy(update={"state": RoundState.RUNNING, "user_id": town.people["wang"].id})
    async with town.control.database.write() as transaction:
        await round_store.save_round(transaction, taken)


@pytest.mark.both_databases
async def test_a_round_is_due_at_its_minute_and_not_before(town: Town) -> None:
    """It keeps the plan's version, and whoever the plan names is asked."""
    plan = await add_plan(town)
    await pass_time(town, 59)
    assert await rounds(town) == []
    await pass_time(town, 1)
    (found,) = await rounds(town)
    assert (found.plan_id, found.plan_version, found.state, found.stop_count) == (plan.id, 1, RoundState.DUE, 2)
    assert found.due_at == MORNING + timedelta(hours=1)
    assert found.deadline_at == found.due_at + timedelta(minutes=90)
    assert await told(town, "patrol.due") == [("North duty room", ["wang"], None)]
    await look(town)
    assert len(await rounds(town)) == 1


async def test_nobody_comes(town: Town) -> None:
    """One reminder, another with word to the supervisor here, then it is missed, which the centre above hears too."""
    await add_plan(town)
    await pass_time(town, 60 + 29)
    assert await told(town, "patrol.reminder") == []
    await pass_time(town, 1)
    assert await told(town, "patrol.reminder") == [("North duty room", ["wang"], None)]
    await pass_time(town, 29)
    assert await told(town, "patrol.escalated") == []
    await pass_time(town, 1)
    assert len(await told(town, "patrol.reminder")) == 2
    assert await told(town, "patrol.escalated") == [("North duty room", ["sun"], "not-taken")]
    await pass_time(town, 30)
    (found,) = await rounds(town)
    assert found.state is RoundState.MISSED
    assert await told(town, "patrol.missed") == [("North duty room", ["sun"], None)]
    assert (await told(town, "patrol.escalated"))[1:] == [("Lakeside centre", ["qian"], "missed")]
    assert await history(town, found.id) == ["due", "remind", "remind", "escalate", "miss", "escalate"]
    assert [row["reason"] for row in await audited(town, "patrol.missed")] == ["not-taken"]
    await pass_time(town, 24 * 60 - 1)
    assert len(await told(town, "patrol.missed")) == 1


async def test_a_round_under_way_is_late_and_not_missed(town: Town) -> None:
    """Who has taken it is not reminded any more; past the deadline it is late, once, and goes on."""
    await add_plan(town)
    await pass_time(town, 60)
    (found,) = await rounds(town)
    await take(town, found)
    await pass_time(town, 89)
    assert await told(town, "patrol.reminder") == []
    await pass_time(town, 1)
    await pass_time(town, 5)
    (found,) = await rounds(town)
    assert (found.state, found.late) == (RoundState.RUNNING, True)
    assert await told(town, "patrol.escalated") == [("North duty room", ["sun"], "late")]
    assert len(await audited(town, "patrol.late")) == 1


@pytest.mark.both_databases
async def test_a_late_round_that_nobody_goes_on_with_is_abandoned(town: Town) -> None:
    """Four hours after the deadline, or after the last thing that was done about it; what was done stands."""
    wang = town.by("wang")
    await add_plan(town)
    await pass_time(town, 60)
    (found,) = await rounds(town)
    taken = await town.control.rounds.rounds.take(found.id, wang)
    await pass_time(town, 90)
    await pass_time(town, 120)
    first = taken.stops[0].id
    lease = LeaseIn(lease_epoch=1)
    await town.control.rounds.stops.arrive(found.id, first, wang, lease)  # no node shows it
    fault = VerdictIn.model_validate({"lease_epoch": 1, "verdict": "camera-fault"})
    judged = await town.control.rounds.stops.judge(found.id, first, wang, fault)
    await pass_time(town, 239)
    assert [each.state for each in await rounds(town)] == [RoundState.RUNNING]
    await pass_time(town, 1)
    over = await town.control.rounds.rounds.read(found.id, wang)
    assert (over.state, over.late, over.finished_at) == (RoundState.ABANDONED, True, town.clock.now())
    assert (over.stops[0], over.done_count) == (judged, 1)
    assert await history(town, found.id) == ["due", "take", "late", "escalate", "abandon", "escalate"]
    assert over.history[-2].detail["since"] == (MORNING + timedelta(minutes=60 + 90 + 120)).isoformat()
    assert (await told(town, "patrol.escalated"))[1:] == [("North duty room", ["sun"], "abandoned")]
    assert [row["reason"] for row in await audited(town, "patrol.abandoned")] == ["nobody-went-on"]
    with pytest.raises(RoundMovedOn):
        await town.control.rounds.rounds.resume(found.id, wang)
    await pass_time(town, 300)
    assert len(await audited(town, "patrol.abandoned")) == 1


async def test_late_rounds_from_before_there_was_an_end_have_one(town: Town) -> None:
    """A round that was left open, with no clock of its own, is looked at when the site starts."""
    await add_plan(town)
    await pass_time(town, 60)
    (found,) = await rounds(town)
    await take(town, found)
    await pass_time(town, 90)
    async with town.control.database.write() as transaction:
        await clock_store.delete_clock(transaction, found.id)
    town.clock.advance(4 * 3600)
    await look(town)
    assert [each.state for each in await rounds(town)] == [RoundState.RUNNING]
    started = patrol_desks(
        PatrolSettings(),
        PatrolGround(
            town.control.database,
            town.control.events,
            town.control.audit,
            town.control.rights,
            town.control.dispatch.board,
            town.clock,
        ),
    )
    while await started.due.look():
        pass
    assert [each.state for each in await rounds(town)] == [RoundState.ABANDONED]


async def test_whoever_is_on_duty_is_asked(town: Town) -> None:
    """By the roster of the plan's centre; when nobody is on duty, all who may patrol there."""
    await add_plan(town, people={"roster": True})
    shift = Shift(id="s", name="Day", days=[1], starts="06:00", ends="20:00", user_ids=[town.people["zhao"].id])
    await town.control.dispatch.rosters.replace(town.village, RosterIn(version=0, shifts=[shift]), SYSTEM)
    await pass_time(town, 60)
    await pass_time(town, 24 * 60)
    asked = [names for _centre, names, _reason in await told(town, "patrol.due")]
    assert asked[0] == ["zhao"]
    assert set(asked[1]) == {"wang", "zhao", "he", "sun"}


async def test_days_without_power_are_recorded_and_bounded(town: Town) -> None:
    """Of ten days the last week is missed round by round; of the first three a row says that nothing is known."""
    await add_plan(town)
    await look(town)
    await pass_time(town, 10 * 24 * 60)
    found = await rounds(town)
    assert {each.state for each in found} == {RoundState.MISSED}
    assert [each.due_at.day for each in found] == [6, 7, 8, 9, 10, 11, 12]
    (gap, *others) = await audited(town, "patrol.missed")
    assert (gap["unrecorded_from"][:10], gap["unrecorded_to"][:10]) == ("2026-03-03", "2026-03-06")
    assert [row["reason"] for row in others] == ["not-running"] * 7
    assert [event.data["count"] for event in await news(town, "patrol.missed")] == [7]


async def test_a_clock_far_ahead_writes_no_flood(town: Town) -> None:
    """Every five minutes for years: two hundred rounds, told in ten batches, and then the next one lies ahead."""
    around = {"days": list(range(7)), "starts": "00:00", "ends": "00:00", "every_s": 300}
    await add_plan(town, schedule={"windows": [around]}, deadline_s=300)
    await pass_time(town, 5 * 365 * 24 * 60)
    assert len(await rounds(town)) <= 202
    assert len(await news(town, "patrol.missed")) <= 11
    plan = (await town.control.patrols.plans.listed([town.village], None, None))[0]
    assert plan.next_due_at is not None
    assert timedelta(0) < plan.next_due_at - town.clock.now() <= timedelta(minutes=5)


@pytest.mark.both_databases
async def test_a_clock_that_was_ahead_is_put_right(town: Town) -> None:
    """What was missed in a time that has not come is taken back, and is due again when it comes."""
    await add_plan(town)
    await look(town)
    await pass_time(town, 3 * 24 * 60)
    assert len(await rounds(town)) == 3
    set_clock(town, 30)
    await look(town)
    assert await rounds(town) == []
    assert [row["count"] for row in await audited(town, "patrol.withdraw")] == [3]
    await pass_time(town, 30)
    (found,) = await rounds(town)
    assert (found.state, found.due_at) == (RoundState.DUE, MORNING + timedelta(hours=1))


async def test_a_round_that_was_missed_too_early_is_due_again(town: Town) -> None:
    """The clock jumped past its deadline and back, within it; one that somebody has taken stays as it is."""
    await add_plan(town)
    await add_plan(town, name="Taken")
    await pass_time(town, 70)
    taken = next(each for each in await rounds(town) if each.name == "Taken")
    await take(town, taken)
    await pass_time(town, 600)
    set_clock(town, 75)
    await look(town)
    found = {each.name: each for each in await rounds(town)}
    assert found["Weir and gate"].state is RoundState.DUE
    assert found["Taken"].state is RoundState.RUNNING
    assert len(found) == 2


async def test_a_changed_plan_keeps_its_rounds_and_loses_none(town: Town) -> None:
    """The round that is due keeps version 1; one that was not written yet is not lost by the change."""
    plan = await add_plan(town)
    town.clock.advance(61 * 60)
    body = plan.model_dump(include=set(PatrolPlanIn.model_fields)) | {"name": "Renamed", "version": 1}
    await town.control.patrols.plans.replace(plan.id, PatrolPlanIn.model_validate(body), SYSTEM)
    await look(town)
    await pass_time(town, 24 * 60)
    assert [(each.name, each.plan_version) for each in await rounds(town)] == [("Renamed", 2), ("Renamed", 2)]


async def test_plans_that_are_off_or_removed_are_not_due(town: Town) -> None:
    """And what was due before stays."""
    plan = await add_plan(town)
    await add_plan(town, name="Off", enabled=False)
    await pass_time(town, 60)
    await town.control.patrols.plans.remove(plan.id, SYSTEM)
    await pass_time(town, 24 * 60)
    (found,) = await rounds(town)
    assert (found.name, found.state) == ("Weir and gate", RoundState.MISSED)


async def test_a_shuffled_order_is_each_rounds_own_and_takes_every_stop(town: Town) -> None:
    """Another one from day to day."""
    stops = [{"camera_id": town.camera_id, "preset": str(place)} for place in range(30)]
    await add_plan(town, order="shuffled", stops=stops, deadline_s=3600)
    orders = []
    for _ in range(2):
        await pass_time(town, 60)
        found = (await rounds(town))[-1]
        async with town.control.database.read() as connection:
            orders.append(await round_store.find_order(connection, found.id))
        await pass_time(town, 23 * 60)
    assert sorted(orders[0] or ()) == sorted(orders[1] or ()) == list(range(30))
    assert orders[0] != orders[1] != list(range(30))


@pytest.mark.both_databases
async def test_two_looks_at_once_write_one_round(town: Town) -> None:
    """As after a restart in the middle: a plan and a time make one round."""
    await add_plan(town)
    town.clock.advance(3600)
    await asyncio.gather(*(town.control.patrols.due.look() for _ in range(5)))
    assert len(await rounds(town)) == 1
    assert len(await news(town, "patrol.due")) == 1
