"""The desks of rounds with their database, people, cameras that a test switches off, and a clock; no HTTP."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.fakes.clock import START
from tests.vms_api.alerts.desk_room import DeskRoom, desk_room
from tests.vms_api.patrols.rows import due_round
from vms_api.accounts.permission import Role
from vms_api.accounts.rights import Grant, RightsIndex, RightsRecord
from vms_api.alerts.desk import Handler
from vms_api.areas.store import insert_area
from vms_api.cameras import store as camera_store
from vms_api.cameras.camera import CameraRecord
from vms_api.cameras.health import CameraHealth
from vms_api.cameras.health_board import HealthBoard
from vms_api.database import Connection
from vms_api.database_place import DatabasePlace
from vms_api.nodes.client import NodeClient
from vms_api.nodes.link import NodeLink
from vms_api.nodes.view_journal import ViewJournal
from vms_api.patrols import round_store
from vms_api.patrols.assist_desk import AssistDesk
from vms_api.patrols.plan import PatrolStop
from vms_api.patrols.round import Round
from vms_api.patrols.round_acts import LeaseIn, PresenceIn, VerdictIn
from vms_api.patrols.round_book import RoundBook, RoundGround
from vms_api.patrols.round_desk import RoundDesk
from vms_api.patrols.round_stop import RoundStop
from vms_api.patrols.stop_desk import StopDesk
from vms_api.playback.past_pictures import PastPictures
from vms_api.tickets.desk import TicketDesk, TicketGround
from vms_api.tickets.settings import TicketSettings

CAMERAS = ("gate", "yard", "pond")
GATE = {"text": "Is the gate closed?", "expected": "yes"}
STOPS = [
    PatrolStop.model_validate({"id": f"at-{name}", "camera_id": name, "dwell_s": 10.0, "questions": questions})
    for name, questions in zip(CAMERAS, ([GATE], [], []), strict=True)
]


@dataclass
class RoundRoom:
    """Plans are what `plans` says, by id and version; rounds are due at START for an hour."""

    desk: DeskRoom
    health: HealthBoard
    rounds: RoundDesk
    stops: StopDesk
    assist: AssistDesk
    plans: dict[tuple[str, int], Sequence[PatrolStop]] = field(default_factory=dict)

    def by(self, name: str) -> Handler:
        return self.desk.handler(name)

    async def due(self, **changes) -> str:
        """A round over the gate, the yard and the pond; its id."""
        async with self.desk.database.write() as transaction:
            told = due_round(**{"stop_count": len(STOPS), **changes})
            round_id = await round_store.add_due(transaction, told)
        assert round_id is not None
        return round_id

    async def taken(self, by: str = "wang", **changes) -> Round:
        return await self.rounds.take(await self.due(**changes), self.by(by))

    async def arrive(self, round_: Round, stop_id: str, by: str = "wang", epoch: int = 1) -> RoundStop:
        return await self.stops.arrive(round_.id, stop_id, self.by(by), LeaseIn(lease_epoch=epoch))

    async def look(self, round_: Round, stop_id: str, seconds: float = 14.0, **told) -> RoundStop:
        """Reports every two seconds that the stop is looked at; the last answer."""
        body = PresenceIn.model_validate({"lease_epoch": 1, "visible": True, "playing": True, "input": False, **told})
        for _ in range(round(seconds / 2)):
            self.desk.clock.advance(2.0)
            stop = await self.stops.report(round_.id, stop_id, self.by("wang"), body)
        return stop

    async def judge(self, round_: Round, stop_id: str, verdict: str = "normal", by: str = "wang", **told) -> RoundStop:
        body = VerdictIn.model_validate({"lease_epoch": 1, "verdict": verdict, **told})
        return await self.stops.judge(round_.id, stop_id, self.by(by), body)

    async def read(self, round_id: str, by: str = "wang") -> Round:
        return await self.rounds.read(round_id, self.by(by))

    def switch_off(self, *names: str) -> None:
        """These cameras have no live stream, the others do."""
        states = {name: "waiting" if name in names else "live" for name in CAMERAS}
        told = {name: CameraHealth(state=state, since=START) for name, state in states.items()}
        self.health.report(told)

    async def move(self, camera_id: str, area_id: str | None) -> None:
        """The camera is in that area from now on, or nowhere."""
        async with self.desk.database.write() as transaction:
            self.desk.rights.place_camera(transaction, camera_id, area_id)
            if area_id is None:
                await camera_store.delete_camera(transaction, camera_id)

    def grant(self, people: dict[str, tuple[Role, str]]) -> None:
        """These people have these roles on these areas, and nobody has others."""
        grants = [Grant(name, name, None, role, area, START, "admin") for name, (role, area) in people.items()]
        rights = self.desk.rights
        names = dict(rights.index.usernames)
        rights.index = RightsIndex(RightsRecord(rights.index.tree, grants, (), names))


@asynccontextmanager
async def round_room(place: DatabasePlace) -> AsyncIterator[RoundRoom]:
    """The desks on a database of their own; all cameras are live, in the village."""
    async with desk_room(place) as desk:
        health, plans = HealthBoard(desk.events, desk.clock), {("plan", 1): STOPS}

        async def stops_of(_connection: Connection, plan_id: str, version: int) -> Sequence[PatrolStop]:
            return plans[plan_id, version]

        tickets = TicketGround(desk.database, desk.events, desk.audit, desk.rights, desk.clock, TicketSettings())
        ground = RoundGround(
            database=desk.database,
            events=desk.events,
            audit=desk.audit,
            clock=desk.clock,
            rights=desk.rights,
            health=health,
            alerts=desk.desk,
            tickets=TicketDesk(tickets),
            stops_of=stops_of,
        )
        book = RoundBook(ground)
        journal = ViewJournal(desk.database, desk.audit, desk.clock)
        link = NodeLink(desk.database, desk.events, health, desk.clock, 5.0, desk.audit, journal)
        node = NodeClient(link)
        assist = AssistDesk(ground, book, PastPictures(desk.database, node, desk.clock))
        room = RoundRoom(desk, health, RoundDesk(ground, book), StopDesk(ground, book), assist, plans)
        await _furnish(room)
        room.switch_off()
        yield room
        await node.close()


async def _furnish(room: RoundRoom) -> None:
    fields = ("rtsp://192.0.2.7/main", None, "tcp", None, None, True, True, START, START)
    async with room.desk.database.write() as transaction:
        for area in room.desk.rights.index.tree:
            await insert_area(transaction, area)
        for name in CAMERAS:
            await camera_store.insert_camera(transaction, CameraRecord(name, "village", name.title(), *fields))
            room.desk.rights.place_camera(transaction, name, "village")
