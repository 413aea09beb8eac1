"""Planned maintenance: who is covered when, against a look at every minute; and its approval."""

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.clock import START
from tests.vms_api.tickets.ticket_room import TicketRoom, ticket_room
from vms_api.accounts.errors import NotAllowed
from vms_api.cameras.errors import SecondPersonRequired
from vms_api.database_place import DatabasePlace
from vms_api.tickets import maintenance_store
from vms_api.tickets.cause import Cause
from vms_api.tickets.errors import MaintenanceDecided, MaintenanceWrong
from vms_api.tickets.maintenance import MaintenanceWindow, Stay, covers, excluded
from vms_api.tickets.maintenance_desk import MaintenanceDesk, MaintenanceIn

SPAN = 40
"""Minutes that the oracle looks at, one by one."""

minutes = st.integers(0, SPAN)


def minute(number: int) -> Any:
    return START + timedelta(minutes=number)


@st.composite
def windows(draw: st.DrawFn) -> MaintenanceWindow:
    begin = draw(st.integers(0, SPAN - 1))
    is_approved = draw(st.booleans())
    return MaintenanceWindow(
        id=draw(st.text("abc", min_size=1, max_size=4)),
        area_id=draw(st.sampled_from(["town", "north", "south"])),
        camera_ids=draw(st.sampled_from([None, frozenset({"gate"}), frozenset({"weir"})])),
        starts_at=minute(begin),
        ends_at=minute(draw(st.integers(begin + 1, SPAN))),
        reason=draw(st.sampled_from(["poles", "switch"])),
        asked_at=START,
        approved_at=START if is_approved else None,
        approved_by=draw(st.sampled_from(["chen", "sun"])) if is_approved else None,
    )


def is_in(window: MaintenanceWindow, village: str, at: int) -> bool:
    """Written anew, as the words of a window say it, for the camera `gate` in a village of the town."""
    if window.approved_by is None or not window.starts_at <= minute(at) < window.ends_at:
        return False
    if window.camera_ids is None:
        return window.area_id in {"town", village}
    return "gate" in window.camera_ids


@given(st.lists(windows(), max_size=6), minutes)
def test_each_minute_is_covered_as_a_look_at_every_window_says(found, moved):
    """The camera is moved from one village to the other in the midst; overlapping windows are united."""
    stays = [Stay(("town", "north"), minute(0), minute(moved)), Stay(("town", "south"), minute(moved), minute(SPAN))]
    spans = excluded(found, "gate", stays)
    for at in range(SPAN):
        village = "north" if at < moved else "south"
        expected = [window for window in found if is_in(window, village, at)]
        covering = [span for span in spans if span.since <= minute(at) < span.until]
        assert len(covering) == bool(expected)
        window = covers(found, "gate", ("town", village), minute(at))
        assert (window is not None) == bool(expected)
        if window is not None:
            assert window.ends_at == max(each.ends_at for each in expected)
            assert {each.reason for each in expected} <= set(covering[0].why)
            assert {each.approved_by for each in expected} <= set(covering[0].approved_by)
    assert all(earlier.until < later.since for earlier, later in pairwise(spans))


def test_overlapping_windows_are_one_with_both_reasons():
    """By hand: 10 to 20 and 15 to 30 are 10 to 30; 31 to 32 is another."""
    told = [("a", 10, 20, "poles", "chen"), ("b", 15, 30, "switch", "sun"), ("c", 31, 32, "poles", "chen")]
    made = [
        MaintenanceWindow(id_, "north", None, minute(s), minute(e), why, START, approved_at=START, approved_by=who)
        for id_, s, e, why, who in told
    ]
    spans = excluded(made, "gate", [Stay(("town", "north"), minute(0), minute(SPAN))])
    assert spans == [
        (minute(10), minute(30), ("poles", "switch"), ("chen", "sun")),
        (minute(31), minute(32), ("poles",), ("chen",)),
    ]


@pytest.fixture
async def room(database_place: DatabasePlace) -> AsyncIterator[TicketRoom]:
    async with ticket_room(database_place) as opened:
        await opened.add_cameras("gate", "weir")
        yield opened


def body(**changes: Any) -> MaintenanceIn:
    told = {"area_id": "north", "starts_at": minute(10), "ends_at": minute(70), "reason": "new poles"}
    return MaintenanceIn.model_validate(told | changes)


@pytest.mark.anyio
@pytest.mark.both_databases
async def test_a_second_person_approves(room: TicketRoom) -> None:
    """Nobody approves a window of their own; an approved one is not changed any more."""
    desk = MaintenanceDesk(room.ground)
    asked = await desk.add(body(), room.handler("chen"))
    with pytest.raises(SecondPersonRequired):
        await desk.approve(asked.id, room.handler("chen"))
    with pytest.raises(NotAllowed):
        await desk.approve(asked.id, room.handler("ma"))
    async with room.database.read() as connection:
        assert await maintenance_store.approved_windows(connection, minute(0), minute(100)) == []
    approved = await desk.approve(asked.id, room.handler("sun"))
    assert (approved.asked_by, approved.approved_by) == ("chen", "sun")
    with pytest.raises(MaintenanceDecided):
        await desk.replace(asked.id, body(reason="other"), room.handler("chen"))
    async with room.database.read() as connection:
        assert await maintenance_store.approved_windows(connection, minute(0), minute(100)) == [approved]
        assert await maintenance_store.approved_windows(connection, minute(70), minute(100)) == []
    assert [row["kind"] for row in await room.trail()] == ["maintenance.add", "maintenance.approve"]


@pytest.mark.anyio
@pytest.mark.both_databases
async def test_a_window_that_has_begun_is_ended_and_kept(room: TicketRoom) -> None:
    """What rates leave out must stay explicable; one that has not begun is simply gone."""
    desk, chen, sun = MaintenanceDesk(room.ground), room.handler("chen"), room.handler("sun")
    begun, later = await desk.add(body(), chen), await desk.add(body(camera_ids=["gate"], area_id=None), chen)
    await desk.approve(begun.id, sun)
    await desk.end(later.id, sun)
    room.clock.advance(20 * 60)
    await desk.end(begun.id, sun)
    async with room.database.read() as connection:
        kept = await maintenance_store.list_windows(connection, {"north"}, minute(0))
    assert [(window.id, window.ends_at) for window in kept] == [(begun.id, minute(20))]
    with pytest.raises(MaintenanceDecided):
        await desk.end(begun.id, sun)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "changes",
    [
        {"ends_at": minute(10)},
        {"area_id": None},
        {"camera_ids": ["gate"]},
        {"ends_at": minute(10) + timedelta(days=91)},
        {"starts_at": minute(-20), "ends_at": minute(-10)},
    ],
)
async def test_what_is_no_window_is_refused(room: TicketRoom, changes: dict[str, Any]) -> None:
    """No span, nothing or two things meant, longer than 90 days, or over already."""
    with pytest.raises(MaintenanceWrong):
        await MaintenanceDesk(room.ground).add(body(**changes), room.handler("chen"))


@pytest.mark.anyio
async def test_what_is_found_in_maintenance_has_its_time_from_the_end_of_it(room: TicketRoom) -> None:
    """A picture that is found bad while the pole is down is not to be mended before it stands again."""
    desk = MaintenanceDesk(room.ground)
    asked = await desk.add(body(), room.handler("chen"))
    await desk.approve(asked.id, room.handler("sun"))
    room.clock.advance(30 * 60)
    ticket = await room.ticket(await room.found(cause=Cause.QUALITY_DARK, severity="high"))
    assert ticket.due_at == minute(70) + timedelta(hours=24)
