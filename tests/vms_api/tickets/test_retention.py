"""Closed tickets go in the end, with their history and photos, and nothing else does."""

import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.vms_api.tickets.ticket_room import TicketRoom, ticket_room
from vms_api.alerts.attachment_desk import AttachmentDesk, Upload
from vms_api.database_place import DatabasePlace
from vms_api.errors import NotFound
from vms_api.recordings import volume_store
from vms_api.recordings.volume_store import RetentionClock
from vms_api.tickets.handling import TicketCloseIn
from vms_api.tickets.lifecycle import TicketAct
from vms_api.tickets.photo_keeper import TicketFiles
from vms_api.tickets.retention import BATCH, TicketRetention

pytestmark = [pytest.mark.anyio, pytest.mark.both_databases]


@pytest.fixture
async def room(database_place: DatabasePlace) -> AsyncIterator[TicketRoom]:
    async with ticket_room(database_place, keep_days=400) as opened:
        await opened.add_cameras("gate", "weir")
        yield opened


async def trust_clock(room: TicketRoom, *, is_halted: bool = False) -> None:
    now = room.clock.now()
    async with room.database.write() as transaction:
        await volume_store.put_clock(transaction, RetentionClock(now, now if is_halted else None))


async def closed(room: TicketRoom, camera_id: str = "gate") -> str:
    ticket_id = await room.found(camera_id)
    await room.act(ticket_id, TicketAct.CLOSE, body=TicketCloseIn(note="scrapped"))
    return ticket_id


async def photographed(room: TicketRoom, folder: Path, ticket_id: str, contents: bytes) -> Path:
    """A paper put to the ticket, two hours ago as far as its file says; where its bytes are."""
    desk = AttachmentDesk(folder, room.database, room.ground.audit, room.clock, TicketFiles(room.desk))

    async def chunks() -> AsyncIterator[bytes]:
        yield contents

    added = await desk.attach(ticket_id, Upload("paper.txt", len(contents), chunks()), room.handler("ma"))
    path = folder / added.sha256[:2] / added.sha256
    age(room, path)
    return path


def age(room: TicketRoom, path: Path) -> None:
    at = (room.clock.now() - timedelta(hours=2)).timestamp()
    os.utime(path, (at, at))


async def test_what_is_kept_long_enough_goes_with_its_photos(room: TicketRoom, tmp_path: Path) -> None:
    """The old closed one goes; an open one of the same age and a later closed one stay, and bytes that they share."""
    old, still_open = await closed(room), await room.found("weir")
    mine = await photographed(room, tmp_path, old, b"only of the old one")
    shared = await photographed(room, tmp_path, old, b"of both")
    assert await photographed(room, tmp_path, still_open, b"of both") == shared
    room.clock.advance(401 * 86400)
    later = await closed(room)
    await trust_clock(room)
    retention = TicketRetention(room.ground, tmp_path)
    assert await retention.look() == 1
    assert (mine.exists(), shared.exists()) == (False, True)
    with pytest.raises(NotFound):
        await room.ticket(old)
    assert {(await room.ticket(id_)).id for id_ in (still_open, later)} == {still_open, later}
    (row,) = [row for row in await room.trail() if row["kind"] == "ticket.remove"]
    assert (row["detail"]["count"], row["actor"]["name"]) == (1, "system")
    assert await retention.look() == 0


async def test_more_than_a_batch_goes_in_one_look(room: TicketRoom, tmp_path: Path) -> None:
    """The rest does not wait for the next hour."""
    cameras = [f"camera {number}" for number in range(BATCH + 3)]
    await room.add_cameras(*cameras)
    for camera_id in cameras:
        await closed(room, camera_id)
    room.clock.advance(401 * 86400)
    await trust_clock(room)
    assert await TicketRetention(room.ground, tmp_path).look() == len(cameras)


@pytest.mark.parametrize("is_halted", [None, True])
async def test_nothing_goes_while_the_clock_is_not_believed(
    room: TicketRoom, tmp_path: Path, is_halted: bool | None
) -> None:
    """Before the clock was ever looked at, and after a jump that nobody has confirmed."""
    old = await closed(room)
    room.clock.advance(401 * 86400)
    if is_halted:
        await trust_clock(room, is_halted=True)
    assert await TicketRetention(room.ground, tmp_path).look() == 0
    assert (await room.ticket(old)).id == old


async def test_bytes_on_their_way_in_are_left_alone(room: TicketRoom, tmp_path: Path) -> None:
    """A file has no row while it comes in; one of an upload that was never ended goes after an hour."""
    path = tmp_path / "ab" / "abandoned"
    path.parent.mkdir()
    path.write_bytes(b"half a photo")
    os.utime(path, (room.clock.now().timestamp(), room.clock.now().timestamp()))
    await trust_clock(room)
    retention = TicketRetention(room.ground, tmp_path)
    await retention.look()
    assert path.exists()
    age(room, path)
    await retention.look()
    assert not path.exists()
