"""What is done at a stop: coming there, being there, judging it."""

from collections import OrderedDict
from typing import Any, NamedTuple

from ingest.identifier import new_identifier
from vms_api.accounts.permission import Permission
from vms_api.alerts.alert import RaisedHere
from vms_api.alerts.desk import Handler
from vms_api.alerts.history import RAISE, HistoryEntry
from vms_api.alerts.lifecycle import AlertState
from vms_api.audit.entry import AuditKind
from vms_api.cameras import store as camera_store
from vms_api.database import Connection, Transaction
from vms_api.errors import NotFound
from vms_api.patrols import picture_store, presence, round_store, stop_store
from vms_api.patrols.judging import judged
from vms_api.patrols.presence import Presence
from vms_api.patrols.round import RoundSummary
from vms_api.patrols.round_acts import ExtraStopIn, LeaseIn, PresenceIn, StopNoteIn, VerdictIn
from vms_api.patrols.round_book import RoundBook, RoundGround, row_of
from vms_api.patrols.round_errors import StopClosed, StopJudged, StopThere
from vms_api.patrols.round_stop import MOST_NOTE, RoundStop, StopVerdict, Unreachable
from vms_api.tickets.cause import Cause
from vms_api.tickets.ticket import Finding

EXTRA_DWELL_S = 10.0
MOST_EXTRA = 50
"""Stops that may be added to a round on the way."""

_MOST_COUNTED = 2000


class Mark(NamedTuple):
    """One stop as one screen has it: what was counted there is not gone on with by another."""

    round_id: str
    lease_epoch: int
    stop_id: str


class StopDesk:
    """Each act is one transaction. What is only in memory is when the last report came: a restart is a gap in them."""

    def __init__(self, ground: RoundGround, book: RoundBook) -> None:
        self._database = ground.database
        self._clock = ground.clock
        self._rights = ground.rights
        self._health = ground.health
        self._alerts = ground.alerts
        self._tickets = ground.tickets
        self._book = book
        self._presences: OrderedDict[Mark, Presence] = OrderedDict()

    async def arrive(self, round_id: str, stop_id: str, by: Handler, body: LeaseIn) -> RoundStop:
        """Comes to a stop, for the first time or again, and leaves another if more are open than are shown at a time.

        Whether its camera can be looked at is written down now: it is not, if it has no live stream, if it was removed,
        or if the person's right to see it is gone. The round goes on all the same.

        Raises:
            NotFound, NotAllowed, RoundMovedOn, RoundTaken, RoundElsewhere: as `RoundBook.in_hand`.

        """
        now, now_s = self._clock.now(), self._clock.monotonic_s()
        async with self._database.write() as transaction:
            round_, stop = await self._found(transaction.connection, round_id, stop_id, by, body)
            await self._leave_surplus(transaction, round_, stop)
            reach = await self._reach(transaction.connection, stop.camera_id, by)
            came = {"arrived_at": stop.arrived_at or now, "left_at": None}
            arrived = _with_reach(stop.model_copy(update=came), reach)
            await self._keep(transaction, round_.model_copy(update={"current": stop.index}), stop, arrived)
        self._count(_mark(round_, stop), presence.arrived(stop.present_s, stop.attended_s, now_s))
        return arrived

    async def report(self, round_id: str, stop_id: str, by: Handler, body: PresenceIn) -> RoundStop:
        """Counts how long somebody was there. Right after a restart, or another screen, the count only goes on.

        Whether the camera can be looked at is written down anew: one that falls silent need not be waited for, and one
        that is back has to be looked at. Without the right to see it nothing is counted.

        Raises:
            StopClosed: nobody has come there, or it was left.
            NotFound, NotAllowed, RoundMovedOn, RoundTaken, RoundElsewhere: as `RoundBook.in_hand`.

        """
        now_s = self._clock.monotonic_s()
        async with self._database.write() as transaction:
            round_, stop = await self._opened(transaction.connection, round_id, stop_id, by, body)
            reach = await self._reach(transaction.connection, stop.camera_id, by)
            mark = _mark(round_, stop)
            counted = self._presences.get(mark) or Presence(stop.present_s, stop.attended_s)
            if reach != "no-right":
                counted = presence.heard(counted, body.report(), now_s)
            seen = {"present_s": counted.present_s, "attended_s": counted.attended_s}
            told = _with_reach(stop.model_copy(update=seen), reach)
            if told.unreachable_why == stop.unreachable_why:
                await stop_store.save_stop(transaction, round_.id, told)
            else:
                await self._keep(transaction, round_, stop, told)
        self._count(mark, counted)
        return told

    async def judge(self, round_id: str, stop_id: str, by: Handler, body: VerdictIn) -> RoundStop:
        """Says what was found, and leaves the stop.

        What is abnormal becomes an alert with the stop's picture, a camera's fault a repair ticket, or joins the one
        that is open.

        Raises:
            StopClosed: nobody has come there, or it was left.
            StopJudged: it was said already.
            DwellTooShort, AnswersWrong, VerdictContradicted: as `judging.judged`.
            NotFound, NotAllowed, RoundMovedOn, RoundTaken, RoundElsewhere: as `RoundBook.in_hand`.

        """
        now = self._clock.now()
        async with self._database.write() as transaction:
            round_, stop = await self._opened(transaction.connection, round_id, stop_id, by, body)
            if stop.verdict is not None:
                raise StopJudged
            reach = await self._reach(transaction.connection, stop.camera_id, by)
            found = judged(_with_reach(stop, reach), body.verdict, body.answers)
            said = {"note": body.note, "judged_at": now, "judged_by": by.actor.username, "left_at": now}
            found = found.model_copy(update=said)
            found = await self._followed(transaction, round_, found, by)
            await self._keep(transaction, round_, stop, found)
            told: dict[str, Any] = {
                "verdict": found.verdict,
                "unexpected": found.unexpected,
                "unreachable": found.unreachable_why,
            }
            await self._book.audit(transaction, row_of(AuditKind.PATROL_VERDICT, by.actor, round_, found, **told))
        self._presences.pop(_mark(round_, stop), None)
        return found

    async def note(self, round_id: str, stop_id: str, by: Handler, body: StopNoteIn) -> RoundStop:
        """Adds to what was written down at the stop; what stood there stays.

        Raises:
            StopJudged: there is no room left.
            NotFound, NotAllowed, RoundMovedOn, RoundTaken, RoundElsewhere: as `RoundBook.in_hand`.

        """
        async with self._database.write() as transaction:
            round_, stop = await self._found(transaction.connection, round_id, stop_id, by, body)
            text = f"{stop.note}\n{body.note}".strip()
            if len(text) > 2 * MOST_NOTE:
                raise StopJudged("the note is full")
            noted = stop.model_copy(update={"note": text})
            await stop_store.save_stop(transaction, round_.id, noted)
            await self._book.audit(transaction, row_of(AuditKind.PATROL_NOTE, by.actor, round_, noted))
        return noted

    async def add(self, round_id: str, by: Handler, body: ExtraStopIn) -> RoundStop:
        """A camera that is looked at beside those of the plan, after them.

        Raises:
            StopThere: it has a stop already, or too many were added.
            NotFound, NotAllowed: no such camera, or not one that the person may see; and as `RoundBook.in_hand`.

        """
        async with self._database.write() as transaction:
            connection = transaction.connection
            round_ = await self._book.in_hand(connection, round_id, by, body.lease_epoch)
            camera = await camera_store.find_camera(connection, body.camera_id)
            if camera is None:
                raise NotFound("no such camera")
            by.access.require(Permission.LIVE_VIEW, camera.area_id)
            stops = await stop_store.list_stops(connection, round_.id)
            if camera.id in {stop.camera_id for stop in stops} or sum(stop.is_extra for stop in stops) >= MOST_EXTRA:
                raise StopThere
            stop = RoundStop(
                id=new_identifier(),
                index=len(stops),
                camera_id=camera.id,
                camera_name=camera.name,
                area_id=camera.area_id,
                dwell_s=EXTRA_DWELL_S,
                is_extra=True,
            )
            await stop_store.insert_stops(transaction, round_.id, [stop])
            grown = round_.model_copy(update={"stop_count": round_.stop_count + 1})
            await round_store.save_round(transaction, grown)
            await self._book.audit(transaction, row_of(AuditKind.PATROL_STOP_ADD, by.actor, grown, stop))
            await self._book.tell(transaction, grown)
        return stop

    async def _found(
        self, connection: Connection, round_id: str, stop_id: str, by: Handler, body: LeaseIn
    ) -> tuple[RoundSummary, RoundStop]:
        round_ = await self._book.in_hand(connection, round_id, by, body.lease_epoch)
        stop = await stop_store.find_stop(connection, round_.id, stop_id)
        if stop is None:
            raise NotFound("no such stop")
        return round_, stop

    async def _opened(
        self, connection: Connection, round_id: str, stop_id: str, by: Handler, body: LeaseIn
    ) -> tuple[RoundSummary, RoundStop]:
        round_, stop = await self._found(connection, round_id, stop_id, by, body)
        if not stop.is_open:
            raise StopClosed
        return round_, stop

    async def _leave_surplus(self, transaction: Transaction, round_: RoundSummary, coming: RoundStop) -> None:
        """Leaves those arrived at first, so that no more are open than a screen shows."""
        opened = await stop_store.open_stops(transaction.connection, round_.id)
        others = [stop for stop in opened if stop.id != coming.id]
        surplus = len(others) + 1 - round_.grid
        for stop in others[: max(0, surplus)]:
            left = stop.model_copy(update={"left_at": self._clock.now()})
            await stop_store.save_stop(transaction, round_.id, left)
            self._presences.pop(_mark(round_, stop), None)

    def _count(self, mark: Mark, counted: Presence) -> None:
        """Remembers a count; of more than can be watched at once, those forgotten are of rounds that were left."""
        self._presences[mark] = counted
        self._presences.move_to_end(mark)
        if len(self._presences) > _MOST_COUNTED:
            self._presences.popitem(last=False)

    async def _reach(self, connection: Connection, camera_id: str, by: Handler) -> Unreachable | None:
        """Why the camera cannot be looked at now; None: it can."""
        if self._is_out_of_sight(camera_id, by):
            return "no-right"
        camera = await camera_store.find_camera(connection, camera_id)
        if camera is None:
            return "removed"
        return None if self._health.of(camera).state == "live" else "offline"

    def _is_out_of_sight(self, camera_id: str, by: Handler) -> bool:
        """Whether the person's right to see the camera is gone, or the camera is where the person has none."""
        area_id = self._rights.area_of(camera_id)
        return area_id is not None and not by.access.allows(Permission.LIVE_VIEW, area_id)

    async def _keep(self, transaction: Transaction, round_: RoundSummary, before: RoundStop, after: RoundStop) -> None:
        """The stop, and what of it the round counts."""
        await stop_store.save_stop(transaction, round_.id, after)
        counted = round_.model_copy(update={"done_count": round_.done_count + after.is_done - before.is_done})
        await round_store.save_round(transaction, counted)
        await self._book.tell(transaction, counted)

    async def _followed(
        self, transaction: Transaction, round_: RoundSummary, stop: RoundStop, by: Handler
    ) -> RoundStop:
        """The stop with what its verdict sets off, in the same transaction."""
        if stop.verdict is StopVerdict.ABNORMAL:
            return await self._alerted(transaction, round_, stop, by)
        if stop.verdict is StopVerdict.CAMERA_FAULT:
            return await self._ticketed(transaction, round_, stop)
        return stop

    async def _ticketed(self, transaction: Transaction, round_: RoundSummary, stop: RoundStop) -> RoundStop:
        facts = {"round": round_.name} | ({"note": stop.note} if stop.note else {})
        facts |= {"unreachable": stop.unreachable_why} if stop.unreachable_why else {}
        found = Finding(
            camera_id=stop.camera_id,
            cause=Cause.PATROL,
            at=self._clock.now(),
            severity="medium",
            facts=facts,
            evidence=stop.snapshot_id,
            source=round_.id,
        )
        return stop.model_copy(update={"ticket_id": await self._tickets.found(transaction, found)})

    async def _alerted(self, transaction: Transaction, round_: RoundSummary, stop: RoundStop, by: Handler) -> RoundStop:
        now = self._clock.now()
        raised = RaisedHere(
            id=new_identifier(),
            camera_id=stop.camera_id,
            rule_id=round_.plan_id,
            rule_name=round_.name,
            kind="patrol",
            severity="medium",
            label="abnormal",
            noticed_at=stop.arrived_at or now,
            raised_at=now,
            instructions="",
        )
        jpeg = None
        if stop.snapshot_id is not None:
            jpeg = await picture_store.read_jpeg(transaction.connection, stop.snapshot_id)
        began = HistoryEntry(
            at=now,
            act=RAISE,
            state=AlertState.NEW,
            user_id=by.actor.user_id,
            username=by.actor.username,
            note=stop.note,
            detail={"round": round_.id},
        )
        is_raised = await self._alerts.raise_within(transaction, raised, jpeg, began)
        return stop.model_copy(update={"alert_id": raised.id if is_raised else None})


def _mark(round_: RoundSummary, stop: RoundStop) -> Mark:
    return Mark(round_.id, round_.lease_epoch, stop.id)


def _with_reach(stop: RoundStop, reach: Unreachable | None) -> RoundStop:
    """A stop that is judged keeps what it was judged by."""
    if stop.verdict is not None:
        return stop
    return stop.model_copy(update={"unreachable": reach is not None, "unreachable_why": reach})
