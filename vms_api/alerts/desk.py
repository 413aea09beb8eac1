"""Where alerts come in and are handled."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from ingest.clock import Clock
from ingest.transitions import IllegalTransition
from vms_api.accounts.permission import Permission
from vms_api.accounts.rights_board import RightsBoard
from vms_api.alerts import incident_store, store
from vms_api.alerts.alert import Alert, RaisedHere
from vms_api.alerts.checklist import CHECK
from vms_api.alerts.due import checked_due, due_told
from vms_api.alerts.errors import AlertMovedOn, AssigneeWithoutRights, DuplicateWrong, StepUnknown, VerdictMissing
from vms_api.alerts.handling import ActIn, AssignIn, JudgeIn, Verdict, permission_for
from vms_api.alerts.history import NOTE, RAISE, HistoryEntry
from vms_api.alerts.incident import DONE, JOIN, belongs, is_first, joined
from vms_api.alerts.lifecycle import TRANSITIONS, AlertAct
from vms_api.alerts.settings import AlertSettings
from vms_api.alerts.storm import Storms
from vms_api.audit.entry import Actor, AuditEntry, AuditKind, Place
from vms_api.audit.log import AuditLog
from vms_api.cameras import store as camera_store
from vms_api.cameras import watch_store
from vms_api.database import Connection, Database, Transaction
from vms_api.dispatch.dispatcher import Dispatcher
from vms_api.errors import NotFound
from vms_api.events import Event, EventLog
from vms_api.nodes.delivery import AlertPayload, BetterViewPayload

_MOST_TOLD = 500
"""Alerts of an incident that pages hear of singly when its first is handled: as many as a page keeps."""


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


class AlertGround(NamedTuple):
    """What the desk stands on."""

    database: Database
    events: EventLog
    clock: Clock
    rights: RightsBoard
    audit: AuditLog


class AlertDesk:
    """Stores what nodes deliver, once, and changes it by the acts of people. `on_raised` hears each new alert."""

    def __init__(
        self, ground: AlertGround, on_raised: Callable[[Alert], None], dispatcher: Dispatcher, settings: AlertSettings
    ) -> None:
        self.storms = Storms(ground.database, ground.events, ground.clock, settings)
        self._settings = settings
        self._database = ground.database
        self._events = ground.events
        self._clock = ground.clock
        self._on_raised = on_raised
        self._rights = ground.rights
        self._audit = ground.audit
        self._dispatcher = dispatcher

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
            return await self.raise_within(transaction, raised)

    async def raise_within(
        self,
        transaction: Transaction,
        raised: RaisedHere,
        jpeg: bytes | None = None,
        began: HistoryEntry | None = None,
    ) -> bool:
        """The same within the transaction of what it is raised by, with a picture if there is one.

        `began` is how its history begins, where a person has raised it.
        """
        camera = await camera_store.find_camera(transaction.connection, raised.camera_id)
        if camera is None:
            return False
        alert = raised.alert(
            area_id=camera.area_id,
            camera_name=camera.name,
            stored_at=self._clock.now(),
            has_evidence=jpeg is not None,
        )
        return await self._store(transaction, alert, jpeg, began)

    async def _store(
        self, transaction: Transaction, raised: Alert, evidence: bytes | None, began: HistoryEntry | None = None
    ) -> bool:
        first = await incident_store.find_first(
            transaction.connection, raised.camera_id, raised.rule_id, raised.raised_at
        )
        if first is not None and belongs(first, raised, self._settings):
            return await self._store_repeat(transaction, raised, joined(first, raised), evidence, began)
        standing = self._dispatcher.placed(raised)
        if not await store.insert_alert(transaction, standing.alert, evidence):
            return False
        await self._begin(transaction, raised, began)
        await self._dispatcher.keep(transaction, standing)
        await self._announce(transaction, standing.alert)
        return True

    async def _store_repeat(
        self,
        transaction: Transaction,
        raised: Alert,
        repeat: Alert,
        evidence: bytes | None,
        began: HistoryEntry | None,
    ) -> bool:
        """One more of an incident: the clock of its first alert is that of all."""
        if not await store.insert_alert(transaction, repeat, evidence):
            return False
        await self._begin(transaction, raised, began)
        await self._join(transaction, repeat, raised)
        await self._announce(transaction, repeat)
        return True

    async def _begin(self, transaction: Transaction, raised: Alert, began: HistoryEntry | None) -> None:
        entry = began or HistoryEntry(at=raised.raised_at, act=RAISE, state=raised.state)
        await store.add_history(transaction, raised.id, entry)

    async def _announce(self, transaction: Transaction, alert: Alert) -> None:
        if not self.storms.is_damped(alert):
            await self._events.record(transaction, "alert.raised", alert.model_dump(mode="json"), alert.area_id)
        transaction.tell_after_commit(lambda: self._on_raised(alert))

    async def _join(self, transaction: Transaction, alert: Alert, raised: Alert) -> None:
        await incident_store.add_repeat(transaction, alert.incident_id, alert.raised_at)
        if alert.state is not raised.state:
            detail = {"to": alert.owner} if alert.owner else {}
            entry = HistoryEntry(at=alert.stored_at, act=JOIN, state=alert.state, detail=detail)
            await store.add_history(transaction, alert.id, entry)

    async def act(self, alert_id: str, act: AlertAct, body: ActIn, by: Handler) -> Alert:
        """Brings the alert a step further: state, history, event and audit row in one transaction.

        With the first of an incident go those of its repeats that stand where it stands.

        Raises:
            NotFound: no such alert, or not one that the person sees.
            NotAllowed: the act takes more rights, or the alert is somebody else's.
            AlertMovedOn: somebody was faster, or the table has no such step.
            AssigneeWithoutRights, DueInPast, VerdictMissing, DuplicateWrong: as their classes say.

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
            has_new_time = alert.resolve_by != current.resolve_by
            standing = await self._dispatcher.followed(transaction.connection, alert, act, has_new_time=has_new_time)
            alert = standing.alert
            await store.update_alert(transaction, alert)
            touched = await self._refold(transaction, current, alert)
            entry = self._entry(alert, act, by.actor, body.note, _told(act, current, alert))
            followed = await self._bring_along(transaction, current, alert, entry)
            told = {"repeats": len(followed)} if followed else {}
            await self._remember(transaction, alert, entry, by.actor, told)
            await self._dispatcher.keep(transaction, standing)
            others = await incident_store.read_some(transaction.connection, [*followed[:_MOST_TOLD], *touched])
            await self._tell(transaction, *others, alert)
        return alert

    async def _bring_along(
        self, transaction: Transaction, before: Alert, after: Alert, entry: HistoryEntry
    ) -> Sequence[str]:
        """The ids of the repeats that take the step too."""
        if not before.repeats:
            return ()
        theirs = entry.model_copy(update={"detail": {**entry.detail, "with": before.id}})
        return await incident_store.bring_along(transaction, before, after, theirs)

    async def _refold(self, transaction: Transaction, before: Alert, after: Alert) -> Sequence[str]:
        """Counts one that was folded by hand, or is no longer; the ids of the cards whose count has changed."""
        if before.incident_id == after.incident_id:
            return ()
        if is_first(after):
            await incident_store.remove_repeat(transaction, before.incident_id)
            return (before.incident_id,)
        await incident_store.add_repeat(transaction, after.incident_id, after.last_at)
        return (after.incident_id,)

    async def check(self, alert_id: str, step: int, by: Handler, *, is_done: bool) -> Alert:
        """Ticks a step of the instructions off, or takes the tick back; what is so already stays as it is.

        Raises:
            NotFound: no such alert, or not one that the person sees.
            NotAllowed: the person may not handle alerts there.
            StepUnknown: the instructions have no such step.
            AlertMovedOn: it was reported as handled.

        """
        async with self._database.write() as transaction:
            alert = await self._found(transaction.connection, alert_id, by)
            by.access.require(Permission.ALERT_HANDLE, alert.area_id)
            if step >= len(alert.checklist):
                raise StepUnknown
            if alert.state in DONE:
                raise AlertMovedOn(f"an alert that is {alert.state} is not worked on")
            current = alert.checklist[step]
            if current.done is is_done:
                return alert
            ticked = {"by": by.actor.username, "at": self._clock.now()} if is_done else {"by": None, "at": None}
            changed = current.model_copy(update={"done": is_done, **ticked})
            checklist = [changed if place == step else other for place, other in enumerate(alert.checklist)]
            alert = alert.model_copy(update={"checklist": checklist})
            await store.save_checklist(transaction, alert)
            entry = self._entry(alert, CHECK, by.actor, "", {"step": step, "text": current.text, "done": is_done})
            await self._remember(transaction, alert, entry, by.actor)
            await self._tell(transaction, alert)
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
            await self._remember(transaction, alert, self._entry(alert, NOTE, by.actor, text, {}), by.actor)
            await self._tell(transaction, alert)
        return alert

    async def find_many(self, ids: Sequence[str]) -> Mapping[str, Alert]:
        """Those of these alerts that are there, by their ids, whoever may see them."""
        async with self._database.read() as connection:
            return {alert.id: alert for alert in await incident_store.read_some(connection, ids)}

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
            case AlertAct.ASSIGN, AssignIn(user_id=user_id, resolve_by=resolve_by):
                people = self.handlers(alert.area_id)
                if user_id not in people:
                    raise AssigneeWithoutRights
                given = {"owner_id": user_id, "owner": people[user_id]}
                return given | self._due(alert, resolve_by, by)
            case ((AlertAct.RESOLVE | AlertAct.CLOSE), JudgeIn()):
                return await self._judged(connection, alert, act, body, by)
            case AlertAct.REOPEN, _:
                own = {"incident_id": alert.id} if alert.verdict is Verdict.DUPLICATE and alert.duplicate_of else {}
                return {"verdict": None, "duplicate_of": None, "resolved_at": None, "closed_at": None} | own
        return {}

    def _due(self, alert: Alert, resolve_by: datetime | None, by: Handler) -> dict[str, Any]:
        """A time that is set with an act: not by who has it in hand, unless a dispatcher, and not in the past."""
        if resolve_by is None:
            return {}
        by.access.require(Permission.ALERT_DISPATCH, alert.area_id)
        return {"resolve_by": checked_due(resolve_by, self._clock.now())}

    async def _judged(
        self, connection: Connection, alert: Alert, act: AlertAct, body: JudgeIn, by: Handler
    ) -> dict[str, Any]:
        done: dict[str, Any] = {"resolved_at" if act is AlertAct.RESOLVE else "closed_at": self._clock.now()}
        verdict = body.verdict or alert.verdict
        if verdict is None and act is AlertAct.CLOSE:
            raise VerdictMissing
        if body.verdict is None:
            return done
        if (verdict is Verdict.DUPLICATE) != (body.duplicate_of is not None):
            raise DuplicateWrong
        done |= {"verdict": verdict, "duplicate_of": body.duplicate_of}
        if body.duplicate_of is not None:
            done["incident_id"] = await self._fold_into(connection, alert, body.duplicate_of, by)
        return done

    async def _fold_into(self, connection: Connection, alert: Alert, other_id: str, by: Handler) -> str:
        """The incident of a duplicate: that of the other, if whoever sees the one sees the other's card too."""
        other = await store.find_alert(connection, other_id)
        if other is None or other.id == alert.id or not by.access.allows(Permission.ALERT_VIEW, other.area_id):
            raise DuplicateWrong
        root = await incident_store.find_root(connection, other)
        if root.id == alert.id:
            raise DuplicateWrong
        return root.id if is_first(alert) and root.area_id == alert.area_id else alert.incident_id

    def _entry(self, alert: Alert, act: str, actor: Actor, note: str, detail: dict[str, Any]) -> HistoryEntry:
        return HistoryEntry(
            at=self._clock.now(),
            act=act,
            state=alert.state,
            user_id=actor.user_id,
            username=actor.username,
            note=note,
            detail=detail,
        )

    async def _remember(
        self,
        transaction: Transaction,
        alert: Alert,
        entry: HistoryEntry,
        actor: Actor,
        told: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        """History and audit row; `told` is what only the audit row says."""
        await store.add_history(transaction, alert.id, entry)
        place = Place(alert.area_id, alert.camera_id)
        detail = {"rule": alert.rule_name, **entry.detail, **told}
        row = AuditEntry(AuditKind(f"alert.{entry.act}"), actor, place, alert.id, detail=detail)
        await self._audit.record(transaction, row)

    async def _tell(self, transaction: Transaction, *changed: Alert) -> None:
        told = [Event(None, "alert.updated", alert.model_dump(mode="json"), alert.area_id) for alert in changed]
        await self._events.record_all(transaction, told)


def _told(act: AlertAct, before: Alert, alert: Alert) -> dict[str, Any]:
    """What the history shows of the act."""
    if act is AlertAct.ASSIGN:
        return {"to": alert.owner} | due_told(before.resolve_by, alert.resolve_by)
    if act in {AlertAct.RESOLVE, AlertAct.CLOSE} and alert.verdict is not None:
        return {"verdict": alert.verdict} | ({"duplicate_of": alert.duplicate_of} if alert.duplicate_of else {})
    return {}
