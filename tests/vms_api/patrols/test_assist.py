"""What a patroller is told at a stop: health, open alerts and tickets, the last visit, the hours since then."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from tests.fakes.clock import START
from tests.vms_api.patrols.round_room import RoundRoom, round_room
from tests.vms_api.recordings.rows import segment
from vms_api.accounts.access import Access
from vms_api.accounts.errors import NotAllowed
from vms_api.accounts.permission import Role
from vms_api.cameras.mask import MaskPolygon, Masks
from vms_api.cameras.mask_store import insert_version
from vms_api.database_place import DatabasePlace
from vms_api.errors import NotFound
from vms_api.patrols.assist_desk import Assist
from vms_api.patrols.round import Round
from vms_api.patrols.round_errors import RoundTaken
from vms_api.recordings.store import insert_segment

pytestmark = pytest.mark.anyio
AREAS = {"root", "village"}


@pytest.fixture
async def room(database_place: DatabasePlace) -> AsyncIterator[RoundRoom]:
    async with round_room(database_place) as opened:
        yield opened


async def recorded(room: RoundRoom, minutes: int) -> None:
    """So many minutes of the gate before now, a file each, without a mask."""
    async with room.desk.database.write() as transaction:
        for number in range(minutes):
            at = room.desk.clock.now() - timedelta(minutes=minutes - number)
            await insert_segment(transaction, segment(number, "gate", started_at=at, duration_s=60.0))


async def told(room: RoundRoom, round_: Round, stop_id: str = "at-gate", by: str = "wang") -> Assist:
    handler = room.by(by)
    assert isinstance(handler.access, Access)
    return await room.assist.read(round_.id, stop_id, handler, handler.access.caller, None)


async def test_a_first_visit_shows_the_day_before(room: RoundRoom) -> None:
    """Forty minutes of recordings are 24 pictures, from the first to the last; one row in the audit log."""
    await recorded(room, 40)
    round_ = await room.taken()
    found = await told(room, round_)
    assert (found.last, found.health.state) == (None, "live")
    times = [picture.at for picture in found.strip]
    assert len(times) == 24
    assert (times[0], times[-1]) == (START - timedelta(minutes=40), START - timedelta(minutes=1))
    assert await told(room, round_) == found
    rows = [row for row in await room.desk.trail() if row["kind"] == "patrol.strip"]
    assert [(row["camera_id"], row["detail"]["pictures"], row["detail"]["from"]) for row in rows] == [
        ("gate", 24, times[0].isoformat())
    ]


async def test_a_later_visit_shows_what_came_since(room: RoundRoom) -> None:
    """Only pictures after the last verdict, of whichever round; and what was said then, by whom."""
    await recorded(room, 10)
    first = await room.taken()
    await room.arrive(first, "at-gate")
    await room.judge(first, "at-gate", "abnormal", note="gate open")
    room.desk.clock.advance(120)
    await recorded(room, 1)
    second = await room.taken(by="zhao", due_at=START + timedelta(hours=1))
    found = await told(room, second, by="zhao")
    assert found.last is not None
    assert (found.last.at, found.last.verdict, found.last.by, found.last.note) == (
        START,
        "abnormal",
        "wang",
        "gate open",
    )
    assert [picture.at for picture in found.strip] == [START + timedelta(seconds=60)]
    assert [(alert.kind, alert.camera_id) for alert in found.open_alerts] == [("patrol", "gate")]
    assert found.open_tickets == []
    await room.arrive(second, "at-gate", by="zhao")
    room.switch_off("gate")
    fault = await room.judge(second, "at-gate", "camera-fault", by="zhao")
    found = await told(room, second, by="zhao")
    assert [ticket.id for ticket in found.open_tickets] == [fault.ticket_id]


async def test_a_masked_camera_shows_nothing_from_before_its_masks(room: RoundRoom) -> None:
    """Neither an address nor a row: there is nothing to look at."""
    await recorded(room, 5)
    polygon = MaskPolygon(name="door", points=[(0.1, 0.1), (0.9, 0.1), (0.5, 0.9)])
    async with room.desk.database.write() as transaction:
        masks = Masks(version=1, polygons=[polygon], changed_at=START, changed_by="chen")
        await insert_version(transaction, "gate", masks)
    round_ = await room.taken()
    assert (await told(room, round_)).strip == []
    assert "patrol.strip" not in {row["kind"] for row in await room.desk.trail()}


async def test_a_strip_is_for_who_has_the_round_and_may_see_stills(room: RoundRoom) -> None:
    """Nobody else gets its pictures, nor who lost the right meanwhile; nor does it last for ever."""
    await recorded(room, 1)
    round_ = await room.taken()
    for name, problem in (("zhao", RoundTaken), ("hu", NotFound)):
        with pytest.raises(problem):
            await told(room, round_, by=name)
    (picture,) = (await told(room, round_)).strip
    strip_id = picture.picture_url.split("/")[-2]
    for number, name in ((1, "wang"), (0, "zhao")):
        with pytest.raises(NotFound):
            await room.assist.picture(strip_id, number, room.by(name))
    room.grant({"wang": (Role.AUDITOR, "root")})
    with pytest.raises(NotAllowed):
        await room.assist.picture(strip_id, 0, room.by("wang"))
    room.grant({"wang": (Role.PATROLLER, "root")})
    room.desk.clock.advance(901)
    with pytest.raises(NotFound):
        await room.assist.picture(strip_id, 0, room.by("wang"))


async def test_cameras_beside_the_round_are_proposed(room: RoundRoom) -> None:
    """Those that the round has are not; the one with an open alert comes first, the faulty one next."""
    room.plans["plan", 1] = room.plans["plan", 1][2:]
    round_ = await room.taken()
    await room.desk.raise_alert(camera_id="yard")
    room.switch_off("gate")
    found = await room.assist.proposals(round_.id, room.by("wang"), AREAS)
    assert [(one.camera_name, one.why) for one in found] == [("Yard", "alert"), ("Gate", "fault")]
    with pytest.raises(RoundTaken):
        await room.assist.proposals(round_.id, room.by("zhao"), AREAS)
