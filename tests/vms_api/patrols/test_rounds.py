"""Going on a round: who has it, on which screen, and how it ends."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from tests.fakes.clock import START
from tests.vms_api.patrols.round_room import RoundRoom, round_room
from vms_api.accounts.errors import NotAllowed
from vms_api.accounts.permission import Role
from vms_api.database_place import DatabasePlace
from vms_api.errors import NotFound
from vms_api.patrols.plan import PatrolStop
from vms_api.patrols.round import Round
from vms_api.patrols.round_acts import AbortIn, HandOverIn, LeaseIn
from vms_api.patrols.round_errors import (
    HeirWithoutRights,
    RoundElsewhere,
    RoundIncomplete,
    RoundMovedOn,
    RoundTaken,
    StopClosed,
)

pytestmark = [pytest.mark.anyio, pytest.mark.both_databases]


@pytest.fixture
async def room(database_place: DatabasePlace) -> AsyncIterator[RoundRoom]:
    async with round_room(database_place) as opened:
        yield opened


def lease(epoch: int) -> LeaseIn:
    return LeaseIn(lease_epoch=epoch)


async def test_a_due_round_shows_its_plan_and_a_taken_one_its_own_stops(room: RoundRoom) -> None:
    """In the order of the round, with the names of the cameras; the plan may then change or go."""
    round_id = await room.due(order=(2, 0, 1))
    due = await room.read(round_id)
    assert [(stop.index, stop.camera_name) for stop in due.stops] == [(0, "Pond"), (1, "Gate"), (2, "Yard")]
    taken = await room.rounds.take(round_id, room.by("wang"))
    room.plans["plan", 1] = []
    assert (await room.read(round_id)).stops == taken.stops == due.stops
    assert (taken.state, taken.user_name, taken.lease_epoch, taken.started_at) == ("running", "wang", 1, START)
    assert [item.act for item in taken.history] == ["due", "take"]


async def test_of_two_people_one_gets_the_round(room: RoundRoom) -> None:
    """Both ask at the same moment; the other is told who has it, and can do nothing in it."""
    round_id = await room.due()
    asked = [room.rounds.take(round_id, room.by(name)) for name in ("wang", "zhao", "li")]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    won = [answer for answer in answers if isinstance(answer, Round)]
    lost = [answer for answer in answers if isinstance(answer, RoundTaken)]
    assert (len(won), len(lost)) == (1, 2)
    assert {refused.holder for refused in lost} == {won[0].user_name}
    other = next(name for name in ("wang", "zhao", "li") if name != won[0].user_name)
    with pytest.raises(RoundTaken):
        await room.arrive(won[0], "at-gate", other)
    with pytest.raises(RoundTaken):
        await room.rounds.pause(round_id, room.by(other), lease(1))


async def test_another_screen_goes_on_and_the_older_one_is_told(room: RoundRoom) -> None:
    """The same person takes the round again elsewhere: the stop in hand is still open, the old screen is refused."""
    round_ = await room.taken()
    await room.arrive(round_, "at-gate")
    await room.look(round_, "at-gate", 6)
    again = await room.rounds.take(round_.id, room.by("wang"))
    assert (again.lease_epoch, again.state, again.current) == (2, "running", 0)
    assert again.stops[0].is_open
    for act in (room.arrive(round_, "at-yard"), room.judge(round_, "at-gate"), room.look(round_, "at-gate", 2)):
        with pytest.raises(RoundElsewhere):
            await act
    before_s = again.stops[0].present_s
    assert before_s == 4
    first = await room.look(round_, "at-gate", 2, lease_epoch=2, input=True)
    assert first.present_s == before_s, "a gap counts nothing"
    assert (await room.look(round_, "at-gate", 2, lease_epoch=2)).present_s == before_s + 2


async def test_a_pause_leaves_the_stop_and_keeps_what_was_counted(room: RoundRoom) -> None:
    """Nothing is done in a paused round; it goes on with the seconds that each stop had."""
    round_ = await room.taken()
    await room.arrive(round_, "at-gate")
    await room.look(round_, "at-gate", 6)
    paused = await room.rounds.pause(round_.id, room.by("wang"), lease(1))
    assert (paused.state, paused.stops[0].left_at) == ("paused", START + timedelta(seconds=6))
    with pytest.raises(RoundMovedOn):
        await room.arrive(round_, "at-gate")
    resumed = await room.rounds.resume(round_.id, room.by("wang"))
    assert (resumed.state, resumed.lease_epoch) == ("running", 2)
    back = await room.arrive(resumed, "at-gate", epoch=2)
    assert (back.present_s, back.arrived_at, back.left_at) == (4, START, None)
    with pytest.raises(RoundMovedOn):
        await room.rounds.resume(await room.due(plan_id="plan", due_at=START + timedelta(1)), room.by("wang"))


async def test_a_round_is_handed_to_somebody_who_may_go_on_it(room: RoundRoom) -> None:
    """By who has it, or by a supervisor; the next one resumes it with what was done, the last one has it no more."""
    round_ = await room.taken()
    await room.arrive(round_, "at-pond")
    await room.look(round_, "at-pond")
    await room.judge(round_, "at-pond")
    with pytest.raises(NotAllowed):
        await room.rounds.hand_over(round_.id, room.by("zhao"), HandOverIn(user_id="zhao"))
    with pytest.raises(HeirWithoutRights):
        await room.rounds.hand_over(round_.id, room.by("wang"), HandOverIn(user_id="hu"))
    assert set(await room.rounds.heirs(round_.id, room.by("wang"))) == {"zhao", "li", "chen"}
    given = await room.rounds.hand_over(round_.id, room.by("wang"), HandOverIn(user_id="zhao", note="my shift ends"))
    assert (given.state, given.user_name) == ("paused", "zhao")
    assert (given.history[-1].act, given.history[-1].note, given.history[-1].detail) == (
        "hand-over",
        "my shift ends",
        {"to": "zhao"},
    )
    with pytest.raises(RoundTaken):
        await room.rounds.resume(round_.id, room.by("wang"))
    resumed = await room.rounds.resume(round_.id, room.by("zhao"))
    assert (resumed.lease_epoch, resumed.done_count, resumed.stops[2].verdict) == (3, 1, "normal")
    taken_away = await room.rounds.hand_over(round_.id, room.by("chen"), HandOverIn(user_id="li"))
    assert taken_away.user_name == "li"


async def test_a_round_is_finished_when_enough_is_done(room: RoundRoom) -> None:
    """Not before its share of stops is done; what is over stays over."""
    round_ = await room.taken(complete_at=0.6)
    with pytest.raises(RoundIncomplete) as refused:
        await room.rounds.finish(round_.id, room.by("wang"), lease(1))
    assert refused.value.document()["missing"] == 2
    for stop_id in ("at-yard", "at-pond"):
        await room.arrive(round_, stop_id)
        await room.look(round_, stop_id)
        await room.judge(round_, stop_id)
    over = await room.rounds.finish(round_.id, room.by("wang"), lease(1))
    assert (over.state, over.done_count, over.late) == ("completed", 2, False)
    for act in (room.rounds.take(round_.id, room.by("wang")), room.arrive(round_, "at-gate")):
        with pytest.raises(RoundMovedOn):
            await act


async def test_what_is_finished_after_the_deadline_is_late(room: RoundRoom) -> None:
    """By the wall clock, however it was set meanwhile; the round runs on until then."""
    round_ = await room.taken(complete_at=0.0)
    room.desk.clock.step_wall(3601)
    over = await room.rounds.finish(round_.id, room.by("wang"), lease(1))
    assert (over.state, over.late) == ("completed", True)


async def test_ending_early_takes_a_reason_and_the_right_person(room: RoundRoom) -> None:
    """Whoever has the round, or a supervisor; a due one is called off by a supervisor alone."""
    round_ = await room.taken()
    await room.arrive(round_, "at-gate")
    with pytest.raises(NotAllowed):
        await room.rounds.abort(round_.id, room.by("li"), AbortIn(note="no"))
    ended = await room.rounds.abort(round_.id, room.by("wang"), AbortIn(note="called to a fire"))
    assert (ended.state, ended.history[-1].note, ended.stops[0].is_open) == ("aborted", "called to a fire", False)
    due = await room.due(due_at=START + timedelta(hours=2))
    with pytest.raises(NotAllowed):
        await room.rounds.abort(due, room.by("wang"), AbortIn(note="no"))
    called_off = await room.rounds.abort(due, room.by("chen"), AbortIn(note="holiday"))
    assert (called_off.state, [stop.verdict for stop in called_off.stops]) == ("aborted", [None] * 3)


async def test_who_loses_the_area_loses_the_round(room: RoundRoom) -> None:
    """Every act is refused from that moment; a supervisor gives the round to somebody else."""
    round_ = await room.taken()
    await room.arrive(round_, "at-gate")
    room.grant({"zhao": (Role.PATROLLER, "root"), "chen": (Role.SUPERVISOR, "root"), "wang": (Role.VIEWER, "village")})
    for act in (room.look(round_, "at-gate", 2), room.judge(round_, "at-gate"), room.arrive(round_, "at-yard")):
        with pytest.raises(NotAllowed):
            await act
    room.grant({"zhao": (Role.PATROLLER, "root"), "chen": (Role.SUPERVISOR, "root")})
    with pytest.raises(NotFound):
        await room.read(round_.id)
    given = await room.rounds.hand_over(round_.id, room.by("chen"), HandOverIn(user_id="zhao"))
    resumed = await room.rounds.resume(given.id, room.by("zhao"))
    assert (resumed.user_name, resumed.stops[0].arrived_at) == ("zhao", START)


async def test_each_act_is_audited_and_told(room: RoundRoom) -> None:
    """One row and one event each, with who did it and where."""
    round_ = await room.taken(complete_at=0.0)
    await room.rounds.pause(round_.id, room.by("wang"), lease(1))
    await room.rounds.resume(round_.id, room.by("wang"))
    await room.rounds.finish(round_.id, room.by("wang"), lease(2))
    await room.rounds.protocol(round_.id, room.by("chen"))
    rows = await room.desk.trail()
    assert [(row["kind"], row["actor"]["name"], row["area_id"]) for row in rows] == [
        ("patrol.take", "wang", "village"),
        ("patrol.pause", "wang", "village"),
        ("patrol.resume", "wang", "village"),
        ("patrol.finish", "wang", "village"),
        ("patrol.protocol", "chen", "village"),
    ]
    told = await room.desk.heard("patrol.round")
    assert [(event.data["state"], event.area_id) for event in told] == [
        ("running", "village"),
        ("paused", "village"),
        ("running", "village"),
        ("completed", "village"),
    ]


async def test_a_plan_of_ten_thousand_stops_is_gone_on_stop_by_stop(room: RoundRoom) -> None:
    """Taken as a whole, and each act touches one stop; an empty plan is complete at once."""
    many = [PatrolStop(id=str(n), camera_id="gate") for n in range(10_000)]
    room.plans["long", 1] = many
    round_ = await room.taken(plan_id="long", stop_count=10_000, order=tuple(reversed(range(10_000))))
    assert (len(round_.stops), round_.stops[0].id) == (10_000, "9999")
    stop = await room.arrive(round_, "7")
    assert (stop.index, stop.camera_name) == (9992, "Gate")
    room.plans["empty", 1] = []
    empty = await room.taken(plan_id="empty", stop_count=0)
    assert (await room.rounds.finish(empty.id, room.by("wang"), lease(1))).state == "completed"


async def test_a_stop_that_was_left_is_not_open(room: RoundRoom) -> None:
    """One at a time, or as many as the round shows at once: coming to one more leaves the first."""
    round_ = await room.taken()
    await room.arrive(round_, "at-gate")
    await room.arrive(round_, "at-yard")
    with pytest.raises(StopClosed):
        await room.look(round_, "at-gate", 2)
    four = await room.taken(due_at=START + timedelta(days=1), grid=4)
    for stop_id in ("at-gate", "at-yard", "at-pond"):
        await room.arrive(four, stop_id)
    assert [stop.is_open for stop in (await room.read(four.id)).stops] == [True] * 3
