"""Where alerts come in and are handled."""

from collections.abc import Callable

from ingest.clock import Clock
from ingest.transitions import IllegalTransition
from vms_api.alerts import store
from vms_api.alerts.alert import Alert
from vms_api.alerts.lifecycle import TRANSITIONS, AlertAct, AlertState
from vms_api.alerts.store import HistoryEntry
from vms_api.audit.entry import Actor, AuditEntry, AuditKind, Place
from vms_api.audit.log import AuditLog
from vms_api.cameras import store as camera_store
from vms_api.cameras import watch_store
from vms_api.database import Database
from vms_api.errors import AlertNotNew, NotFound
from vms_api.events import EventLog
from vms_api.nodes.delivery import AlertPayload


class AlertDesk:
    """Stores what nodes deliver, once, and changes it by the acts of people. `on_raised` hears each new alert."""

    def __init__(
        self,
        database: Database,
        events: EventLog,
        clock: Clock,
        on_raised: Callable[[Alert], None],
        root_id: Callable[[], str],
        audit: AuditLog,
    ) -> None:
        self._database = database
        self._events = events
        self._clock = clock
        self._on_raised = on_raised
        self._root_id = root_id
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
                area_id=camera.area_id if camera else self._root_id(),
                camera_name=camera.name if camera else payload.camera_id,
                instructions=rule.instructions if rule else "",
                stored_at=self._clock.now(),
            )
            if not await store.insert_alert(transaction, alert, payload.evidence):
                return False
            await store.add_history(transaction, alert.id, HistoryEntry(alert.raised_at, "raise", alert.state))
            await self._events.record(transaction, "alert.raised", alert.model_dump(mode="json"), alert.area_id)
            transaction.tell_after_commit(lambda: self._on_raised(alert))
        return True

    async def acknowledge(self, alert_id: str, actor: Actor) -> Alert:
        """Somebody has seen it and takes it on.

        Raises:
            NotFound: no such alert.
            AlertNotNew: somebody was faster.

        """
        now = self._clock.now()
        async with self._database.write() as transaction:
            current = await store.find_alert(transaction.connection, alert_id)
            if current is None:
                raise NotFound("no such alert")
            alert = current.model_copy(
                update={
                    "state": _after(current.state, AlertAct.ACKNOWLEDGE),
                    "acknowledged_at": now,
                    "acknowledged_by": actor.username,
                }
            )
            await store.update_alert(transaction, alert)
            entry = HistoryEntry(now, AlertAct.ACKNOWLEDGE, alert.state, actor.user_id, actor.username)
            await store.add_history(transaction, alert_id, entry)
            await self._events.record(transaction, "alert.updated", alert.model_dump(mode="json"), alert.area_id)
            place = Place(alert.area_id, alert.camera_id)
            act = AuditEntry(AuditKind.ALERT_ACKNOWLEDGE, actor, place, alert_id, detail={"rule": alert.rule_name})
            await self._audit.record(transaction, act)
        return alert


def _after(state: AlertState, act: AlertAct) -> AlertState:
    try:
        return TRANSITIONS.after(state, act)
    except IllegalTransition as error:
        raise AlertNotNew(str(error)) from None
