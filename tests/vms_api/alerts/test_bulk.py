"""One act on many alerts, and the checklist."""

from collections.abc import AsyncIterator

import pytest

from tests.vms_api.alerts.desk_room import DeskRoom, desk_room
from vms_api.alerts.bulk import BulkIn
from vms_api.alerts.bulk_desk import act_on_many
from vms_api.alerts.checklist import checklist_of, checks_of
from vms_api.alerts.errors import AlertMovedOn, StepUnknown
from vms_api.alerts.handling import JudgeIn, Verdict
from vms_api.alerts.lifecycle import AlertAct
from vms_api.database_place import DatabasePlace
from vms_api.errors import NotFound, Problem

pytestmark = pytest.mark.anyio


@pytest.fixture
async def room(database_place: DatabasePlace) -> AsyncIterator[DeskRoom]:
    async with desk_room(database_place) as opened:
        yield opened


async def in_bulk(room: DeskRoom, by: str, **asked: object) -> tuple[list[str], list[Problem]]:
    """What became of each: its new state, or the code of the problem; and the refusals that were heard of."""
    refused: list[Problem] = []

    async def hear(problem: Problem) -> None:
        refused.append(problem)

    results = await act_on_many(room.desk, BulkIn.model_validate(asked), room.handler(by), hear)
    assert [result.id for result in results] == list(dict.fromkeys(asked["ids"]))
    return [result.alert.state if result.alert else result.problem["code"] for result in results], refused


@pytest.mark.both_databases
async def test_each_has_its_own_result(room: DeskRoom) -> None:
    """What is refused for one leaves the others done; the same alert twice is one."""
    ids = [await room.raise_alert(1, rule_id=f"rule {number}") for number in range(4)]
    await room.act(ids[1], AlertAct.ACKNOWLEDGE, "zhao")
    asked = [ids[0], ids[1], "none", ids[2], ids[0]]
    states, refused = await in_bulk(room, "wang", ids=asked, act="acknowledge", note="all of them")
    assert states == ["ACKNOWLEDGED", "alert-moved-on", "not-found", "ACKNOWLEDGED"]
    assert [problem.code for problem in refused] == ["alert-moved-on", "not-found"]
    assert [(await room.alert(id_)).owner for id_ in ids] == ["wang", "zhao", "wang", None]
    states, refused = await in_bulk(room, "wang", ids=ids[:2], act="resolve", verdict="false")
    assert states == ["RESOLVED", "not-allowed"]
    assert (refused[0].is_denial, (await room.alert(ids[0])).verdict) == (True, "false")


async def test_nobody_from_outside_learns_what_there_is(room: DeskRoom) -> None:
    """An alert that is not there for the person answers as one that is not there at all."""
    alert_id = await room.raise_alert()
    states, refused = await in_bulk(room, "hu", ids=[alert_id, "none"], act="acknowledge")
    assert states == ["not-found"] * 2
    assert [problem.hides for problem in refused] == [True, False]


async def test_repeats_chosen_with_their_first_are_done(room: DeskRoom) -> None:
    """They have gone along: no conflict, and one step in their history; one handled apart has its own result."""
    ids = [await room.raise_alert(1) for _ in range(3)]
    await room.act(ids[2], AlertAct.ACKNOWLEDGE, "zhao")
    states, _ = await in_bulk(room, "wang", ids=ids[::-1], act="acknowledge")
    assert states == ["alert-moved-on", "ACKNOWLEDGED", "ACKNOWLEDGED"]
    assert [act for act, *_ in await room.acts(ids[1])] == ["raise", "acknowledge"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"ids": []},
        {"ids": ["a"] * 201},
        {"act": "assign"},
        {"user_id": "li"},
        {"verdict": "true"},
        {"act": "note"},
        {"state": "CLOSED"},
    ],
)
def test_what_is_not_asked_like_that(wrong: dict[str, object]) -> None:
    """Too many, an act without what it takes, or with what it does not take."""
    with pytest.raises(ValueError, match="validation error"):
        BulkIn.model_validate({"ids": ["a"], "act": "acknowledge"} | wrong)


def test_the_instructions_are_a_checklist() -> None:
    """A line a step, without what stands before it; ticks are kept by their place."""
    steps = checklist_of("1. Look\n\n - call the guard \n2、通知村委会\n12) go\n3 cows")
    assert [step.text for step in steps] == ["Look", "call the guard", "通知村委会", "go", "3 cows"]
    ticked = [step.model_copy(update={"done": True, "by": "li"}) if step.text == "go" else step for step in steps]
    assert checklist_of("a\nb\nc\nd", checks_of(ticked))[3].by == "li"
    assert checklist_of("") == []


@pytest.mark.both_databases
async def test_steps_are_ticked_and_taken_back(room: DeskRoom) -> None:
    """With who and when, each in the history once, and no longer once it was reported as handled."""
    alert_id = await room.raise_alert()
    await room.act(alert_id, AlertAct.ACKNOWLEDGE, "wang")
    async with room.database.write() as transaction:
        await transaction.connection.exec_driver_sql("UPDATE alerts SET instructions = 'Look\nCall'")
    by = room.handler("wang")
    for is_done in (True, True, False, True):
        room.clock.advance(1)
        await room.desk.check(alert_id, 1, by, is_done=is_done)
    look, call = (await room.alert(alert_id)).checklist
    assert (look.done, call.text, call.done, call.by, call.at) == (False, "Call", True, "wang", room.clock.now())
    assert [act for act, *_ in await room.acts(alert_id)] == ["raise", "acknowledge", "check", "check", "check"]
    with pytest.raises(StepUnknown):
        await room.desk.check(alert_id, 2, by, is_done=True)
    with pytest.raises(NotFound):
        await room.desk.check(alert_id, 0, room.handler("hu"), is_done=True)
    await room.act(alert_id, AlertAct.RESOLVE, "wang", JudgeIn(verdict=Verdict.TRUE))
    with pytest.raises(AlertMovedOn):
        await room.desk.check(alert_id, 0, by, is_done=True)
