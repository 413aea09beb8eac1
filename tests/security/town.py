"""A township with two villages and everybody who might ask for something: the stage of the security tests."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx

from ingest.identifier import new_identifier
from tests.fakes.drawing import drawing
from tests.fakes.node import JPEG, FakeNode, alert_payload, better_view_payload
from tests.vms_api.conftest import PATIENCE_S, Site
from tests.vms_api.diagnosis.report import report
from vms_api.accounts.access import Access
from vms_api.accounts.account import Caller, User
from vms_api.accounts.permission import Permission, Role
from vms_api.accounts.rights import Grant
from vms_api.alerts.desk import Handler
from vms_api.areas.area import AreaIn, Centre
from vms_api.audit.entry import SYSTEM, Actor, Place
from vms_api.audit.look_store import OpenLook
from vms_api.cameras.unmask import UnmaskRequestIn
from vms_api.exports.desk import Request
from vms_api.exports.export import ExportIn
from vms_api.nodes.recording_client import FilePlace, Group
from vms_api.nodes.view_board import OpenView
from vms_api.notify import store as notify_store
from vms_api.notify.delivery import Delivery, DeliveryState, Message
from vms_api.patrols import picture_store, round_store
from vms_api.patrols.picture_store import PatrolPicture
from vms_api.patrols.round import DueRound
from vms_api.patrols.round_acts import LeaseIn
from vms_api.playback.plan import Piece, RecordedFile
from vms_api.playback.playback import SpeedClass
from vms_api.rates.exclusion import ExclusionIn
from vms_api.recordings.hold import HoldIn
from vms_api.reports.scheduled_report import ScheduledReportIn
from vms_api.tickets import maintenance_store
from vms_api.tickets.maintenance import MaintenanceWindow

API = "/api/v1"
TRACE = "Plumtree"
"""Part of every name in the village here: where it turns up, the village shows."""

RANGE = {"from": "2026-01-01T08:00:00Z", "to": "2026-01-01T09:00:00Z"}

BOUNDS = {"south": 23.1, "west": 113.2, "north": 23.2, "east": 113.3}
BOUNDS_QUERY = "?" + "&".join(f"{edge}={degrees}" for edge, degrees in BOUNDS.items())

CALLERS = ("anonymous", "here", "sibling", "dispatcher", "maintainer", "auditor", "admin", "expired")

ROLES = {
    "here": (Role.VIEWER, "here"),
    "sibling": (Role.VIEWER, "there"),
    "dispatcher": (Role.DISPATCHER, "township"),
    "maintainer": (Role.MAINTAINER, "here"),
    "auditor": (Role.AUDITOR, "root"),
}
"""Caller → the role and the area it is granted on. The administrator comes with the site."""

_numbers = itertools.count()


@dataclass(frozen=True)
class Maker:
    """Makes a thing, or several by their names, of the ids of those it `needs`."""

    needs: str
    make: Callable[..., Awaitable[str | dict[str, str]]]


@dataclass
class Town:
    """`callers` are HTTP clients by name, `areas` and `users` ids by name, `node` answers for the media node."""

    site: Site
    node: FakeNode
    areas: dict[str, str]
    users: dict[str, str]
    callers: Mapping[str, httpx.AsyncClient] = field(default_factory=dict)

    async def stage(self, wanted: Collection[str] | None = None) -> dict[str, str]:
        """Fresh things in the village here, by the name of the parameter that stands for them in a path.

        With `wanted` only what it names and what that needs: everything costs half a second.
        """
        name = f"{TRACE} {next(_numbers)}"
        makers, ids = self._makers(name), {"name": f"{name} again"}
        for parameters in makers:
            if wanted is None or not parameters.isdisjoint(wanted):
                await _make(parameters, makers, ids)
        return ids

    def _makers(self, name: str) -> Mapping[frozenset[str], "Maker"]:
        """How things come about, by their parameters: of one answer each, or one of a name for each."""
        makers: dict[str, Maker] = {
            "camera_id": Maker("", lambda: self._camera_of(name)),
            "zone_id": Maker("camera_id", lambda camera: self._zone_of(camera, name)),
            "used_zone_id rule_id": Maker("camera_id", lambda camera: self._rule_of(camera, name)),
            "alert_id": Maker("camera_id rule_id", lambda camera, rule: self._alert_of(camera, rule, name)),
            "area_id": Maker("", lambda: self._drawn_area(name)),
            "user_id grant_id": Maker("", lambda: self._villager(name)),
            "group_id": Maker("user_id", lambda user: self._group_of(user, name)),
            "dispatch_rule_id": Maker("", lambda: self._dispatch_rule(name)),
            "plan_id round_id stop_id snapshot_id": Maker(
                "camera_id", lambda camera: self._patrol_of("dispatcher", camera, name)
            ),
            "handover_id": Maker("user_id area_id", lambda user, area: self._handover_of(user, area, name)),
            "session_id": Maker("user_id", self._session_of),
            "token_id": Maker("user_id", self._token_of),
            "view": Maker("camera_id", lambda camera: self._view_of("here", camera)),
            "playback_id recording_id": Maker("camera_id", lambda camera: self._playback_of("dispatcher", camera)),
            "export_id": Maker("camera_id", lambda camera: self._export_of("dispatcher", camera, name)),
            "request_id": Maker("user_id camera_id", lambda user, camera: self._unmask_request_of(user, camera, name)),
            "import_id": Maker("", lambda: self._import_of(name)),
            "hold_id": Maker("camera_id", lambda camera: self._hold_on(camera, name)),
            "picture_id": Maker("camera_id", self._picture_of),
            "attachment_id": Maker("alert_id", lambda alert: self._attachment_of(f"alerts/{alert}/attachments", name)),
            "ticket_id photo_id window_id": Maker("camera_id", lambda camera: self._ticket_of(camera, name)),
            "receiver_id delivery_id": Maker("", lambda: self._dead_letter_for(name)),
            "exclusion_id report_id file_id": Maker(
                "user_id camera_id", lambda user, camera: self._rated(user, camera, name)
            ),
        }
        return {frozenset(parameters.split()): maker for parameters, maker in makers.items()}

    @property
    def here(self) -> str:
        """The village that `sibling` must find no trace of."""
        return self.areas["here"]

    async def _add(self, path: str, **body: Any) -> str:
        answer = await self.callers["admin"].post(path, json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    async def _camera_of(self, name: str) -> str:
        return await self._add(f"{API}/cameras", name=name, address="rtsp://192.0.2.7/main", area_id=self.here)

    async def _zone_of(self, camera_id: str, name: str) -> str:
        points = [[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]]
        return await self._add(f"{API}/cameras/{camera_id}/zones", name=name, kind="area", points=points)

    async def _rule_of(self, camera_id: str, name: str) -> dict[str, str]:
        """A rule with the zone that it cannot do without."""
        zone_id, labels = await self._zone_of(camera_id, name), ["person"]
        path = f"{API}/cameras/{camera_id}/rules"
        rule_id = await self._add(path, name=name, kind="intrusion", zone_id=zone_id, labels=labels)
        return {"used_zone_id": zone_id, "rule_id": rule_id}

    async def _alert_of(self, camera_id: str, rule_id: str, name: str) -> str:
        """An alert of the rule, with a better view of it."""
        alert_id = new_identifier()
        raised = alert_payload(alert_id, camera_id, rule_id=rule_id, rule_name=name)
        await asyncio.to_thread(self.node.deliver, raised)
        await asyncio.to_thread(self.node.deliver, better_view_payload(alert_id), "better_view")
        return alert_id

    async def _group_of(self, user_id: str, name: str) -> str:
        group_id = await self._add(f"{API}/groups", name=name)
        assert (await self.callers["admin"].put(f"{API}/groups/{group_id}/members/{user_id}")).status_code == 204
        return group_id

    async def _villager(self, name: str) -> dict[str, str]:
        """A user who may look at the village here."""
        user_id = await self._add(f"{API}/users", username=name, password="three wet umbrellas")
        return {
            "user_id": user_id,
            "grant_id": await self._add(f"{API}/grants", user_id=user_id, role="viewer", area_id=self.here),
        }

    async def _session_of(self, user_id: str) -> str:
        token = await self.site.control.accounts.desk.issue_login_token(Actor(user_id))
        async with self.site.anonymous() as http:
            assert (await http.post(f"{API}/login", json={"token": token})).status_code == 200
        (session,) = self.site.control.logins.sessions_of(user_id, self.site.control.clock.now())
        return session.id

    async def _unmask_request_of(self, user_id: str, camera_id: str, reason: str) -> str:
        user, body = await self._person(user_id), UnmaskRequestIn(purpose="incident", reason=reason, minutes=5)
        place, actor = Place(self.here, camera_id), Actor(user.id, user.username)
        return (await self.site.control.unmasks.ask(place, body, user, actor)).id

    async def _patrol_plan_of(self, camera_id: str, name: str) -> str:
        window = {"days": [0], "starts": "08:00", "ends": "10:00"}
        return await self._add(
            f"{API}/patrol-plans",
            name=name,
            area_id=self.here,
            stops=[{"camera_id": camera_id}],
            people={"roster": True},
            schedule={"windows": [window]},
        )

    async def _dispatch_rule(self, name: str) -> str:
        times = {"acknowledge_within_s": 60, "resolve_within_s": 600}
        return await self._add(f"{API}/dispatch-rules", name=name, area_id=self.here, **times)

    async def _patrol_of(self, caller: str, camera_id: str, name: str) -> dict[str, str]:
        """A plan, and a round that the caller goes on: at its first stop, of which a picture was kept."""
        await self._when_live(camera_id)
        plan_id = await self._patrol_plan_of(camera_id, name)
        control, now = self.site.control, self.site.control.clock.now()
        session = control.logins.sessions_of(self.users[caller], now)[0]
        access = Access(Caller(session.user, session.key), control.rights)
        by = Handler(Actor(session.user.id, session.user.username), access)
        due = DueRound(plan_id, 1, name, self.here, now, now + timedelta(hours=1), stop_count=1)
        async with control.database.write() as transaction:
            round_id = await round_store.add_due(transaction, due)
        assert round_id is not None
        stop = (await control.rounds.rounds.take(round_id, by)).stops[0]
        await control.rounds.stops.arrive(round_id, stop.id, by, LeaseIn(lease_epoch=1))
        place = (stop.camera_id, self.here, now, now, name, "00")
        picture = PatrolPicture(new_identifier(), round_id, stop.id, *place)
        async with control.database.write() as transaction:
            await picture_store.insert_picture(transaction, picture, JPEG)
        return {"plan_id": plan_id, "round_id": round_id, "stop_id": stop.id, "snapshot_id": picture.id}

    async def _when_live(self, camera_id: str) -> None:
        """Returns when the node has told that the camera is live: a stop at one that is not need not be judged."""
        async with asyncio.timeout(PATIENCE_S):
            while (await self.callers["admin"].get(f"{API}/cameras/{camera_id}/health")).json()["state"] != "live":
                await asyncio.sleep(0.02)

    async def _handover_of(self, user_id: str, area_id: str, note: str) -> str:
        return (await self.site.control.dispatch.handovers.hand_over(area_id, note, Actor(user_id, "gone"))).id

    async def _picture_of(self, camera_id: str) -> str:
        payload = report(camera_id)
        await asyncio.to_thread(self.node.deliver, payload, "quality")
        return str(payload["id"])

    async def _hold_on(self, camera_id: str, reason: str) -> str:
        body = HoldIn.model_validate({"camera_id": camera_id, **RANGE, "reason": reason})
        return (await self.site.control.recordings.holds.add(body, self.here, SYSTEM)).id

    async def _dead_letter_for(self, name: str) -> dict[str, str]:
        target = {"kind": "webhook", "url": "https://192.0.2.9/hook"}
        receiver_id = await self._add(
            f"{API}/notify/receivers", name=name, area_id=self.here, target=target, enabled=False
        )
        now = self.site.control.clock.now()
        message = Message("alert.raised", now, self.here, name, {"camera": name, "severity": "low"})
        letter = Delivery(new_identifier(), receiver_id, message, now, now, state=DeliveryState.DEAD)
        async with self.site.control.database.write() as transaction:
            await notify_store.insert_deliveries(transaction, [letter])
        return {"receiver_id": receiver_id, "delivery_id": letter.id}

    async def _rated(self, user_id: str, camera_id: str, name: str) -> dict[str, str]:
        """An exclusion of the camera that somebody asks for, a scheduled report, and a file made of it."""
        user, rates, now = await self._person(user_id), self.site.control.rates, self.site.control.clock.now()
        asked = ExclusionIn(camera_id=camera_id, starts_at=now, why="other", note=name)
        exclusion = await rates.exclusions.ask(asked, self.here, user, Actor(user.id, user.username))
        body = ScheduledReportIn(area_id=self.here, name=name, period="day", formats=["csv"])
        report = await rates.reports.add(body, SYSTEM)
        (file,) = await rates.reports.make(report, now.date(), now.date())
        return {"exclusion_id": exclusion.id, "report_id": report.id, "file_id": file.id}

    async def _import_of(self, name: str) -> str:
        table, headers = f"Name,Notes\n{name},x\n".encode(), {"Content-Type": "application/octet-stream"}
        answer = await self.callers["admin"].post(f"{API}/cameras/imports", content=table, headers=headers)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    async def _ticket_of(self, camera_id: str, name: str) -> dict[str, str]:
        """A ticket with a photo, and a maintenance window that a person who is gone has asked for."""
        ticket = await self._add(f"{API}/tickets", camera_id=camera_id, note=name)
        now = self.site.control.clock.now()
        window = MaintenanceWindow(
            new_identifier(), self.here, None, now, now + timedelta(hours=1), name, now, "gone", "gone"
        )
        async with self.site.control.database.write() as transaction:
            await maintenance_store.save_window(transaction, window)
        photo = await self._attachment_of(f"tickets/{ticket}/photos", name)
        return {"ticket_id": ticket, "photo_id": photo, "window_id": window.id}

    async def _attachment_of(self, place: str, name: str) -> str:
        headers = {"Content-Type": "application/octet-stream"}
        path = f"{API}/{place}?name=report.txt"
        answer = await self.callers["admin"].post(path, content=name.encode(), headers=headers)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    async def _drawn_area(self, name: str) -> str:
        """An area below the village, with a drawing on the map."""
        area_id = await self._add(f"{API}/areas", name=name, parent_id=self.here, centre={"name": name})
        headers = {"Content-Type": "application/octet-stream"}
        path = f"{API}/areas/{area_id}/plan{BOUNDS_QUERY}"
        answer = await self.callers["admin"].post(path, content=drawing(), headers=headers)
        assert answer.status_code == 201, answer.text
        return area_id

    async def _person(self, user_id: str) -> User:
        return next(user for user in await self.site.control.accounts.people.list_people() if user.id == user_id)

    async def _token_of(self, user_id: str) -> str:
        user = await self._person(user_id)
        scopes = frozenset({Permission.CAMERA_VIEW})
        _text, token = await self.site.control.accounts.login_desk.issue_token(
            user, "a program", scopes, timedelta(days=1), SYSTEM
        )
        return token.id

    async def _view_of(self, caller: str, camera_id: str) -> str:
        control = self.site.control
        session = control.logins.sessions_of(self.users[caller], control.clock.now())[0]
        view = OpenView(new_identifier(), camera_id, Caller(session.user, session.key), control.node.epoch)
        control.views.add(view)
        return view.id

    async def _playback_of(self, caller: str, camera_id: str) -> dict[str, str]:
        control, recording_id = self.site.control, new_identifier()
        session = control.logins.sessions_of(self.users[caller], control.clock.now())[0]
        place, file = Place(self.here, camera_id), FilePlace(volume_id="v", path="p")
        at = control.clock.now()
        recorded = RecordedFile(recording_id, file, ("main", 1, 1), 0, at, 0.0, "init", [Group(0.0, 1.0)])
        record = OpenLook(new_identifier(), Actor(session.user.id), place, None, at)
        piece = Piece(recorded, 0, 0, breaks=False, leads=True)
        opened = await control.playback.board.open(
            record, Caller(session.user, session.key), SpeedClass.NORMAL, [piece]
        )
        return {"playback_id": opened.record.id, "recording_id": recording_id}

    async def _export_of(self, caller: str, camera_id: str, note: str) -> str:
        user, exports = await self._person(self.users[caller]), self.site.control.exports
        body = ExportIn.model_validate({"camera_ids": [camera_id], **RANGE, "note": note})
        row = exports.draft(Request(body, [Place(self.here, camera_id)], None), user)
        return (await exports.ask(row, Actor(user.id, user.username))).id


async def _make(parameters: frozenset[str], makers: Mapping[frozenset[str], Maker], ids: dict[str, str]) -> None:
    """Adds what these parameters stand for to the ids, after all that it needs; nothing is made twice."""
    if parameters <= ids.keys():
        return
    maker = makers[parameters]
    needs = maker.needs.split()
    for needed in needs:
        await _make(next(names for names in makers if needed in names), makers, ids)
    made = await maker.make(*(ids[needed] for needed in needs))
    ids |= made if isinstance(made, dict) else dict.fromkeys(parameters, made)


@asynccontextmanager
async def built_town(site: Site) -> AsyncIterator[Town]:
    """The town with its people logged in."""
    control = site.control
    root = control.rights.index.tree.root.id
    township = await control.areas.add(
        AreaIn(parent_id=root, name="Orchard township", kind="township", centre=Centre(name="Orchard")), SYSTEM
    )
    village = AreaIn(
        parent_id=township.id, name=f"{TRACE} village", kind="village", centre=Centre(name=f"{TRACE} room")
    )
    here = await control.areas.add(village, SYSTEM)
    there = await control.areas.add(AreaIn(parent_id=township.id, name="Willow village", kind="village"), SYSTEM)
    areas = {"root": root, "township": township.id, "here": here.id, "there": there.id}
    users = {"admin": (await site.http.get(f"{API}/me")).json()["id"]}
    for name, (role, place) in ROLES.items():
        user = await control.accounts.people.add(name, f"{name} likes long walks", SYSTEM)
        grant = Grant("", user.id, None, role, areas[place], control.clock.now(), "admin")
        await control.accounts.rights_desk.add_grant(grant, SYSTEM)
        users[name] = user.id
    town = Town(site, await site.start_node(), areas, users)
    async with AsyncExitStack() as stack:
        town.callers = {name: await logged_in(site, name, users.get(name)) for name in CALLERS}
        for http in town.callers.values():
            stack.push_async_callback(http.aclose)
        yield town


async def logged_in(site: Site, name: str, user_id: str | None) -> httpx.AsyncClient:
    """A client that is logged in as that caller."""
    http = site.anonymous()
    if name == "expired":
        admin = (await site.control.accounts.people.list_people())[0]
        text, _token = await site.control.accounts.login_desk.issue_token(
            admin, "an old program", frozenset(Permission), timedelta(0), SYSTEM
        )
        http.headers["Authorization"] = f"Bearer {text}"
    elif user_id is not None:
        token = await site.control.accounts.desk.issue_login_token(Actor(user_id))
        assert (await http.post(f"{API}/login", json={"token": token})).status_code == 200
    return http
