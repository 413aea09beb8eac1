"""What a patroller is told at a stop: how the camera is, what is open there, and what was to be seen meanwhile."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from ingest.identifier import new_identifier
from vms_api.accounts.account import Caller
from vms_api.accounts.permission import Permission
from vms_api.alerts.alert import Alert
from vms_api.alerts.desk import Handler
from vms_api.alerts.incident import DONE
from vms_api.alerts.lifecycle import AlertState
from vms_api.alerts.list_store import AlertQuery, find_alerts
from vms_api.audit.entry import AuditKind, Place, StatedPurpose
from vms_api.cameras import store as camera_store
from vms_api.cameras.camera import CameraRecord
from vms_api.cameras.health import CameraHealth
from vms_api.cameras.store import CameraQuery
from vms_api.database import Connection
from vms_api.errors import NotFound
from vms_api.nodes.client import NodeSnapshot
from vms_api.patrols import stop_store
from vms_api.patrols.proposal import Candidate, Proposal, proposed
from vms_api.patrols.round import RoundSummary
from vms_api.patrols.round_book import RoundBook, RoundGround, row_of
from vms_api.patrols.round_stop import RoundStop, StopVerdict
from vms_api.patrols.strip import HELD_S, LONGEST, Strip, StripBoard, spread
from vms_api.playback.past_pictures import PastPictures, Viewing
from vms_api.tickets.lifecycle import OPEN_STATES
from vms_api.tickets.list_store import TicketQuery, find_tickets
from vms_api.tickets.ticket import Ticket

_MOST_SHOWN = 20
_MOST_OPEN = 1000
_NOT_DONE = frozenset(AlertState) - DONE


class LastVisit(BaseModel):
    """When a camera was last judged at a stop, by whom, and what was said."""

    at: datetime
    verdict: StopVerdict
    by: str | None
    note: str


class StripPicture(BaseModel):
    """A picture of the hours since the last visit."""

    at: datetime
    picture_url: str


class Assist(BaseModel):
    """What is known of a stop's camera. Alerts and tickets are those that the person may see."""

    health: CameraHealth
    quality: list[dict[str, Any]] = []
    open_alerts: list[Alert]
    open_tickets: list[Ticket]
    last: LastVisit | None
    strip: list[StripPicture]


class AssistDesk:
    """Reads for whoever has the round in hand. The strip of a stop is one look, with one audit row."""

    def __init__(self, ground: RoundGround, book: RoundBook, past: PastPictures) -> None:
        self._database = ground.database
        self._clock = ground.clock
        self._rights = ground.rights
        self._health = ground.health
        self._book = book
        self._past = past
        self._strips = StripBoard()

    async def place(self, round_id: str, stop_id: str, by: Handler) -> Place:
        """Where the stop is, for whoever goes on the round and may see stills of its camera.

        Raises:
            NotFound, NotAllowed, RoundMovedOn, RoundTaken: as `RoundBook.in_hand`; or the camera is not seen.

        """
        async with self._database.read() as connection:
            _round, stop, _camera = await self._found(connection, round_id, stop_id, by)
        return Place(self._rights.area_of(stop.camera_id), stop.camera_id)

    async def read(
        self, round_id: str, stop_id: str, by: Handler, caller: Caller, purpose: StatedPurpose | None
    ) -> Assist:
        """All that is known of the stop's camera.

        The strip takes no right to play recordings back: on a round it is at most 24 stills since the last visit, under
        the masks of today, of a camera that the person may see stills of. It has its own row in the audit log.

        Raises:
            NotFound, NotAllowed, RoundMovedOn, RoundTaken: as `place`.

        """
        async with self._database.read() as connection:
            round_, stop, camera = await self._found(connection, round_id, stop_id, by)
            last = await stop_store.last_judged(connection, camera.id)
            alerts = await self._open_alerts(connection, camera, by)
            tickets = await self._open_tickets(connection, camera, by)
        viewing = Viewing(caller, by.actor, camera.place, purpose, may_see_unmasked=False)
        strip = await self._strip(round_, stop, viewing, last)
        return Assist(
            health=self._health.of(camera),
            open_alerts=list(alerts),
            open_tickets=list(tickets),
            last=_visit(last),
            strip=[
                StripPicture(at=at, picture_url=f"/api/v1/patrol-strips/{strip.id}/{number}.jpg")
                for number, at in enumerate(strip.times)
            ],
        )

    async def picture(self, strip_id: str, number: int, by: Handler) -> NodeSnapshot:
        """One picture of a strip, for who asked for the strip and may still see stills of the camera.

        Raises:
            NotFound: no such strip of this person, or no such picture.
            NotRecorded, RecordingWithheld: it was deleted, or covered by a mask, since.

        """
        strip = self._strips.find(strip_id, by.actor.user_id or "", self._clock.monotonic_s())
        if strip is None or number >= len(strip.times):
            raise NotFound("no such picture")
        area_id = self._rights.area_of(strip.viewing.camera_id)
        if area_id is None:
            raise NotFound("no such camera")
        by.access.require(Permission.SNAPSHOT_VIEW, area_id)
        return await self._past.picture(strip.viewing, strip.times[number])

    async def proposals(self, round_id: str, by: Handler, area_ids: Collection[str]) -> Sequence[Proposal]:
        """Cameras of these areas that the round does not have, and that are worth a look.

        Raises:
            NotFound, NotAllowed, RoundMovedOn, RoundTaken: as `RoundBook.in_hand`.

        """
        async with self._database.read() as connection:
            round_ = await self._book.in_hand(connection, round_id, by, None)
            there = {stop.camera_id for stop in await stop_store.list_stops(connection, round_.id)}
            cameras = await camera_store.list_cameras(connection, CameraQuery(area_ids))
            further = [camera for camera in cameras if camera.id not in there]
            seen = await stop_store.last_seen(connection, [camera.id for camera in further])
            of_alerts = {area_id for area_id in area_ids if by.access.allows(Permission.ALERT_VIEW, area_id)}
            asked = AlertQuery(area_ids=of_alerts, states=_NOT_DONE, is_folded=True, limit=_MOST_OPEN)
            alarmed = {alert.camera_id for alert in await find_alerts(connection, asked)}
        candidates = [
            Candidate(camera.id, camera.name, self._faulty_since(camera), camera.id in alarmed, seen.get(camera.id))
            for camera in further
        ]
        return proposed(candidates, self._clock.now())

    async def _found(
        self, connection: Connection, round_id: str, stop_id: str, by: Handler
    ) -> tuple[RoundSummary, RoundStop, CameraRecord]:
        round_ = await self._book.in_hand(connection, round_id, by, None)
        stop = await stop_store.find_stop(connection, round_.id, stop_id)
        camera = await camera_store.find_camera(connection, stop.camera_id) if stop else None
        if stop is None or camera is None:
            raise NotFound("no such stop, or no such camera any more")
        by.access.require(Permission.SNAPSHOT_VIEW, camera.area_id)
        return round_, stop, camera

    async def _open_alerts(self, connection: Connection, camera: CameraRecord, by: Handler) -> Sequence[Alert]:
        if not by.access.allows(Permission.ALERT_VIEW, camera.area_id):
            return ()
        asked = AlertQuery(states=_NOT_DONE, camera_id=camera.id, is_folded=True, limit=_MOST_SHOWN)
        return await find_alerts(connection, asked)

    async def _open_tickets(self, connection: Connection, camera: CameraRecord, by: Handler) -> Sequence[Ticket]:
        if not by.access.allows(Permission.TICKET_VIEW, camera.area_id):
            return ()
        asked = TicketQuery({camera.area_id}, OPEN_STATES, camera_id=camera.id, limit=_MOST_SHOWN)
        return await find_tickets(connection, asked)

    async def _strip(self, round_: RoundSummary, stop: RoundStop, viewing: Viewing, last: RoundStop | None) -> Strip:
        """The strip that the person looks at during this stop; a new one is one look, and written down as such."""
        now, now_s = self._clock.now(), self._clock.monotonic_s()
        key, user_id = (round_.id, stop.id), viewing.caller.user.id
        if (held := self._strips.of_stop(key, user_id, now_s)) is not None:
            return held
        since = max(now - LONGEST, last.judged_at) if last and last.judged_at else now - LONGEST
        times = spread(await self._past.key_frames(viewing, since, now)) if since < now else ()
        strip = Strip(new_identifier(), key, viewing, times, now_s + HELD_S)
        if times:
            span = {"from": times[0].isoformat(), "to": times[-1].isoformat(), "pictures": len(times)}
            row = row_of(AuditKind.PATROL_STRIP, viewing.actor, round_, stop, viewing.purpose, **span)
            async with self._database.write() as transaction:
                await self._book.audit(transaction, row)
        self._strips.keep(strip, now_s)
        return strip

    def _faulty_since(self, camera: CameraRecord) -> datetime | None:
        health = self._health.of(camera)
        return None if health.state in {"live", "disabled", "unknown"} else health.since


def _visit(last: RoundStop | None) -> LastVisit | None:
    if last is None or last.judged_at is None or last.verdict is None:
        return None
    return LastVisit(at=last.judged_at, verdict=last.verdict, by=last.judged_by, note=last.note)
