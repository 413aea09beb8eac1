"""Where alerts come in and are handled."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from ingest.clock import Clock
from ingest.transitions import IllegalTransition
from vms_api.accounts.permission import Permission
from vms_api.accounts.rights_board import RightsBoard
from vms_api.alerts import store
from vms_api.alerts.alert import Alert, RaisedHere
from vms_api.alerts.errors import AlertMovedOn, AssigneeWithoutRights, DuplicateWrong, VerdictMissing
from vms_api.alerts.handling import ActIn, AssignIn, JudgeIn, Verdict, permission_for
from vms_api.alerts.history import NOTE, RAISE, HistoryEntry
from vms_api.alerts.lifecycle import TRANSITIONS, AlertAct
from vms_api.audit.entry import Actor, AuditEntry, AuditKind, Place
from vms_api.audit.log import AuditLog
from vms_api.cameras import store as camera_store
from vms_api.cameras import watch_store
from vms_api.database import Connection, Database, Transaction
from vms_api.errors import NotFound
from vms_api.events import EventLog
from vms_api.nodes.delivery import AlertPayload, BetterViewPayload


class Guard(Protocol):
    """The rights of who acts, as the guard of the routes knows them."""

    def allows(self, permission: Permission, area_id: str) -> bool:
        """Whether it is allowed in the area."""

    def require(self, permission: Permission, area_id: str) -> None:
        """Lets pass who may; raises what the route answers otherwise."""


class Handler(NamedTuple):
    """Who acts, and by which rights."""

    actor: Actor
    access: Guard


class AlertDesk:
    """Stores what nodes deliver, once, and changes it by the acts of people. `on_raised` hears each new alert."""

    def __init__(
        self,
        database: Database,
        events: EventLog,
        clock: Clock,
        on_raised: Callable[[Alert], None],
        rights: RightsBoard,
        audit: AuditLog,
    ) -> None:
        self._database = database
        self._events = events
        self._clock = clock
        self._on_raised = on_raised
        self._rights = rights
        self._audit = audit

    async def deliver(self, payload: AlertPayload) -> bool:
        """Alert, picture, history and event in one transaction; False when it was delivered before.

        An alert whose camera or rule was removed meanwhile is stored all the same; without a camera it belongs to the
        area above all.
        """
        async with self._database.write() as transaction:
            connection = transaction.connection
            camera = await camera_store.find_camera(connection, payload.camera_id)
            rule = await watch_store.find_rule(connection, payload.camera_id, payload.rule_id)
            alert = payload.alert(
                area_id=camera.area_id if camera else self._rights.index.tree.root.id,
                camera_name=camera.name if camera else payload.camera_id,
                instructions=rule.instructions if rule else "",
                stored_at=self._clock.now(),
            )
            return await self._store(transaction, alert, payload.evidence)

    async def add_view(self, payload: BetterViewPayload) -> bool:
        """A better picture beside that of the moment, which stays as it was.

        False when the alert has one already, or is not here: it was refused, or retention has taken it.
        """
        async with self._database.write() as transaction:
            found = await store.find_alert(transaction.connection, payload.alert_id)
            if found is None:
                return False
            view = store.best_view_of(found.id, payload.model_dump(include={"seen_at", "score", "box"}))
            alert = found.model_copy(update={"best_view": view})
            if not await store.insert_best_view(transaction, alert, payload.evidence):
                return False
            await self._events.record(transaction, "alert.updated", alert.model_dump(mode="json"), alert.area_id)
        return True

    async def raise_here(self, raised: RaisedHere) -> bool:
        """The same for what the control process itself raises; False when the camera was removed meanwhile."""
        async with self._database.write() as transaction:
            camera = await camera_store.find_camera(transaction.connection, raised.camera_id)
            if camera is None:
                return False
            alert = raised.alert(area_id=camera.area_id, camera_name=camera.name, stored_at=self._clock.now())
            return await self._store(transaction, alert, None)

    async def _store(self, transaction: Transaction, alert: Alert, evidence: bytes | None) -> bool:
        if not await store.insert_alert(transaction, alert, evidence):
            return False
        await store.add_history(transaction, alert.id, HistoryEntry(at=alert.raised_at, act=RAISE, state=alert.state))
        await self._events.record(transaction, "alert.raised", alert.model_dump(mode="json"), alert.area_id)
        transaction.tell_after_commit(lambda: self._on_raised(alert))
        return True

    async def act(self, alert_id: str, act: AlertAct, body: ActIn, by: Handler) -> Alert:
        """Brings the alert a step further: state, history, event and audit row in one transaction.

        Raises:
            NotFound: no such alert, or not one that the person sees.
            NotAllowed: the act takes more rights, or the alert is somebody else's.
            AlertMovedOn: somebody was faster, or the table has no such step.
            AssigneeWithoutRights, VerdictMissing, DuplicateWrong: as their classes say.

        """
        async with self._database.write() as transaction:
            current = await self._found(transaction.connection, alert_id, by)
            by.access.require(permission_for(act, is_owner=current.owner_id == by.actor.user_id), current.area_id)
            try:
                state = TRANSITIONS.after(current.state, act)
            except IllegalTransition as error:
                raise AlertMovedOn(str(error)) from None
            changes = {"state": state} | await self._changes(transaction.connection, current, act, body, by)
            alert = current.model_copy(update=changes)
            await store.update_alert(transaction, alert)
            await self._remember(transaction, alert, act, by.actor, body.note, _told(act, alert))
            await self._events.record(transaction, "alert.updated", alert.model_dump(mode="json"), alert.area_id)
        return alert

    async def note(self, alert_id: str, text: str, by: Handler) -> Alert:
        """Writes something down with the alert, whatever its state.

        Raises:
            NotFound: no such alert, or not one that the person sees.
            NotAllowed: the person may not handle alerts there.

        """
        async with self._database.write() as transaction:
            alert = await self._found(transaction.connection, alert_id, by)
            by.access.require(Permission.ALERT_HANDLE, alert.area_id)
            await self._remember(transaction, alert, NOTE, by.actor, text, {})
            await self._events.record(transaction, "alert.updated", alert.model_dump(mode="json"), alert.area_id)
        return alert

    def handlers(self, area_id: str) -> Mapping[str, str]:
        """The people to whom alerts of the area can be given, the nearest first: user names by their ids."""
        names = self._rights.index.usernames
        holders = self._rights.index.holders(Permission.ALERT_HANDLE, area_id)
        return {holding.user_id: names[holding.user_id] for holding in holders}

    async def _found(self, connection: Connection, alert_id: str, by: Handler) -> Alert:
        alert = await store.find_alert(connection, alert_id)
        if alert is None:
            raise NotFound("no such alert")
        by.access.require(Permission.ALERT_VIEW, alert.area_id)
        return alert

    async def _changes(
        self, connection: Connection, alert: Alert, act: AlertAct, body: ActIn, by: Handler
    ) -> dict[str, Any]:
        """What the act changes beside the state."""
        actor = by.actor
        match act, body:
            case AlertAct.ACKNOWLEDGE, _:
                taken = {"acknowledged_at": self._clock.now(), "acknowledged_by": actor.username}
                return taken | {"owner_id": actor.user_id, "owner": actor.username}
            case AlertAct.ASSIGN, AssignIn(user_id=user_id):
                people = self.handlers(alert.area_id)
                if user_id not in people:
                    raise AssigneeWithoutRights
                return {"owner_id": user_id, "owner": people[user_id]}
            case ((AlertAct.RESOLVE | AlertAct.CLOSE), JudgeIn()):
                return await self._judged(connection, alert, act, body, by)
            case AlertAct.REOPEN, _:
                return {"verdict": None, "duplicate_of": None}
        return {}

    async def _judged(
        self, connection: Connection, alert: Alert, act: AlertAct, body: JudgeIn, by: Handler
    ) -> dict[str, Any]:
        verdict = body.verdict or alert.verdict
        if verdict is None and act is AlertAct.CLOSE:
            raise VerdictMissing
        if body.verdict is None:
            return {}
        if (verdict is Verdict.DUPLICATE) != (body.duplicate_of is not None):
            raise DuplicateWrong
        if body.duplicate_of is not None:
            other = await store.find_alert(connection, body.duplicate_of)
            if other is None or other.id == alert.id or not by.access.allows(Permission.ALERT_VIEW, other.area_id):
                raise DuplicateWrong
        return {"verdict": verdict, "duplicate_of": body.duplicate_of}

    async def _remember(
        self, transaction: Transaction, alert: Alert, act: str, actor: Actor, note: str, detail: dict[str, Any]
    ) -> None:
        now = self._clock.now()
        entry = HistoryEntry(
            at=now,
            act=act,
            state=alert.state,
            user_id=actor.user_id,
            username=actor.username,
            note=note,
            detail=detail,
        )
        await store.add_history(transaction, alert.id, entry)
        place = Place(alert.area_id, alert.camera_id)
        row = AuditEntry(AuditKind(f"alert.{act}"), actor, place, alert.id, detail={"rule": alert.rule_name, **detail})
        await self._audit.record(transaction, row)


def _told(act: AlertAct, alert: Alert) -> dict[str, Any]:
    """What the history shows of the act."""
    if act is AlertAct.ASSIGN:
        return {"to": alert.owner}
    if act in {AlertAct.RESOLVE, AlertAct.CLOSE} and alert.verdict is not None:
        return {"verdict": alert.verdict} | ({"duplicate_of": alert.duplicate_of} if alert.duplicate_of else {})
    return {}
