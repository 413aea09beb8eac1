"""Writes the demo's past through the desks and stores that a site writes its own by, before it is started.

The clock is set to each moment in turn, so that everything stands where it would, tickets and the audit log included.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher

from analytics.quality.category import Category
from ingest.camera import Credential
from ingest.identifier import new_identifier
from vms_api.accounts.access import Access
from vms_api.accounts.account import Caller, User
from vms_api.accounts.permission import Role
from vms_api.accounts.rights import Grant
from vms_api.alerts.desk import Handler
from vms_api.areas.area import AreaIn, AreaKind, AreaPatch, Centre
from vms_api.audit.entry import SYSTEM, Actor
from vms_api.cameras.camera import CameraIn
from vms_api.control import Control, open_control
from vms_api.database import Transaction
from vms_api.demo.drawing import township_drawing
from vms_api.demo.ledgers import ledger_of
from vms_api.demo.past_findings import category_of, check_clocks, find_bad, find_well
from vms_api.demo.past_recordings import Span, hours_of, write_past
from vms_api.demo.scenario import CITY, FARM, PLACES, TOWN, TOWNSHIP
from vms_api.demo.story import (
    CENTRES,
    CLOCK_OFF,
    DAYS,
    DISPATCHER,
    MADE_UP,
    MAINTAINER,
    MENDED,
    MISSED,
    OCCLUDED,
    OUTAGES,
    PATROLLER,
    PEOPLE,
    PLAN_BOUNDS,
    ROUND_HOURS,
    SICK,
    UNRECORDED,
    VOLUME,
    Repair,
    SickCamera,
)
from vms_api.duty.civil_time import instant_of
from vms_api.ledger.ledger import LedgerIn
from vms_api.nodes.delivery import CameraStatePayload
from vms_api.nodes.store import insert_camera_state
from vms_api.patrols.plan import PatrolByName, PatrolPlan, PatrolPlanIn, PatrolQuestion, PatrolStop
from vms_api.patrols.round import DueRound, RoundSummary
from vms_api.patrols.round_lifecycle import RoundState
from vms_api.patrols.round_stop import RoundStop, StopVerdict
from vms_api.patrols.round_store import add_due, find_round, save_round
from vms_api.patrols.schedule import PatrolSchedule, PatrolWindow
from vms_api.patrols.stop_store import insert_stops
from vms_api.rates.watch_store import extend_watch
from vms_api.settings_file import load_settings
from vms_api.tickets.cause import QUALITY, WATCHED, Cause, Severity
from vms_api.tickets.handling import TicketActIn, TicketAssignIn, TicketFixIn
from vms_api.tickets.lifecycle import TicketAct
from vms_api.tickets.ticket import Contractor, Finding

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_DEADLINE = timedelta(minutes=50)
_QUICK = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
"""The demo's passwords are drawn by chance, so that nobody would guess them however quickly they are tried."""
_AGO = timedelta(minutes=2)
"""A round became due so long ago."""
_SURE = timedelta(minutes=10)
"""A fault that lasts so long is believed."""
_UNTIL_RECORDED = timedelta(minutes=65)
"""The site stood still before somebody started it: nothing is made up of what is recorded now."""
_STAY = timedelta(seconds=30)
"""For which somebody looked at each camera of a round."""


@dataclass(frozen=True, slots=True)
class DemoGround:
    """What the past is made of: when it ends, the cameras' addresses by their paths, and how people log in."""

    now: datetime
    addresses: Mapping[str, str]
    login: Credential
    admin_password: str
    people_password: str


class StoryClock:
    """Implements `Clock`: it shows what it was set to."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        """The moment that the story has come to."""
        return self._at

    def monotonic_s(self) -> float:
        """Seconds of the story."""
        return self._at.timestamp()

    def set(self, at: datetime) -> None:
        """Goes on to another moment."""
        self._at = at


def seed(site_file: Path, ground: DemoGround) -> Mapping[str, str]:
    """Makes areas, people, cameras and a week of their past; the ids of the cameras by their paths."""
    return asyncio.run(_seed(site_file, ground))


async def _seed(site_file: Path, ground: DemoGround) -> Mapping[str, str]:
    settings, clock = load_settings(site_file), StoryClock(ground.now - (DAYS + 1) * _DAY)
    environ = {"XUELIANG_ADMIN_PASSWORD": ground.admin_password}
    async with open_control(settings, environ, clock, _QUICK) as control:
        story = _Story(control, clock, ground)
        await story.settle()
        await story.pass_time()
        clock.set(ground.now)
        return story.cameras


class _Story:
    """One township, from its first camera to this minute."""

    def __init__(self, control: Control, clock: StoryClock, ground: DemoGround) -> None:
        self._control = control
        self._clock = clock
        self._ground = ground
        self._zone = ZoneInfo(control.settings.site.time_zone)
        self._areas: dict[str, str] = {}
        self._people: dict[str, User] = {}
        self._admin_id = ""
        self.cameras: dict[str, str] = {}

    async def settle(self) -> None:
        """The areas with their duty rooms, the people, the cameras with their ledgers, and the drawing."""
        await self._found_areas()
        await self._employ()
        for path, name, village in _cameras():
            await self._hang(path, name, village)
        drawing = await asyncio.to_thread(township_drawing)
        await self._control.overview.plans.keep(self._areas[TOWNSHIP], _once(drawing), PLAN_BOUNDS, SYSTEM)

    async def pass_time(self) -> None:
        """The week: outages, repairs, rounds; then what is open now."""
        await self._watch_states()
        await self._diagnose()
        await self._record()
        plan = await self._plan_patrols()
        for path, cause, days_ago, hour, hours in sorted(MENDED, key=lambda one: one[3] - 24 * one[2]):
            await self._mend(path, cause, self._at(days_ago, hour), timedelta(hours=hours))
        await self._walk(plan)
        for camera in sorted(SICK, key=lambda one: one.repair.found, reverse=True):
            await self._report(self.cameras[camera.path], camera.repair)
        today = self._ground.now.astimezone(self._zone).date()
        for days_ago in range(DAYS, 0, -1):
            self._clock.set(min(self._at(days_ago - 1, 0.5), self._ground.now))
            await self._control.rates.desk.count(today - days_ago * _DAY, "demo")

    async def _found_areas(self) -> None:
        areas, root = self._control.areas, self._control.rights.index.tree.root
        centre = Centre(name=CENTRES[CITY])
        self._areas[CITY] = (await areas.change(root.id, AreaPatch(name=CITY, kind="city", centre=centre), SYSTEM)).id
        kinds: Sequence[tuple[str, str, AreaKind]] = (
            (TOWNSHIP, CITY, "township"),
            (TOWN, TOWNSHIP, "village"),
            (FARM, TOWNSHIP, "village"),
        )
        for name, above, kind in kinds:
            centre = Centre(name=CENTRES[name])
            body = AreaIn(name=name, kind=kind, parent_id=self._areas[above], centre=centre)
            self._areas[name] = (await areas.add(body, SYSTEM)).id

    async def _employ(self) -> None:
        people = self._control.accounts.people
        for person in PEOPLE:
            first = (person.role, self._areas[person.area])
            self._people[person.name] = await people.add(person.name, self._ground.people_password, SYSTEM, first)
        (admin,) = [user for user in await people.list_people() if user.username == "admin"]
        self._admin_id = admin.id
        grant = Grant("", admin.id, None, Role.DISPATCHER, self._areas[TOWNSHIP], self._clock.now(), "system")
        await self._control.accounts.rights_desk.add_grant(grant, SYSTEM)

    async def _hang(self, path: str, name: str, village: str) -> None:
        body = CameraIn(
            name=name,
            address=self._ground.addresses[path],
            username=self._ground.login.username,
            password=self._ground.login.password,
            analysed=any(place.path == path for place in PLACES),
        )
        camera = await self._control.registry.create(body, self._areas[village], SYSTEM)
        self.cameras[path] = camera.id
        await self._control.ledger.desk.change(
            camera.id, LedgerIn(values=dict(ledger_of(path, name, village)), base_version=0), SYSTEM
        )

    async def _watch_states(self) -> None:
        """When the node was heard, and what its cameras did; the states come in their order of time."""
        began = self._at(DAYS, 0.0)
        moments = []
        for path in self.cameras:
            for since, until in self._live(path):
                moments += [(since, path, "live"), (until, path, "waiting")]
        async with self._control.database.write() as transaction:
            await extend_watch(transaction, began, self._ground.now)
            for at, path, state in sorted(moment for moment in moments if moment[0] < self._ground.now):
                told = {"id": new_identifier(), "camera_id": self.cameras[path], "role": "main", "state": state}
                await insert_camera_state(transaction, CameraStatePayload.model_validate({**told, "at": at}))

    def _live(self, path: str) -> list[Span]:
        """When the camera had a picture, in the order of time."""
        gone = [self._fault(outage) for outage in OUTAGES if outage[0] == path]
        gone += [(self._broke(one.repair), self._ground.now) for one in _broken(Cause.OFFLINE) if one.path == path]
        edges = [self._at(DAYS, 0.0), *(edge for span in gone for edge in span), self._ground.now]
        return [(since, until) for since, until in zip(edges[::2], edges[1::2], strict=True) if since < until]

    def _fault(self, fault: tuple[str, int, float, float]) -> Span:
        since = self._at(fault[1], fault[2])
        return since, since + timedelta(hours=fault[3])

    def _broke(self, repair: Repair) -> datetime:
        """A fault lasts for a while before it is found."""
        return self._ground.now - repair.found - _SURE

    async def _diagnose(self) -> None:
        """Findings of the week and of today, and a look at every clock at noon."""
        async with self._control.database.write() as transaction:
            for camera_id in self.cameras.values():
                await find_well(transaction, camera_id, self._at(DAYS, 0.0))
            await find_bad(transaction, self.cameras[OCCLUDED[0]], Category.OCCLUSION, *self._fault(OCCLUDED))
            for camera in _broken(*QUALITY):
                category = category_of(camera.repair.cause)
                await find_bad(transaction, self.cameras[camera.path], category, self._broke(camera.repair), None)
            for days_ago in range(DAYS, 0, -1):
                wrong_path, wrong_days, offset_s = CLOCK_OFF
                wrong = wrong_path if days_ago in wrong_days else None
                offsets = {id_: offset_s if path == wrong else None for path, id_ in self.cameras.items()}
                await check_clocks(transaction, self._at(days_ago, 12.0), offsets)

    async def _record(self) -> None:
        """What was live was recorded, but for one camera on one day."""
        missing = {UNRECORDED[0]: [self._fault(UNRECORDED)]}
        end = self._ground.now - _UNTIL_RECORDED
        recorded = {
            id_: [*hours_of([(since, min(until, end)) for since, until in self._live(path)], missing.get(path, ()))]
            for path, id_ in self.cameras.items()
        }
        volume = next((one for one in self._control.settings.recording.volumes if one.name == VOLUME), None)
        if volume is None:
            raise RuntimeError(f"the site file has no volume {VOLUME}")
        async with self._control.database.write() as transaction:
            await write_past(transaction, volume, recorded, self._ground.now)

    async def _plan_patrols(self) -> PatrolPlan:
        """An hourly round along all cameras; the past was walked three times a day.

        Whoever tries the demo is asked as well: they are the administrator, and find the round that waits.
        """
        question = PatrolQuestion(text="通道是否畅通? Is the way clear?", expected="yes")
        stops = tuple(PatrolStop(camera_id=id_, dwell_s=5, questions=(question,)) for id_ in self.cameras.values())
        body = PatrolPlanIn(
            area_id=self._areas[TOWNSHIP],
            name="柳林镇日常巡查 Township round",
            stops=stops,
            people=PatrolByName(
                user_ids=(*(self._people[name].id for name in (PATROLLER, DISPATCHER)), self._admin_id)
            ),
            schedule=PatrolSchedule(
                windows=(PatrolWindow(days=tuple(range(7)), starts="00:00", ends="00:00", every_s=3600),)
            ),
            deadline_s=int(_DEADLINE.total_seconds()),
        )
        self._clock.set(self._ground.now)
        return await self._control.patrols.plans.add(body, SYSTEM)

    async def _walk(self, plan: PatrolPlan) -> None:
        """The rounds of the week, and one that waits for somebody now."""
        async with self._control.database.write() as transaction:
            for days_ago in range(DAYS, 0, -1):
                for hour in ROUND_HOURS:
                    found = await self._due(transaction, plan, self._at(days_ago, hour))
                    ended = self._missed() if (days_ago, hour) in MISSED else self._walked(found.due_at)
                    await save_round(transaction, found.model_copy(update=ended))
                    if (days_ago, hour) not in MISSED:
                        await insert_stops(transaction, found.id, self._stops(plan, found.due_at))
            await self._due(transaction, plan, self._ground.now.replace(second=0, microsecond=0) - _AGO)

    async def _due(self, transaction: Transaction, plan: PatrolPlan, at: datetime) -> RoundSummary:
        due = DueRound(plan.id, plan.version, plan.name, plan.area_id, at, at + _DEADLINE, len(self.cameras))
        round_id = await add_due(transaction, due)
        found = await find_round(transaction.connection, round_id or "")
        if found is None:
            raise RuntimeError("two rounds of the demo are due at one time")
        return found

    def _missed(self) -> dict[str, object]:
        return {"state": RoundState.MISSED, "late": True}

    def _walked(self, due_at: datetime) -> dict[str, object]:
        person = self._people[PATROLLER]
        return {
            "state": RoundState.COMPLETED,
            "user_id": person.id,
            "user_name": person.username,
            "started_at": due_at + timedelta(minutes=6),
            "finished_at": due_at + timedelta(minutes=19),
            "done_count": len(self.cameras),
        }

    def _stops(self, plan: PatrolPlan, due_at: datetime) -> list[RoundStop]:
        """Every camera of the round was looked at, one after the other, as far as there was a picture."""
        paths = {id_: path for path, id_ in self.cameras.items()}
        names = {path: name for path, name, _ in _cameras()}
        stops = []
        for index, stop in enumerate(plan.stops):
            path, at = paths[stop.camera_id], due_at + timedelta(minutes=6 + index)
            seen: dict[str, object] = {"unreachable": True, "unreachable_why": "offline"}
            if any(since <= at < until for since, until in self._live(path)):
                seen = {"verdict": StopVerdict.NORMAL, "answers": ("yes",), "present_s": 30.0, "attended_s": 30.0}
                seen |= {"judged_at": at + _STAY, "judged_by": self._people[PATROLLER].username}
            found = {**stop.model_dump(), "index": index, "camera_name": names[path], **seen}
            stops.append(RoundStop.model_validate({**found, "arrived_at": at, "left_at": at + _STAY}))
        return stops

    async def _mend(self, path: str, cause: Cause, found: datetime, took: timedelta) -> None:
        ticket_id = await self._find(self.cameras[path], cause, WATCHED.get(cause, "medium"), found)
        await self._act(
            ticket_id, TicketAct.ASSIGN, TicketAssignIn(user_id=self._people[MAINTAINER].id), found + _HOUR / 4
        )
        await self._act(ticket_id, TicketAct.START, TicketActIn(), found + took / 2)
        fixed = TicketFixIn(note=f"已更换电源。 Power supply replaced. ({MADE_UP})", parts=["12 V 2 A"])
        await self._act(ticket_id, TicketAct.FIX, fixed, found + took * 0.9)
        self._clock.set(found + took)
        async with self._control.database.write() as transaction:
            await self._control.tickets.desk.cleared(transaction, self.cameras[path], cause, found + took)

    async def _report(self, camera_id: str, repair: Repair) -> None:
        """A fault of today that is not mended yet."""
        found = self._ground.now - repair.found
        ticket_id = await self._find(camera_id, repair.cause, repair.severity, found)
        if repair.person is not None:
            assign = TicketAssignIn(user_id=self._people[repair.person].id, note=MADE_UP)
        elif repair.firm is not None:
            assign = TicketAssignIn(contractor=Contractor(name=repair.firm, contact="0571 0000 0000"), note=MADE_UP)
        else:
            return
        await self._act(ticket_id, TicketAct.ASSIGN, assign, found + _HOUR / 2)

    async def _find(self, camera_id: str, cause: Cause, severity: Severity, at: datetime) -> str:
        self._clock.set(at)
        finding = Finding(camera_id, cause, at, severity, {"demo": MADE_UP})
        async with self._control.database.write() as transaction:
            ticket_id = await self._control.tickets.desk.found(transaction, finding)
        if ticket_id is None:
            raise RuntimeError("a camera of the demo is gone")
        return ticket_id

    async def _act(self, ticket_id: str, act: TicketAct, body: TicketActIn, at: datetime) -> None:
        self._clock.set(at)
        user = self._people[DISPATCHER if act is TicketAct.ASSIGN else MAINTAINER]
        access = Access(Caller(user, "demo"), self._control.rights)
        await self._control.tickets.desk.act(ticket_id, act, body, Handler(Actor(user.id, user.username), access))

    def _at(self, days_ago: int, hour: float) -> datetime:
        """That hour by the site's clocks, UTC."""
        day = self._ground.now.astimezone(self._zone).date() - timedelta(days=days_ago)
        return (instant_of(day, time(), self._zone) + timedelta(hours=hour)).astimezone(UTC)


def _cameras() -> list[tuple[str, str, str]]:
    """Path, name and village of every camera."""
    well = [(place.path, place.name, place.village) for place in PLACES]
    return [*well, *((camera.path, camera.name, camera.village) for camera in SICK)]


def _broken(*causes: Cause) -> list[SickCamera]:
    """The cameras that have one of these faults now."""
    return [camera for camera in SICK if camera.repair.cause in causes]


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data
