"""The ticket desk on a database of its own, with a township of two villages, people and a clock; no HTTP."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ingest.identifier import new_identifier
from tests.fakes.clock import START, ManualClock
from vms_api.accounts.access import Access
from vms_api.accounts.account import Caller, User
from vms_api.accounts.permission import Role
from vms_api.accounts.rights import Grant, RightsIndex, RightsRecord
from vms_api.accounts.rights_board import RightsBoard
from vms_api.alerts.desk import Handler
from vms_api.areas import store as area_store
from vms_api.areas.area import Area, AreaTree
from vms_api.audit.entry import Actor
from vms_api.audit.log import AuditLog
from vms_api.audit.store import AuditQuery, list_rows
from vms_api.cameras import store as camera_store
from vms_api.cameras.camera import CameraRecord
from vms_api.database import Database
from vms_api.database_place import DatabasePlace
from vms_api.events import Event, EventLog
from vms_api.tickets import store
from vms_api.tickets.cause import Cause, Severity
from vms_api.tickets.desk import TicketDesk, TicketGround
from vms_api.tickets.handling import TicketActIn, TicketFixIn
from vms_api.tickets.lifecycle import TicketAct
from vms_api.tickets.settings import TicketSettings
from vms_api.tickets.ticket import Finding, Ticket, TicketDetail

PEOPLE = {"ma": Role.MAINTAINER, "li": Role.DISPATCHER, "chen": Role.SUPERVISOR, "sun": Role.SUPERVISOR}
"""All of the township; `hu` has no right anywhere."""


@dataclass
class TicketRoom:
    """Areas `town` above `north` and `south`; the cameras are put in by tests."""

    ground: TicketGround
    desk: TicketDesk
    clock: ManualClock

    @property
    def database(self) -> Database:
        return self.ground.database

    def handler(self, name: str) -> Handler:
        user = User(name, name, None, "", START)
        return Handler(Actor(name, name), Access(Caller(user, name), self.ground.rights))

    async def add_cameras(self, *names: str, area_id: str = "north") -> None:
        """Cameras whose ids are their names, each at an address of its own."""
        async with self.database.write() as transaction:
            for number, name in enumerate(names):
                await camera_store.insert_camera(transaction, camera(name, area_id, f"rtsp://192.0.2.{number + 1}/"))
                self.ground.rights.place_camera(transaction, name, area_id)

    async def put(self, record: CameraRecord) -> None:
        async with self.database.write() as transaction:
            await camera_store.insert_camera(transaction, record)
            self.ground.rights.place_camera(transaction, record.id, record.area_id)

    async def move(self, camera_id: str, area_id: str) -> None:
        async with self.database.write() as transaction:
            found = await camera_store.find_camera(transaction.connection, camera_id)
            assert found is not None
            await camera_store.update_camera(transaction, replace(found, area_id=area_id, updated_at=self.clock.now()))
            self.ground.rights.place_camera(transaction, camera_id, area_id)

    async def found(
        self, camera_id: str = "gate", cause: Cause = Cause.OFFLINE, severity: Severity = "medium", **rest: Any
    ) -> str:
        """A finding of now; the id of its ticket."""
        finding = Finding(camera_id, cause, self.clock.now(), severity, **rest)
        async with self.database.write() as transaction:
            ticket_id = await self.desk.found(transaction, finding)
        assert ticket_id is not None
        return ticket_id

    async def cleared(self, camera_id: str = "gate", cause: Cause = Cause.OFFLINE, evidence: str | None = None) -> None:
        async with self.database.write() as transaction:
            await self.desk.cleared(transaction, camera_id, cause, self.clock.now(), evidence)

    async def act(
        self, ticket_id: str, act: TicketAct, by: str = "ma", body: TicketActIn | None = None
    ) -> TicketDetail:
        body = body or (TicketFixIn() if act is TicketAct.FIX else TicketActIn())
        return await self.desk.act(ticket_id, act, body, self.handler(by))

    async def ticket(self, ticket_id: str) -> TicketDetail:
        return await self.desk.read(ticket_id, self.handler("chen"))

    async def open_tickets(self) -> list[Ticket]:
        async with self.database.read() as connection:
            return list(await store.list_open(connection))

    async def acts(self, ticket_id: str) -> list[str]:
        return [entry.act for entry in (await self.ticket(ticket_id)).history]

    async def heard(self, kind: str = "ticket.changed") -> list[Event]:
        return [event for event in await self.ground.events.after(0, 10_000) if event.kind == kind]

    async def trail(self) -> list[dict[str, Any]]:
        """The audit log, the oldest first."""
        async with self.database.read() as connection:
            return [json.loads(row.body) for row in reversed(await list_rows(connection, AuditQuery(limit=1000)))]


def camera(
    camera_id: str, area_id: str = "north", address: str = "rtsp://192.0.2.1/", at: datetime = START
) -> CameraRecord:
    return CameraRecord(camera_id, area_id, camera_id, address, None, "tcp", None, None, True, False, at, at)


def _area(id_: str, parent: str | None, kind: Any, path: str) -> Area:
    return Area(id_, parent, id_.title(), kind, None, path, START, START)


@asynccontextmanager
async def ticket_room(place: DatabasePlace, **settings: Any) -> AsyncIterator[TicketRoom]:
    """The desk and what it stands on."""
    database = await Database.open(place)
    clock = ManualClock()
    events, audit, rights = EventLog(database, clock), AuditLog(database, clock), RightsBoard()
    async with database.write() as transaction:
        root = (await area_store.read_tree(transaction.connection)).root
        town = _area("town", root.id, "township", f"{root.path}town/")
        villages = [_area(name, "town", "village", f"{town.path}{name}/") for name in ("north", "south")]
        for area in (town, *villages):
            await area_store.insert_area(transaction, area)
    grants = [Grant(new_identifier(), name, None, role, "town", START, "admin") for name, role in PEOPLE.items()]
    names = {name: name for name in (*PEOPLE, "hu")}
    rights.index = RightsIndex(RightsRecord(AreaTree([root, town, *villages]), grants, (), names))
    ground = TicketGround(database, events, audit, rights, clock, TicketSettings(**settings))
    yield TicketRoom(ground, TicketDesk(ground), clock)
    await database.close()
