"""One act on many tickets, other times to mend, and duplicates."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from pydantic import ValidationError

from tests.vms_api.tickets.ticket_room import TicketRoom, ticket_room
from vms_api.database_place import DatabasePlace
from vms_api.errors import Problem
from vms_api.tickets.bulk import MOST, TicketBulkIn
from vms_api.tickets.bulk_desk import act_on_many_tickets
from vms_api.tickets.cause import Cause
from vms_api.tickets.errors import TicketDuplicateWrong, TicketMovedOn, TicketTimeWrong
from vms_api.tickets.handling import TicketAssignIn, TicketCloseIn, TicketDueIn
from vms_api.tickets.lifecycle import TicketAct
from vms_api.tickets.list_store import opened_between

pytestmark = [pytest.mark.anyio, pytest.mark.both_databases]


@pytest.fixture
async def room(database_place: DatabasePlace) -> AsyncIterator[TicketRoom]:
    async with ticket_room(database_place) as opened:
        await opened.add_cameras("gate", "weir", "mill")
        await opened.add_cameras("dock", area_id="south")
        yield opened


async def in_bulk(room: TicketRoom, by: str = "ma", **asked: object) -> tuple[list[str], list[Problem]]:
    """What became of each: its new state, or the code of the problem; and the refusals that were heard of."""
    refused: list[Problem] = []

    async def hear(problem: Problem) -> None:
        refused.append(problem)

    body = TicketBulkIn.model_validate(asked).root
    results = await act_on_many_tickets(room.desk, body, room.handler(by), hear)
    assert [result.id for result in results] == list(dict.fromkeys(body.ids))
    return [result.ticket.state if result.ticket else (result.problem or {})["code"] for result in results], refused


async def duplicate(room: TicketRoom, ticket_id: str, original_id: str) -> None:
    await room.act(ticket_id, TicketAct.CLOSE, body=TicketCloseIn(duplicate_of=original_id))


async def test_each_has_its_own_result(room: TicketRoom) -> None:
    """What is refused for one leaves the others done; the same ticket twice is one."""
    ids = [await room.found(camera_id) for camera_id in ("gate", "weir", "mill")]
    await room.act(ids[1], TicketAct.FIX)
    due_at = room.clock.now() + timedelta(hours=5)
    asked = {"act": "assign", "user_id": "ma", "due_at": due_at, "note": "by ladder"}
    states, refused = await in_bulk(room, "li", ids=[*ids, "none", ids[0]], **asked)
    assert states == ["assigned", "ticket-moved-on", "assigned", "not-found"]
    assert [problem.code for problem in refused] == ["ticket-moved-on", "not-found"]
    found = [await room.ticket(id_) for id_ in ids]
    assert [ticket.assignee for ticket in found] == ["ma", None, "ma"]
    assert [ticket.due_at == due_at for ticket in found] == [True, False, True]
    states, _ = await in_bulk(room, ids=ids, act="pause", reason="power-cut")
    assert states == ["paused", "ticket-moved-on", "paused"]


async def test_nobody_from_outside_learns_what_there_is(room: TicketRoom) -> None:
    """A ticket that is not there for the person answers as one that is not there at all."""
    states, refused = await in_bulk(room, "hu", ids=[await room.found(), "none"], act="start")
    assert states == ["not-found"] * 2
    assert [problem.hides for problem in refused] == [True, False]


@pytest.mark.parametrize(
    "asked",
    [
        {"ids": []},
        {"ids": [str(number) for number in range(MOST + 1)]},
        {"act": "confirm"},
        {"act": "pause"},
        {"act": "due"},
        {"user_id": "ma"},
    ],
)
def test_what_makes_no_sense_is_refused_as_a_whole(asked: dict[str, object]) -> None:
    """None, too many, the system's own act, what lacks its reason or its time, and what belongs to another act."""
    TicketBulkIn.model_validate({"ids": ["one"], "act": "close", "note": "x"})
    with pytest.raises(ValidationError):
        TicketBulkIn.model_validate({"ids": ["one"], "act": "close", "note": "x"} | asked)


async def test_another_time_to_mend_is_written_down(room: TicketRoom) -> None:
    """Whoever has it and how far it is stay; the past, and a ticket that waits for nobody, take no time."""
    ticket_id = await room.found()
    await room.act(ticket_id, TicketAct.ASSIGN, "li", TicketAssignIn(user_id="ma"))
    wanted = room.clock.now() + timedelta(hours=6)
    ticket = await room.act(ticket_id, TicketAct.DUE, "li", TicketDueIn(due_at=wanted, note="the mayor comes"))
    assert (ticket.due_at, ticket.state, ticket.assignee) == (wanted, "assigned", "ma")
    assert [row["kind"] for row in await room.trail()][-1] == "ticket.due"
    with pytest.raises(TicketTimeWrong):
        await room.act(ticket_id, TicketAct.DUE, "li", TicketDueIn(due_at=room.clock.now()))
    await room.act(ticket_id, TicketAct.FIX)
    with pytest.raises(TicketMovedOn):
        await room.act(ticket_id, TicketAct.DUE, "li", TicketDueIn(due_at=wanted))


async def test_a_duplicate_needs_no_reason_and_stands_behind_the_other(room: TicketRoom) -> None:
    """While the other is open, the same fault found again is no new ticket; it is counted once in the statistics."""
    first, second = await room.found("gate"), await room.found("weir")
    await duplicate(room, second, first)
    closed = await room.ticket(second)
    assert (closed.state, closed.duplicate_of) == ("closed", first)
    assert (closed.history[-1].act, closed.history[-1].detail["number_of"]) == ("close", 1)
    room.clock.advance(3600)
    assert await room.found("weir") == first
    assert [ticket.id for ticket in await room.open_tickets()] == [first]
    async with room.database.read() as connection:
        since = room.clock.now() - timedelta(days=1)
        opened = await opened_between(connection, {"north"}, since, room.clock.now())
    assert [ticket.id for ticket in opened] == [first]


async def test_a_duplicate_goes_on_by_itself_once_the_other_is_closed(room: TicketRoom) -> None:
    """Then the fault that is found again opens it again, as any other that was closed a short while ago."""
    first, second = await room.found("gate"), await room.found("weir")
    await duplicate(room, second, first)
    await room.act(first, TicketAct.CLOSE, body=TicketCloseIn(note="pole gone"))
    assert await room.found("weir") == second
    back = await room.ticket(second)
    assert (back.state, back.duplicate_of, back.repeated) == ("open", None, True)


async def test_duplicates_follow_when_their_original_turns_out_to_be_one(room: TicketRoom) -> None:
    """Weir is gate, gate is dock: then weir is dock."""
    gate, weir, dock = [await room.found(camera_id) for camera_id in ("gate", "weir", "dock")]
    await duplicate(room, weir, gate)
    await duplicate(room, gate, dock)
    assert [(await room.ticket(id_)).duplicate_of for id_ in (weir, gate, dock)] == [dock, dock, None]


async def test_nothing_is_its_own_duplicate_or_that_of_what_is_closed(room: TicketRoom) -> None:
    """Nor of what does not exist; chosen together with the others, the original is refused and the others are done."""
    first, second = await room.found("gate"), await room.found("gate", cause=Cause.QUALITY_LOSS)
    states, _ = await in_bulk(room, ids=[first, second], act="close", duplicate_of=first)
    assert states == ["ticket-duplicate-wrong", "closed"]
    third = await room.found("weir")
    for wrong in (third, second, "none"):
        with pytest.raises(TicketDuplicateWrong):
            await duplicate(room, third, wrong)


async def test_sent_back_it_is_no_duplicate_any_more(room: TicketRoom) -> None:
    """A hasty choice is taken back."""
    first, second = await room.found("gate"), await room.found("weir")
    await duplicate(room, second, first)
    await room.act(second, TicketAct.REOPEN)
    ticket = await room.ticket(second)
    assert (ticket.state, ticket.duplicate_of) == ("open", None)
