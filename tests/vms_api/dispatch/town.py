"""A city, a township and a village with a camera, each with a centre and people; the desks without HTTP."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingest.identifier import new_identifier
from tests.fakes.clock import ManualClock
from tests.fakes.node import alert_payload
from tests.vms_api.conftest import CHEAP_HASHER, PASSWORD, site_settings
from vms_api.accounts.access import Access
from vms_api.accounts.account import Caller, User
from vms_api.accounts.permission import Role
from vms_api.alerts import store as alert_store
from vms_api.alerts.alert import Alert
from vms_api.alerts.desk import Handler
from vms_api.alerts.handling import ActIn, AssignIn, JudgeIn
from vms_api.alerts.lifecycle import AlertAct
from vms_api.areas.area import AreaIn, AreaPatch, Centre
from vms_api.audit.entry import SYSTEM, Actor
from vms_api.audit.store import AuditQuery, list_rows
from vms_api.cameras.camera import CameraIn
from vms_api.control import Control, open_control
from vms_api.database_place import URL_VARIABLE, DatabasePlace, DatabaseServer
from vms_api.dispatch.supervising import SuperviseAct
from vms_api.nodes.delivery import AlertPayload


@dataclass
class Town:
    """`people` act by name."""

    control: Control
    clock: ManualClock
    city: str
    township: str
    village: str
    camera_id: str
    people: dict[str, User] = field(default_factory=dict)

    async def add_person(self, name: str, role: Role, area_id: str) -> User:
        user = await self.control.accounts.people.add(name, PASSWORD, SYSTEM, (role, area_id))
        self.people[name] = user
        return user

    def by(self, name: str) -> Handler:
        user = self.people[name]
        return Handler(Actor(user.id, user.username), Access(Caller(user, "key"), self.control.rights))

    async def raise_alert(self, **changes: Any) -> Alert:
        """An alert of a rule of its own, so that none is a repeat of another, unless `rule_id` is given."""
        alert_id = new_identifier()
        body = alert_payload(alert_id, self.camera_id, **{"rule_id": alert_id, **changes})
        payload = AlertPayload.model_validate(body)
        assert await self.control.alerts.deliver(payload)
        return await self.alert(payload.id)

    async def alert(self, alert_id: str) -> Alert:
        async with self.control.database.read() as connection:
            found = await alert_store.find_alert(connection, alert_id)
        assert found is not None
        return found

    async def act(self, alert_id: str, act: AlertAct, name: str, body: ActIn | None = None) -> Alert:
        return await self.control.alerts.act(alert_id, act, body or ActIn(), self.by(name))

    async def assign(self, alert_id: str, to: str, name: str, **more: Any) -> Alert:
        return await self.act(alert_id, AlertAct.ASSIGN, name, AssignIn(user_id=self.people[to].id, **more))

    async def resolve(self, alert_id: str, name: str) -> Alert:
        return await self.act(alert_id, AlertAct.RESOLVE, name, JudgeIn.model_validate({"verdict": "true"}))

    async def supervise(self, alert_id: str, act: SuperviseAct, name: str, body: ActIn | None = None) -> Alert:
        return await self.control.dispatch.supervision.act(alert_id, act, body or ActIn(), self.by(name))

    async def history(self, alert_id: str) -> list[tuple[str, str | None, str | None, str | None]]:
        """(act, person, goal, reason) of each step."""
        async with self.control.database.read() as connection:
            found = await alert_store.list_history(connection, alert_id)
        return [(entry.act, entry.username, entry.detail.get("to"), entry.detail.get("reason")) for entry in found]

    async def rounds(self) -> int:
        """Looks until nobody is due; how many alerts were looked at."""
        total = 0
        while count := await self.control.dispatch.rounds.look():
            total += count
        return total

    async def pass_time(self, minutes: float) -> None:
        self.clock.advance(minutes * 60)
        await self.rounds()

    async def audit_kinds(self) -> list[str]:
        async with self.control.database.read() as connection:
            rows = await list_rows(connection, AuditQuery(limit=10_000))
        return [json.loads(row.body)["kind"] for row in reversed(rows)]


@asynccontextmanager
async def opened_town(folder: Path, place: DatabasePlace, clock: ManualClock) -> AsyncIterator[Town]:
    """A village (patrollers wang, zhao; dispatcher he) in a township (li) in a city (chen supervises)."""
    environ = {URL_VARIABLE: place.url} if isinstance(place, DatabaseServer) else {}
    async with open_control(site_settings(folder / "data"), environ, clock, CHEAP_HASHER) as control:
        root = control.rights.index.tree.root.id
        await control.areas.change(root, AreaPatch(centre=Centre(name="City centre")), SYSTEM)
        township = await _area(control, root, "Lakeside", "Lakeside centre")
        village = await _area(control, township, "North", "North duty room")
        camera = await control.registry.create(CameraIn(name="Weir", address="rtsp://192.0.2.7/"), village, SYSTEM)
        town = Town(control, clock, root, township, village, camera.id)
        for name in ("wang", "zhao"):
            await town.add_person(name, Role.PATROLLER, village)
        await town.add_person("he", Role.DISPATCHER, village)
        await town.add_person("li", Role.DISPATCHER, township)
        await town.add_person("chen", Role.SUPERVISOR, root)
        yield town


async def _area(control: Control, parent_id: str, name: str, centre: str) -> str:
    body = AreaIn(parent_id=parent_id, name=name, kind="other", centre=Centre(name=centre))
    return (await control.areas.add(body, SYSTEM)).id
