"""The alert desk with its database, people with rights and a clock that a test moves; no HTTP."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from ingest.identifier import new_identifier
from tests.fakes.clock import START, ManualClock
from tests.fakes.node import alert_payload
from vms_api.accounts.access import Access
from vms_api.accounts.account import Caller, User
from vms_api.accounts.permission import Role
from vms_api.accounts.rights import Grant, RightsIndex, RightsRecord
from vms_api.accounts.rights_board import RightsBoard
from vms_api.alerts import list_store, store
from vms_api.alerts.alert import Alert
from vms_api.alerts.desk import AlertDesk, AlertGround, Handler
from vms_api.alerts.handling import ActIn
from vms_api.alerts.lifecycle import AlertAct
from vms_api.alerts.list_store import AlertQuery
from vms_api.alerts.settings import AlertSettings
from vms_api.areas.area import Area, AreaTree
from vms_api.audit.entry import Actor
from vms_api.audit.log import AuditLog
from vms_api.audit.store import AuditQuery, list_rows
from vms_api.cameras.health_board import HealthBoard
from vms_api.database import Database
from vms_api.database_place import DatabasePlace
from vms_api.dispatch.dispatch_desks import DispatchGround, dispatch_desks
from vms_api.events import Event, EventLog
from vms_api.nodes.delivery import AlertPayload
from vms_api.settings import SiteFile

PEOPLE = {"wang": Role.PATROLLER, "zhao": Role.PATROLLER, "li": Role.DISPATCHER, "chen": Role.SUPERVISOR}
"""All of the one area; `hu` is of none."""


@dataclass
class DeskRoom:
    """`told` are the alerts that the figures heard of."""

    database: Database
    events: EventLog
    audit: AuditLog
    rights: RightsBoard
    clock: ManualClock
    desk: AlertDesk
    told: list[Alert]

    def handler(self, name: str) -> Handler:
        user = User(name, name, None, "", START)
        return Handler(Actor(name, name), Access(Caller(user, name), self.rights))

    async def raise_alert(self, after_s: float = 0.0, **changes: Any) -> str:
        """An alert of one rule so many seconds after now; its id."""
        self.clock.advance(after_s)
        at = self.clock.now().isoformat()
        identifier = changes.pop("id", new_identifier())
        told = {"rule_id": "rule", "raised_at": at, "frame_received_at": at, "evidence": None} | changes
        payload = AlertPayload.model_validate(alert_payload(identifier, told.pop("camera_id", "gate"), **told))
        await self.desk.deliver(payload)
        return payload.id

    async def act(self, alert_id: str, act: AlertAct, by: str = "chen", body: ActIn | None = None) -> Alert:
        return await self.desk.act(alert_id, act, body or ActIn(), self.handler(by))

    async def alert(self, alert_id: str) -> Alert:
        async with self.database.read() as connection:
            found = await store.find_alert(connection, alert_id)
        assert found is not None
        return found

    async def listed(self, **asked: Any) -> list[Alert]:
        async with self.database.read() as connection:
            return list(await list_store.find_alerts(connection, AlertQuery(**{"limit": 1000, **asked})))

    async def acts(self, alert_id: str) -> list[tuple[str, str, str | None]]:
        """The history: act, state, person."""
        async with self.database.read() as connection:
            return [(step.act, step.state, step.username) for step in await store.list_history(connection, alert_id)]

    async def trail(self) -> list[dict[str, Any]]:
        """The audit log, oldest first."""
        async with self.database.read() as connection:
            return [json.loads(row.body) for row in reversed(await list_rows(connection, AuditQuery(limit=1000)))]

    async def heard(self, kind: str) -> list[Event]:
        return [event for event in await self.events.after(0, 10_000) if event.kind == kind]


def rights_of(people: dict[str, Role]) -> RightsBoard:
    """A root with one area, in which these people have their roles."""
    root = Area("root", None, "Site", "city", None, "/root/", START, START)
    village = Area("village", "root", "North", "village", None, "/root/village/", START, START)
    grants = [Grant(name, name, None, role, "root", START, "admin") for name, role in people.items()]
    names = dict.fromkeys(people, "") | {name: name for name in (*people, "hu")}
    board = RightsBoard()
    board.index = RightsIndex(RightsRecord(AreaTree([root, village]), grants, (), names))
    return board


@asynccontextmanager
async def desk_room(place: DatabasePlace, **settings: Any) -> AsyncIterator[DeskRoom]:
    """The desk on a database of its own."""
    database = await Database.open(place)
    clock, told = ManualClock(), []
    events, audit, rights = EventLog(database, clock), AuditLog(database, clock), rights_of(PEOPLE)
    health = HealthBoard(events, clock)
    dispatch = dispatch_desks(SiteFile(), DispatchGround(database, events, audit, rights, health, clock))
    ground = AlertGround(database, events, clock, rights, audit)
    desk = AlertDesk(ground, told.append, dispatch.dispatcher, AlertSettings(**settings))
    yield DeskRoom(database, events, audit, rights, clock, desk, told)
    await database.close()
