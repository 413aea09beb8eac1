"""Findings and acts: one ticket for a fault, from found to closed."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from tests.vms_api.tickets.ticket_room import TicketRoom, ticket_room
from vms_api.accounts.errors import NotAllowed
from vms_api.database_place import DatabasePlace
from vms_api.errors import NotFound
from vms_api.tickets.cause import Cause
from vms_api.tickets.errors import TicketAssigneeWrong, TicketMovedOn, TicketNoteMissing, TicketTimeWrong
from vms_api.tickets.handling import TicketActIn, TicketAssignIn, TicketFixIn, TicketIn, TicketPauseIn
from vms_api.tickets.lifecycle import TicketAct
from vms_api.tickets.ticket import Contractor, Finding, PauseReason

pytestmark = [pytest.mark.anyio, pytest.mark.both_databases]


@pytest.fixture
async def room(database_place: DatabasePlace) -> AsyncIterator[TicketRoom]:
    async with ticket_room(database_place) as opened:
        await opened.add_cameras("gate", "weir")
        yield opened


async def test_one_camera_and_cause_has_one_open_ticket(room: TicketRoom) -> None:
    """However many find the same at once, there is one ticket; another cause or camera has its own."""
    same = await asyncio.gather(*(room.found() for _ in range(5)))
    other = await room.found(cause=Cause.CLOCK, severity="low")
    third = await room.found("weir")
    assert len(set(same)) == 1
    assert len({same[0], other, third}) == 3
    assert [ticket.number for ticket in await room.open_tickets()] == [1, 2, 3]


async def test_a_finding_of_a_removed_camera_has_no_ticket(room: TicketRoom) -> None:
    """It may have been removed while the finding was under way."""
    async with room.database.write() as transaction:
        found = await room.desk.found(transaction, Finding("gone", Cause.OFFLINE, room.clock.now(), "low"))
    assert found is None


async def test_a_worse_finding_makes_the_ticket_worse_and_brings_its_picture(room: TicketRoom) -> None:
    """What joins is written down where it has something to show."""
    ticket_id = await room.found(cause=Cause.QUALITY_BLUR, severity="low", facts={"score": 12.0}, evidence="one")
    await room.found(cause=Cause.QUALITY_BLUR, severity="high", facts={"score": 80.0}, evidence="two")
    await room.found(cause=Cause.QUALITY_BLUR, severity="medium", facts={"score": 81.0})
    ticket = await room.ticket(ticket_id)
    assert (ticket.severity, ticket.evidence, ticket.facts) == ("high", "two", {"score": 81.0})
    assert await room.acts(ticket_id) == ["found", "join"]


async def test_a_mended_fault_is_closed_by_the_look_at_it(room: TicketRoom) -> None:
    """Assigned, begun, mended with parts, and closed when the camera is seen to be well."""
    ticket_id = await room.found()
    await room.act(ticket_id, TicketAct.ASSIGN, "li", TicketAssignIn(user_id="ma"))
    await room.act(ticket_id, TicketAct.START)
    room.clock.advance(3600)
    fixed = await room.act(ticket_id, TicketAct.FIX, body=TicketFixIn(note="new cable", parts=["Cat6, 30 m"]))
    assert (fixed.state, fixed.parts, fixed.assignee) == ("fixed", ["Cat6, 30 m"], "ma")
    await room.cleared(evidence="a picture")
    closed = await room.ticket(ticket_id)
    assert (closed.state, closed.proof) == ("closed", "a picture")
    assert await room.acts(ticket_id) == ["found", "assign", "start", "fix", "confirm"]
    kinds = [row["kind"] for row in await room.trail()]
    assert kinds == ["ticket.assign", "ticket.start", "ticket.fix"]
    assert len(await room.heard()) == 5


async def test_what_is_well_already_is_closed_with_the_report(room: TicketRoom) -> None:
    """The fault went away before somebody reported it as mended."""
    ticket_id = await room.found()
    await room.cleared()
    assert (await room.ticket(ticket_id)).state == "open"
    closed = await room.act(ticket_id, TicketAct.FIX)
    assert closed.state == "closed"


async def test_a_fault_found_after_the_report_goes_back(room: TicketRoom) -> None:
    """To whoever mended it; that it came back is marked."""
    ticket_id = await room.found(cause=Cause.QUALITY_SNOW)
    await room.act(ticket_id, TicketAct.START)
    await room.act(ticket_id, TicketAct.FIX)
    room.clock.advance(60)
    assert await room.found(cause=Cause.QUALITY_SNOW) == ticket_id
    ticket = await room.ticket(ticket_id)
    assert (ticket.state, ticket.assignee, ticket.repeats, ticket.repeated) == ("assigned", "ma", 1, True)
    assert ticket.fixed_at is None


async def test_a_fault_back_within_a_day_opens_its_ticket_again(room: TicketRoom) -> None:
    """Later it has a new one, which says that it is a repeated fault; after a month it is a fault like any other."""
    first = await room.found()
    await room.act(first, TicketAct.FIX)
    await room.cleared()
    room.clock.advance(23 * 3600)
    assert await room.found() == first
    assert (await room.ticket(first)).due_at == room.clock.now() + timedelta(hours=72)
    await room.act(first, TicketAct.CLOSE, body=TicketActIn(note="sun spot"))
    room.clock.advance(25 * 3600)
    second = await room.found()
    again = await room.ticket(second)
    assert second != first
    assert (again.repeats, again.repeated) == (2, True)
    await room.cleared()
    await room.act(second, TicketAct.CLOSE)
    room.clock.advance(31 * 86400)
    fresh = await room.ticket(await room.found())
    assert (fresh.repeats, fresh.repeated) == (0, False)


async def test_the_due_time_stands_still_in_a_pause(room: TicketRoom) -> None:
    """Two hours of a power cut are two hours more; a paused ticket is not overdue."""
    ticket_id = await room.found(severity="high")
    due_at = (await room.act(ticket_id, TicketAct.START)).due_at
    assert due_at == room.clock.now() + timedelta(hours=24)
    room.clock.advance(23 * 3600)
    paused = await room.act(ticket_id, TicketAct.PAUSE, body=TicketPauseIn(reason=PauseReason.POWER_CUT, note="pole 3"))
    assert paused.pause is not None
    room.clock.advance(2 * 3600)
    assert not (await room.ticket(ticket_id)).overdue
    going = await room.act(ticket_id, TicketAct.RESUME)
    assert (going.state, going.pause, going.paused_s) == ("in-progress", None, 7200.0)
    assert going.due_at == due_at + timedelta(hours=2)
    room.clock.advance(3600 + 1)
    assert (await room.ticket(ticket_id)).overdue


async def test_a_contractor_needs_no_account(room: TicketRoom) -> None:
    """A firm by its name; it has the ticket as a person would."""
    ticket_id = await room.found()
    firm = Contractor(name="Lakeside Electric", contact="0571 555 0101")
    given = await room.act(ticket_id, TicketAct.ASSIGN, "li", TicketAssignIn(contractor=firm))
    assert (given.state, given.contractor, given.assignee) == ("assigned", firm, None)
    started = await room.act(ticket_id, TicketAct.START, "li")
    assert started.assignee is None
    both = TicketAssignIn(user_id="ma", contractor=firm)
    for body in (both, TicketAssignIn(), TicketAssignIn(user_id="hu")):
        with pytest.raises(TicketAssigneeWrong):
            await room.act(ticket_id, TicketAct.ASSIGN, "li", body)


async def test_closing_takes_a_reason_while_the_fault_is_not_seen_to_be_gone(room: TicketRoom) -> None:
    """One that was seen to go is closed without."""
    ticket_id = await room.found()
    with pytest.raises(TicketNoteMissing):
        await room.act(ticket_id, TicketAct.CLOSE)
    assert (await room.act(ticket_id, TicketAct.CLOSE, body=TicketActIn(note="taken down"))).state == "closed"
    with pytest.raises(TicketMovedOn):
        await room.act(ticket_id, TicketAct.START)
    other = await room.found("weir")
    await room.cleared("weir")
    assert (await room.act(other, TicketAct.CLOSE)).state == "closed"


async def test_what_people_noticed_is_closed_by_people(room: TicketRoom) -> None:
    """A ticket by hand begins with what was said."""
    detail = await room.desk.open_by_hand(TicketIn(camera_id="gate", note="the pole leans"), room.handler("li"))
    assert [(entry.act, entry.note) for entry in detail.history] == [("found", ""), ("note", "the pole leans")]
    await room.act(detail.id, TicketAct.FIX)
    assert (await room.act(detail.id, TicketAct.CLOSE, "chen")).state == "closed"


async def test_times_lie_ahead(room: TicketRoom) -> None:
    """A time that is over cannot be kept."""
    ticket_id = await room.found()
    past = room.clock.now() - timedelta(seconds=1)
    with pytest.raises(TicketTimeWrong):
        await room.act(ticket_id, TicketAct.ASSIGN, "li", TicketAssignIn(user_id="ma", due_at=past))
    ahead = room.clock.now() + timedelta(hours=1)
    given = await room.act(ticket_id, TicketAct.ASSIGN, "li", TicketAssignIn(user_id="ma", due_at=ahead))
    assert given.due_at == ahead


async def test_who_may_not_handle_tickets_changes_nothing(room: TicketRoom) -> None:
    """Without any right there the ticket does not even exist."""
    ticket_id = await room.found()
    with pytest.raises((NotFound, NotAllowed)):
        await room.act(ticket_id, TicketAct.START, "hu")
    assert (await room.ticket(ticket_id)).state == "open"
