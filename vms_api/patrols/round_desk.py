"""Who goes on a round: taking, pausing, handing over, ending it."""

import math
from collections.abc import Mapping, Sequence

from vms_api.accounts.permission import Permission
from vms_api.alerts.desk import Handler
from vms_api.audit.entry import AuditKind
from vms_api.cameras import store as camera_store
from vms_api.database import Connection, Transaction
from vms_api.patrols import picture_store, round_store, stop_store
from vms_api.patrols.plan import PatrolStop
from vms_api.patrols.protocol import Protocol, findings_of, pictures_of
from vms_api.patrols.round import HistoryItem, Round, RoundSummary
from vms_api.patrols.round_acts import AbortIn, HandOverIn, LeaseIn
from vms_api.patrols.round_book import RoundBook, RoundGround, row_of
from vms_api.patrols.round_errors import HeirWithoutRights, RoundIncomplete, RoundTaken
from vms_api.patrols.round_lifecycle import RoundAct, RoundState
from vms_api.patrols.round_stop import RoundStop


class RoundDesk:
    """Each act is one transaction with its history, audit row and event: what was answered is kept."""

    def __init__(self, ground: RoundGround, book: RoundBook) -> None:
        self._database = ground.database
        self._clock = ground.clock
        self._rights = ground.rights
        self._stops_of = ground.stops_of
        self._book = book

    async def read(self, round_id: str, by: Handler) -> Round:
        """The round with its stops and history.

        Raises:
            NotFound, NotAllowed: not one that the person may see.

        """
        async with self._database.read() as connection:
            return await self._whole(connection, await self._book.found(connection, round_id, by), by)

    async def protocol(self, round_id: str, by: Handler) -> Protocol:
        """The round as it is printed: stops, findings, presence, and which pictures were kept. Reading it is audited.

        Raises:
            NotFound, NotAllowed: not one that the person may see.

        """
        async with self._database.write() as transaction:
            connection = transaction.connection
            round_ = await self._book.found(connection, round_id, by)
            shown = await self._whole(connection, round_, by)
            pictures = await picture_store.list_pictures(connection, round_.id)
            await self._book.audit(transaction, row_of(AuditKind.PATROL_PROTOCOL, by.actor, round_))
        area = self._rights.index.tree.find(round_.area_id)
        return Protocol(
            round=shown,
            area_name=area.name if area else "",
            findings=findings_of(shown),
            present_s=sum(stop.present_s for stop in shown.stops),
            planned_s=sum(stop.dwell_s for stop in shown.stops),
            pictures=pictures_of(pictures),
            read_at=self._clock.now(),
            read_by=by.actor.username,
        )

    async def take(self, round_id: str, by: Handler) -> Round:
        """Begins a due round, or goes on with one's own on this screen; older screens lose it.

        Raises:
            NotFound, NotAllowed: not one that the person may go on.
            RoundTaken: somebody else was faster.
            RoundMovedOn: it is over.

        """
        return await self._go_on(round_id, RoundAct.TAKE, by)

    async def resume(self, round_id: str, by: Handler) -> Round:
        """Goes on after a pause, a hand-over or a lost screen. Raises as `take`; a due round is taken, not resumed."""
        return await self._go_on(round_id, RoundAct.RESUME, by)

    async def pause(self, round_id: str, by: Handler, body: LeaseIn) -> Round:
        """Stops for a while. Raises as `RoundBook.in_hand`."""
        async with self._database.write() as transaction:
            current = await self._book.in_hand(transaction.connection, round_id, by, body.lease_epoch)
            changed = current.model_copy(update={"state": self._book.after(current, RoundAct.PAUSE)})
            return await self._moved(transaction, changed, RoundAct.PAUSE, by)

    async def hand_over(self, round_id: str, by: Handler, body: HandOverIn) -> Round:
        """Gives the round to somebody else, who resumes it; one's own, or anybody's with the right to manage patrols.

        Raises:
            NotFound, NotAllowed: not one that the person may give away.
            RoundMovedOn: nobody has it, or it is over.
            HeirWithoutRights: that person may not go on rounds there.

        """
        async with self._database.write() as transaction:
            current = await self._book.found(transaction.connection, round_id, by, Permission.PATROL_RUN)
            self._require_own(current, by)
            state = self._book.after(current, RoundAct.HAND_OVER)
            people = self._people(current.area_id)
            if body.user_id not in people:
                raise HeirWithoutRights
            given = {"user_id": body.user_id, "user_name": people[body.user_id]}
            changed = current.model_copy(update={"state": state, "lease_epoch": current.lease_epoch + 1, **given})
            return await self._moved(transaction, changed, RoundAct.HAND_OVER, by, body.note)

    async def abort(self, round_id: str, by: Handler, body: AbortIn) -> Round:
        """Ends the round before its end, for a reason; one's own, or anybody's with the right to manage patrols.

        Raises:
            NotFound, NotAllowed: not one that the person may end.
            RoundMovedOn: it is over.

        """
        async with self._database.write() as transaction:
            current = await self._book.found(transaction.connection, round_id, by, Permission.PATROL_RUN)
            self._require_own(current, by)
            state = self._book.after(current, RoundAct.ABORT)
            changed = self._ended(current, state)
            return await self._moved(transaction, changed, RoundAct.ABORT, by, body.note)

    async def finish(self, round_id: str, by: Handler, body: LeaseIn) -> Round:
        """Ends a round of which enough stops are done.

        Raises:
            RoundIncomplete: too few are.
            NotFound, NotAllowed, RoundMovedOn, RoundTaken, RoundElsewhere: as `RoundBook.in_hand`.

        """
        async with self._database.write() as transaction:
            current = await self._book.in_hand(transaction.connection, round_id, by, body.lease_epoch)
            missing = math.ceil(current.stop_count * current.complete_at - 1e-9) - current.done_count
            if missing > 0:
                raise RoundIncomplete(missing)
            changed = self._ended(current, self._book.after(current, RoundAct.FINISH))
            return await self._moved(transaction, changed, RoundAct.FINISH, by)

    async def summary(self, round_id: str, by: Handler) -> RoundSummary:
        """The round without its stops. Raises as `read`."""
        async with self._database.read() as connection:
            return await self._book.found(connection, round_id, by)

    async def heirs(self, round_id: str, by: Handler) -> Mapping[str, str]:
        """To whom the round can be handed over, the nearest first: user names by their ids.

        Raises:
            NotFound, NotAllowed: not one that the person may go on.

        """
        async with self._database.read() as connection:
            round_ = await self._book.found(connection, round_id, by, Permission.PATROL_RUN)
        return {id_: name for id_, name in self._people(round_.area_id).items() if id_ != round_.user_id}

    def _people(self, area_id: str) -> Mapping[str, str]:
        """Who may go on rounds in the area, the nearest first: user names by their ids."""
        names = self._rights.index.usernames
        holders = self._rights.index.holders(Permission.PATROL_RUN, area_id)
        return {holding.user_id: names[holding.user_id] for holding in holders}

    async def _go_on(self, round_id: str, act: RoundAct, by: Handler) -> Round:
        async with self._database.write() as transaction:
            current = await self._book.found(transaction.connection, round_id, by, Permission.PATROL_RUN)
            state = self._book.after(current, act)
            if current.state is not RoundState.DUE and current.user_id != by.actor.user_id:
                raise RoundTaken(current.user_name)
            now = self._clock.now()
            stop_count = current.stop_count
            if current.state is RoundState.DUE:
                stop_count = await self._lay_out(transaction, current)
            changed = current.model_copy(
                update={
                    "state": state,
                    "user_id": by.actor.user_id,
                    "user_name": by.actor.username,
                    "lease_epoch": current.lease_epoch + 1,
                    "started_at": current.started_at or now,
                    "stop_count": stop_count,
                }
            )
            said = RoundAct.TAKE if current.state is RoundState.DUE else RoundAct.RESUME
            await self._book.move(transaction, changed, said, by.actor)
            return await self._whole(transaction.connection, changed, by)

    async def _moved(
        self, transaction: Transaction, changed: RoundSummary, act: RoundAct, by: Handler, note: str = ""
    ) -> Round:
        """After it nobody is at any stop."""
        await stop_store.leave_all(transaction, changed.id, self._clock.now())
        await self._book.move(transaction, changed, act, by.actor, note)
        return await self._whole(transaction.connection, changed, by)

    def _require_own(self, round_: RoundSummary, by: Handler) -> None:
        if round_.user_id != by.actor.user_id:
            by.access.require(Permission.PATROL_MANAGE, round_.area_id)

    def _ended(self, current: RoundSummary, state: RoundState) -> RoundSummary:
        now = self._clock.now()
        is_late = current.late or now > current.deadline_at
        return current.model_copy(update={"state": state, "finished_at": now, "late": is_late})

    async def _lay_out(self, transaction: Transaction, round_: RoundSummary) -> int:
        """Makes the stops of the plan's version those of the round; how many there are."""
        stops = await self._planned(transaction.connection, round_)
        await stop_store.insert_stops(transaction, round_.id, stops)
        return len(stops)

    async def _whole(self, connection: Connection, round_: RoundSummary, by: Handler) -> Round:
        stops = await stop_store.list_stops(connection, round_.id)
        if not stops and round_.started_at is None:
            stops = await self._planned(connection, round_)
        history = [
            HistoryItem(at=entry.at, act=entry.act, user_name=entry.user_name, note=entry.note, detail=entry.detail)
            for entry in await round_store.list_history(connection, round_.id)
        ]
        shown = [self._shown(stop, by) for stop in stops]
        return Round.model_validate({**round_.model_dump(), "stops": shown, "history": history})

    async def _planned(self, connection: Connection, round_: RoundSummary) -> Sequence[RoundStop]:
        """The stops of the plan's version in the order of the round, with the names that their cameras have now."""
        planned = await self._stops_of(connection, round_.plan_id, round_.plan_version)
        order = await round_store.find_order(connection, round_.id) or range(len(planned))
        cameras = await camera_store.list_by_id(connection, {stop.camera_id for stop in planned})
        known = {camera.id: camera for camera in cameras}
        found = []
        for index, place in enumerate(order):
            stop, camera = planned[place], known.get(planned[place].camera_id)
            found.append(_laid_out(stop, index, camera.name if camera else "", camera.area_id if camera else None))
        return found

    def _shown(self, stop: RoundStop, by: Handler) -> RoundStop:
        """A camera that the person does not see has no name."""
        area_id = self._rights.area_of(stop.camera_id) or stop.area_id
        is_seen = area_id is not None and by.access.allows(Permission.CAMERA_VIEW, area_id)
        return stop if is_seen else stop.model_copy(update={"camera_name": ""})


def _laid_out(stop: PatrolStop, index: int, camera_name: str, area_id: str | None) -> RoundStop:
    told = {"index": index, "camera_name": camera_name, "area_id": area_id}
    return RoundStop.model_validate({**stop.model_dump(), **told})
