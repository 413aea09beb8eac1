"""The queue of the desk, its filters and figures; repair times of areas; photos."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.vms_api.tickets.ticket_room import TicketRoom, ticket_room
from vms_api.accounts.errors import NotAllowed
from vms_api.alerts.attachment_desk import AttachmentDesk, Upload
from vms_api.database_place import DatabasePlace
from vms_api.errors import NotFound
from vms_api.tickets.cause import Cause
from vms_api.tickets.handling import TicketAssignIn, TicketPauseIn
from vms_api.tickets.lifecycle import TicketAct, TicketState
from vms_api.tickets.list_store import (
    TicketCount,
    TicketQuery,
    count_tickets,
    find_tickets,
    opened_between,
    recent_contractors,
    sort_keys,
)
from vms_api.tickets.maintenance_desk import MaintenanceDesk
from vms_api.tickets.photo_keeper import TicketFiles
from vms_api.tickets.ticket import Contractor, Fault, PauseReason, Subject
from vms_api.tickets.times import TicketTimes

pytestmark = [pytest.mark.anyio, pytest.mark.both_databases]


@pytest.fixture
async def room(database_place: DatabasePlace) -> AsyncIterator[TicketRoom]:
    """Four faults at once, due after 24, 72, 72 and 168 hours; the last is in the other village."""
    async with ticket_room(database_place) as opened:
        await opened.add_cameras("gate", "weir", "yard")
        await opened.add_cameras("mill", area_id="south")
        await opened.found("weir", severity="medium")
        await opened.found("gate", Cause.NOT_RECORDING, "high")
        await opened.found("gate", severity="medium")
        await opened.found("mill", Cause.CLOCK, "low")
        yield opened


async def numbers(room: TicketRoom, **asked: Any) -> list[int]:
    query = TicketQuery(**{"area_ids": {"town", "north", "south"}, **asked})
    async with room.database.read() as connection:
        return [ticket.number for ticket in await find_tickets(connection, query)]


async def test_what_is_due_next_comes_first(room: TicketRoom) -> None:
    """Page by page, each ticket once; or the newest first."""
    assert await numbers(room) == [2, 1, 3, 4]
    assert await numbers(room, order="newest") == [4, 3, 2, 1]
    seen, after = list[int](), None
    for _ in range(4):
        async with room.database.read() as connection:
            asked = TicketQuery({"north", "south"}, after=after, limit=1)
            (ticket,) = await find_tickets(connection, asked)
        seen.append(ticket.number)
        after = sort_keys(ticket, "due")
    assert seen == [2, 1, 3, 4]


async def test_the_filters_cut_the_queue(room: TicketRoom) -> None:
    """By area, cause, camera, state, who has it, and what is overdue; nothing of other areas in any figure."""
    by_number = {ticket.number: ticket.id for ticket in await room.open_tickets()}
    firm = Contractor(name="Lakeside Electric", contact="0571 555 0101")
    await room.act(by_number[1], TicketAct.ASSIGN, "li", TicketAssignIn(contractor=firm))
    await room.act(by_number[3], TicketAct.ASSIGN, "li", TicketAssignIn(user_id="ma"))
    await room.act(by_number[3], TicketAct.PAUSE, body=TicketPauseIn(reason=PauseReason.WEATHER))
    later = room.clock.now() + timedelta(hours=100)
    assert await numbers(room, area_ids={"south"}) == [4]
    assert await numbers(room, causes=[Cause.OFFLINE]) == [1, 3]
    assert await numbers(room, camera_id="gate") == [2, 3]
    assert await numbers(room, states=[TicketState.PAUSED]) == [3]
    assert await numbers(room, assignee_id="ma") == [3]
    assert await numbers(room, contractor="Lakeside Electric") == [1]
    assert await numbers(room, late_at=later) == [2, 1]
    async with room.database.read() as connection:
        assert await count_tickets(connection, {"north"}, later) == TicketCount(open=3, overdue=2, unassigned=1)
        assert await count_tickets(connection, {"elsewhere"}, later) == TicketCount(0, 0, 0)
        assert await recent_contractors(connection, {"north"}) == [firm]
        assert await recent_contractors(connection, {"south"}) == []
        opened = await opened_between(connection, {"north"}, room.clock.now(), later)
    assert [ticket.number for ticket in opened] == [1, 2, 3]


async def test_a_camera_shows_the_ticket_that_it_shares(room: TicketRoom) -> None:
    """A village that went away as a whole is on the page of each of its cameras."""
    subject = Subject("area:north", "North", "north", camera_ids=("weir", "yard"))
    async with room.database.write() as transaction:
        shared = await room.desk.take(transaction, Fault(subject, Cause.OFFLINE, room.clock.now(), "medium"))
    assert await numbers(room, camera_id="yard") == [shared.number]
    assert (await room.ticket(shared.id)).camera_ids == ["weir", "yard"]


async def test_an_area_sets_its_own_times(room: TicketRoom) -> None:
    """They hold for what is found from then on; only a supervisor sets them."""
    desk, times = MaintenanceDesk(room.ground), TicketTimes(area_id="north", high_hours=6)
    with pytest.raises(NotAllowed):
        await desk.set_times(times, room.handler("ma"))
    await desk.set_times(times, room.handler("chen"))
    assert await desk.times() == {"north": times}
    ticket = await room.ticket(await room.found("yard", Cause.STORAGE, "high"))
    assert ticket.due_at == room.clock.now() + timedelta(hours=6)
    await desk.set_times(TicketTimes(area_id="north"), room.handler("chen"))
    assert await desk.times() == {}


async def test_photos_stay_with_the_ticket(room: TicketRoom, tmp_path: Path) -> None:
    """As files of alerts do: in the history and the audit log, and for who sees the ticket."""

    async def chunks() -> AsyncIterator[bytes]:
        yield b"the pole leans"

    ground = room.ground
    photos = AttachmentDesk(tmp_path / "files", ground.database, ground.audit, ground.clock, TicketFiles(room.desk))
    ticket_id = await room.found("gate")
    added = await photos.attach(ticket_id, Upload("pole.txt", None, chunks()), room.handler("ma"))
    assert (added.ticket_id, added.alert_id, added.url) == (ticket_id, None, f"/api/v1/ticket-photos/{added.id}")
    found, path = await photos.read(added.id, room.handler("chen"))
    assert (found, path.read_bytes()) == (added, b"the pole leans")
    assert (await room.acts(ticket_id))[-1] == "attach"
    assert [row["kind"] for row in await room.trail()] == ["ticket.attach", "attachment.read"]
    with pytest.raises(NotFound):
        await photos.read(added.id, room.handler("hu"))
