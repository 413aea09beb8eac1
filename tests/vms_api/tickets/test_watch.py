"""What this process finds by itself: cameras, recordings, clocks, settings, disks and the node."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.fakes.clock import START
from tests.vms_api.tickets.ticket_room import TicketRoom, camera, ticket_room
from vms_api.cameras import store as camera_store
from vms_api.cameras.health import CameraHealth, Fault, RecordingHealth, StreamHealth
from vms_api.cameras.health_board import HealthBoard
from vms_api.care import store as care_store
from vms_api.care.device import DeviceFacts, DeviceState, StreamSettings
from vms_api.database_place import DatabasePlace
from vms_api.nodes.delivery import Registration
from vms_api.nodes.link import NodeLink
from vms_api.nodes.view_journal import ViewJournal
from vms_api.ptz import store as link_store
from vms_api.ptz.command import DeviceLink
from vms_api.recordings.problem_board import ProblemBoard
from vms_api.recordings.volume import VolumeState
from vms_api.recordings.volume_board import VolumeBoard
from vms_api.tickets.handling import TicketCloseIn, TicketFixIn, TicketPauseIn
from vms_api.tickets.lifecycle import TicketAct
from vms_api.tickets.maintenance_desk import MaintenanceDesk, MaintenanceIn
from vms_api.tickets.rounds import OVERDUE, TicketRounds
from vms_api.tickets.survey import WatchGround
from vms_api.tickets.ticket import PauseReason
from vms_api.tickets.watch import TicketWatch

pytestmark = pytest.mark.anyio

LIVE, AWAY = CameraHealth(state="live", since=START), CameraHealth(state="waiting", since=START)


@dataclass
class Lookout:
    """The watch over a room; `healths` are what the node reports every minute, unless it is away."""

    room: TicketRoom
    watch: TicketWatch
    rounds: TicketRounds
    health: HealthBoard
    node: NodeLink
    volumes: VolumeBoard
    healths: dict[str, CameraHealth]

    async def minutes(self, count: int) -> None:
        """A report and a look each minute."""
        for _ in range(count):
            self.room.clock.advance(60)
            if self.node.epoch:
                self.health.report(self.healths)
            await self.watch.look()
            await self.rounds.look()

    async def tickets(self) -> list[tuple[str, str]]:
        return [(ticket.cause, ticket.camera_name) for ticket in await self.room.open_tickets()]


def lookout(room: TicketRoom) -> Lookout:
    ground = room.ground
    health = HealthBoard(ground.events, room.clock)
    journal = ViewJournal(room.database, ground.audit, room.clock)
    node = NodeLink(room.database, ground.events, health, room.clock, 5.0, ground.audit, journal)
    volumes = VolumeBoard(room.database, ground.events, [])
    problems = ProblemBoard(room.database, ground.events, room.clock, lambda _: None)
    over = WatchGround(room.database, health, node, volumes, problems, ground.rights, room.clock, ground.settings)
    watch, rounds = TicketWatch(room.desk, over), TicketRounds(room.desk, ground)
    return Lookout(room, watch, rounds, health, node, volumes, {})


async def node_is_up(watched: Lookout) -> None:
    epoch = await watched.node.begin_epoch()
    registration = {"pid": 1, "epoch": epoch, "address": "http://127.0.0.1:1", "version": "0"}
    watched.node.register(Registration.model_validate(registration))


@pytest.fixture
async def out(database_place: DatabasePlace) -> AsyncIterator[Lookout]:
    async with ticket_room(database_place) as room:
        names = [f"north{number}" for number in range(6)]
        for number, name in enumerate([*names, *(f"south{number}" for number in range(6))]):
            await room.put(camera(name, name[:5], f"rtsp://192.0.2.{number + 1}/"))
        watched = lookout(room)
        await node_is_up(watched)
        watched.healths = {f"{village}{number}": LIVE for village in ("north", "south") for number in range(6)}
        yield watched


@pytest.mark.both_databases
async def test_a_camera_that_stays_away_has_a_ticket_until_it_is_back(out: Lookout) -> None:
    """Not for a blip; the fault is told; it is closed once the camera was mended and is back for five minutes."""
    fault = Fault(code="login-refused", at=START)
    stream = StreamHealth(role="main", state="refused", since=START, fault=fault)
    out.healths["north1"] = CameraHealth(state="refused", since=START, streams=[stream])
    await out.minutes(10)
    assert await out.tickets() == []
    await out.minutes(1)
    (ticket,) = await out.room.open_tickets()
    assert (ticket.camera_id, ticket.cause, ticket.facts) == ("north1", "offline", {"fault": "login-refused"})
    out.healths["north1"] = LIVE
    await out.minutes(3)
    await out.room.act(ticket.id, TicketAct.FIX)
    await out.minutes(3)
    assert (await out.room.ticket(ticket.id)).state == "closed"
    assert await out.tickets() == []


async def test_a_duplicate_is_found_anew_once_its_original_is_closed(out: Lookout) -> None:
    """Nothing comes of it before; then it is opened again, as it is still wrong and nobody has it."""
    out.healths["north1"] = out.healths["south1"] = AWAY
    await out.minutes(12)
    original, duplicate = await out.room.open_tickets()
    body = TicketCloseIn(duplicate_of=original.id)
    await out.room.act(duplicate.id, TicketAct.CLOSE, body=body)
    await out.minutes(15)
    assert [ticket.id for ticket in await out.room.open_tickets()] == [original.id]
    await out.room.act(original.id, TicketAct.CLOSE, body=TicketCloseIn(note="pole gone for good"))
    await out.minutes(10)
    assert await out.tickets() == []
    await out.minutes(3)
    assert [ticket.id for ticket in await out.room.open_tickets()] == [duplicate.id]


async def test_what_is_reported_as_mended_and_is_not_goes_back(out: Lookout) -> None:
    """To whoever reported it, after the time that a camera needs to be seen."""
    out.healths["north1"] = AWAY
    await out.minutes(12)
    (ticket,) = await out.room.open_tickets()
    await out.room.act(ticket.id, TicketAct.FIX, body=TicketFixIn(note="should do"))
    await out.room.act(ticket.id, TicketAct.REOPEN)
    await out.room.act(ticket.id, TicketAct.START)
    await out.room.act(ticket.id, TicketAct.FIX)
    await out.minutes(14)
    assert (await out.room.ticket(ticket.id)).state == "fixed"
    await out.minutes(1)
    back = await out.room.ticket(ticket.id)
    assert (back.state, back.assignee) == ("assigned", "ma")
    assert back.history[-1].detail == {"why": "not-well"}


async def test_a_dead_node_has_one_ticket_and_its_cameras_none(out: Lookout) -> None:
    """They are unknown, not away; a ticket that one of them had stays as it is."""
    out.healths["south0"] = AWAY
    await out.minutes(12)
    out.node.lose("killed")
    for _ in range(12):
        out.room.clock.advance(60)
        await out.watch.look()
    assert await out.tickets() == [("offline", "south0"), ("node", "local")]
    await node_is_up(out)
    out.healths["south0"] = LIVE
    await out.minutes(6)
    assert all(ticket.cleared_at for ticket in await out.room.open_tickets())


@pytest.mark.both_databases
async def test_a_village_that_goes_has_one_ticket(out: Lookout) -> None:
    """One line on the desk, with all its cameras; those that stay away when the rest is back have their own."""
    for number in range(6):
        out.healths[f"north{number}"] = AWAY
    await out.minutes(12)
    (shared,) = await out.room.open_tickets()
    assert (shared.subject, shared.camera_name, shared.camera_count) == ("area:north", "North", 6)
    for number in range(5):
        out.healths[f"north{number}"] = LIVE
    await out.minutes(7)
    tickets = {ticket.subject: ticket for ticket in await out.room.open_tickets()}
    assert set(tickets) == {"area:north", "camera:north5"}
    assert tickets["area:north"].cleared_at is not None
    out.healths["north5"] = LIVE
    await out.minutes(7)
    await out.minutes(1)
    assert all(ticket.cleared_at for ticket in await out.room.open_tickets())


async def test_a_thousand_cameras_at_once_are_one_ticket(database_place: DatabasePlace) -> None:
    """And one event; a camera that goes a little later joins it."""
    async with ticket_room(database_place) as room:
        names = [f"c{number}" for number in range(1000)]
        async with room.database.write() as transaction:
            records = [
                camera(name, ("north", "south")[number % 2], f"rtsp://198.51.{number // 250}.{number % 250}/")
                for number, name in enumerate(names)
            ]
            await camera_store.insert_cameras(transaction, records)
        watched = lookout(room)
        await node_is_up(watched)
        watched.healths = dict.fromkeys(names, AWAY) | {"c7": LIVE}
        await watched.minutes(11)
        (ticket,) = await room.open_tickets()
        assert (ticket.subject, ticket.camera_count, ticket.state) == ("area:town", 999, "open")
        watched.healths["c7"] = AWAY
        await watched.minutes(12)
        (ticket,) = await room.open_tickets()
        assert ticket.camera_count == 1000
        assert len(await room.heard()) == 2


async def test_maintenance_is_no_fault(out: Lookout) -> None:
    """Nothing is found in an approved window; what is still away after it counts from its end."""
    desk, starts_at = MaintenanceDesk(out.room.ground), out.room.clock.now()
    told = {"area_id": "north", "starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=30), "reason": "poles"}
    asked = await desk.add(MaintenanceIn.model_validate(told), out.room.handler("chen"))
    await desk.approve(asked.id, out.room.handler("sun"))
    out.healths["north1"] = AWAY
    await out.minutes(39)
    assert await out.tickets() == []
    await out.minutes(2)
    assert await out.tickets() == [("offline", "north1")]


async def test_a_live_camera_that_is_not_recorded_has_a_ticket(out: Lookout) -> None:
    """One that is away has the ticket of being away only."""
    waiting = RecordingHealth(state="waiting", reason="volume-full", since=START)
    out.healths["north1"] = LIVE.model_copy(update={"recording": waiting})
    out.healths["north2"] = AWAY.model_copy(update={"recording": waiting})
    await out.minutes(12)
    assert await out.tickets() == [("offline", "north2"), ("not-recording", "north1")]


async def test_a_clock_that_is_off_and_settings_that_differ_have_tickets(out: Lookout) -> None:
    """A clock at the limit does not come and go: it is right again only well within."""
    settings = StreamSettings(codec="h264", width=1920, height=1080, fps=25)
    async with out.room.database.write() as transaction:
        link = DeviceLink(address="http://192.0.2.1/onvif", profile_token="1")
        await link_store.set_link(transaction, "north0", link)
        await link_store.decide(transaction, "north0", expected={"main": settings.model_dump()})

    async def seen(offset_s: float, fps: float) -> None:
        facts = DeviceFacts(streams={"main": settings.model_copy(update={"fps": fps})})
        at = out.room.clock.now()
        state = DeviceState("reachable", None, at, "", facts, offset_s, at)
        async with out.room.database.write() as transaction:
            await care_store.put_state(transaction, "north0", state)

    await seen(14.2, 12)
    await out.minutes(12)
    tickets = {ticket.cause: ticket for ticket in await out.room.open_tickets()}
    assert {cause: ticket.facts for cause, ticket in tickets.items()} == {
        "clock": {"offset_s": 14.2},
        "drift": {"differs": "fps"},
    }
    await seen(-8.0, 25)
    await out.minutes(7)
    cleared = {ticket.cause: ticket.cleared_at is not None for ticket in await out.room.open_tickets()}
    assert cleared == {"clock": False, "drift": True}
    await seen(0.4, 25)
    await out.minutes(7)
    assert all(ticket.cleared_at for ticket in await out.room.open_tickets())


async def test_a_disk_that_fails_has_a_ticket(out: Lookout) -> None:
    """It belongs to the area above all."""
    out.volumes.report([VolumeState(name="disk-1", state="read-only", at=out.room.clock.now())])
    await out.minutes(12)
    (ticket,) = await out.room.open_tickets()
    assert (ticket.cause, ticket.camera_name, ticket.camera_id, ticket.severity) == ("storage", "disk-1", None, "high")


async def test_a_restart_forgets_nothing(out: Lookout) -> None:
    """A ticket that is open when the process begins is neither found again nor forgotten."""
    out.healths["north1"] = AWAY
    await out.minutes(12)
    after = lookout(out.room)
    await node_is_up(after)
    after.healths = dict(out.healths)
    await after.minutes(15)
    (ticket,) = await out.room.open_tickets()
    assert (ticket.repeats, await out.room.acts(ticket.id)) == (0, ["found"])
    after.healths["north1"] = LIVE
    await after.minutes(7)
    assert (await out.room.ticket(ticket.id)).cleared_at is not None


async def test_time_alone_moves_tickets(out: Lookout) -> None:
    """A pause with an end ends, a forgotten one is closed, and what is overdue is told of once."""
    paused, forgotten = await out.room.found("north1", severity="high"), await out.room.found("north2")
    await out.room.act(paused, TicketAct.START)
    until = out.room.clock.now() + timedelta(hours=2)
    await out.room.act(paused, TicketAct.PAUSE, body=TicketPauseIn(reason=PauseReason.ROAD_WORKS, until=until))
    await out.room.cleared("north2")
    out.room.clock.advance(2 * 3600)
    await out.rounds.look()
    assert (await out.room.ticket(paused)).state == "in-progress"
    out.room.clock.advance(24 * 3600 + 1)
    for _ in range(3):
        await out.rounds.look()
    closed = await out.room.ticket(forgotten)
    assert (closed.state, closed.history[-1].detail) == ("closed", {"why": "went-away"})
    assert [event.data["id"] for event in await out.room.heard(OVERDUE)] == [paused]
    none = {"assigned": 0, "fixed": 0, "open": 0, "paused": 0}
    assert out.rounds.counts == none | {"in-progress": 1, "overdue": 1}


async def test_a_ticket_goes_with_its_camera(out: Lookout) -> None:
    """Moved to another village, it is that village's; a camera that is removed takes its ticket along."""
    ticket_id = await out.room.found("north1")
    await out.room.move("north1", "south")
    await out.rounds.look()
    assert (await out.room.ticket(ticket_id)).area_id == "south"
    async with out.room.database.write() as transaction:
        await camera_store.delete_camera(transaction, "north1")
    await out.rounds.look()
    gone = await out.room.ticket(ticket_id)
    assert (gone.state, gone.history[-1].detail) == ("closed", {"why": "camera-removed"})
