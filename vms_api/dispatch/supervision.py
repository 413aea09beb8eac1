"""Alerts between the centres: passed up, urged, taken over, sent back; each act with its rows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from ingest.clock import Clock
from ingest.transitions import IllegalTransition
from vms_api.accounts.errors import NotAllowed
from vms_api.accounts.permission import Permission
from vms_api.accounts.rights_board import RightsBoard
from vms_api.alerts import store as alert_store
from vms_api.alerts.alert import Alert
from vms_api.alerts.desk import Handler
from vms_api.alerts.due import checked_due, due_told
from vms_api.alerts.errors import AlertMovedOn
from vms_api.alerts.handling import ActIn
from vms_api.alerts.history import HistoryEntry
from vms_api.alerts.lifecycle import TRANSITIONS, AlertAct, AlertState
from vms_api.database import Database
from vms_api.dispatch.company import take_along
from vms_api.dispatch.dispatcher import Dispatcher
from vms_api.dispatch.errors import NoCentreAbove, NoCentreBelow
from vms_api.dispatch.escalation import STAGES, Standing, answered, moved, passed_up
from vms_api.dispatch.plan import Rung
from vms_api.dispatch.supervising import SuperviseAct, UrgeIn, seat_of
from vms_api.errors import NotFound
from vms_api.events import EventLog


class Supervision:
    """What dispatchers do with alerts that are open. State, history, event and audit row are one transaction."""

    def __init__(
        self, database: Database, events: EventLog, dispatcher: Dispatcher, rights: RightsBoard, clock: Clock
    ) -> None:
        self._database = database
        self._events = events
        self._dispatcher = dispatcher
        self._rights = rights
        self._clock = clock

    async def act(self, alert_id: str, act: SuperviseAct, body: ActIn, by: Handler) -> Alert:
        """Carries out the act.

        Raises:
            NotFound: no such alert, or not one that the person sees.
            NotAllowed: the person does not dispatch at the centre that the act takes.
            AlertMovedOn: the alert is handled or closed.
            NoCentreAbove, NoCentreBelow: there is nobody to give it to.
            DueInPast: that time cannot be kept.

        """
        async with self._database.write() as transaction:
            current = await alert_store.find_alert(transaction.connection, alert_id)
            if current is None:
                raise NotFound("no such alert")
            by.access.require(Permission.ALERT_VIEW, current.area_id)
            before = await self._dispatcher.standing(transaction.connection, current)
            ladder = self._dispatcher.ladder(current, current.centre_id)
            self._require(seat_of(act, ladder), by)
            if STAGES.get(current.state) is None:
                raise AlertMovedOn(f"an alert cannot {act} when {current.state}")
            standing = self._dispatcher.gone_on(self._changed(act, body, before, ladder, by))
            alert = standing.alert
            await alert_store.update_alert(transaction, alert)
            entry = HistoryEntry(
                at=self._clock.now(),
                act=act,
                state=alert.state,
                user_id=by.actor.user_id,
                username=by.actor.username,
                note=body.note,
                detail=_told(act, before.alert, standing, ladder[0]),
            )
            await self._dispatcher.write_down(transaction, alert, entry, by.actor)
            await self._dispatcher.keep(transaction, standing)
            entries = [entry, *self._dispatcher.entries(standing)]
            for told in [*await take_along(transaction, current, alert, entries), alert]:
                await self._events.record(transaction, "alert.updated", told.model_dump(mode="json"), told.area_id)
        return alert

    def _require(self, seat: Rung, by: Handler) -> None:
        """Lets pass a dispatcher of that centre; others see the alert, so they are told who can help."""
        if not by.access.allows(Permission.ALERT_DISPATCH, seat.id):
            raise NotAllowed(Permission.ALERT_DISPATCH, self._rights.index.who_can_grant(seat.id))

    def _changed(
        self, act: SuperviseAct, body: ActIn, standing: Standing, ladder: Sequence[Rung], by: Handler
    ) -> Standing:
        now = self._clock.now()
        match act:
            case SuperviseAct.ESCALATE:
                if len(ladder) == 1:
                    raise NoCentreAbove
                return passed_up(standing, ladder, now)
            case SuperviseAct.URGE:
                return _urged(standing, body.resolve_by if isinstance(body, UrgeIn) else None, now)
            case SuperviseAct.TAKE_OVER:
                return self._taken(standing, ladder, by, now)
            case SuperviseAct.SEND_BACK:
                return self._returned(standing, ladder[0], now)

    def _taken(self, standing: Standing, ladder: Sequence[Rung], by: Handler, now: datetime) -> Standing:
        """In the hand of who acts, at the highest centre above at which that person dispatches."""
        levels = max(
            (up for up, rung in enumerate(ladder) if up and by.access.allows(Permission.ALERT_DISPATCH, rung.id)),
            default=None,
        )
        if levels is None:
            raise NoCentreAbove
        alert, actor = standing.alert, by.actor
        is_new = alert.state is AlertState.NEW
        try:
            state = TRANSITIONS.after(alert.state, AlertAct.ACKNOWLEDGE if is_new else AlertAct.ASSIGN)
        except IllegalTransition as error:
            raise AlertMovedOn(str(error)) from None
        update: dict[str, Any] = {"state": state, "owner_id": actor.user_id, "owner": actor.username}
        if is_new:
            update |= {"acknowledged_at": now, "acknowledged_by": actor.username}
        taken = replace(standing, alert=alert.model_copy(update=update))
        return answered(moved(taken, ladder[levels], levels, now))

    def _returned(self, standing: Standing, here: Rung, now: datetime) -> Standing:
        """New again, in nobody's hand, at the next centre below."""
        alert = standing.alert
        below = self._dispatcher.rung_below(alert, here)
        if below is None or alert.level == 0:
            raise NoCentreBelow
        nobody = {"owner_id": None, "owner": None, "acknowledged_at": None, "acknowledged_by": None}
        given_back = alert.model_copy(update={"state": AlertState.NEW, **nobody})
        return moved(replace(standing, alert=given_back), below, -1, now)


def _urged(standing: Standing, resolve_by: datetime | None, now: datetime) -> Standing:
    update = {"urged_at": now}
    if resolve_by is not None:
        update["resolve_by"] = checked_due(resolve_by, now)
        standing = answered(standing) if standing.alert.overdue == "resolve" else standing
    return replace(standing, alert=standing.alert.model_copy(update=update))


def _told(act: SuperviseAct, before: Alert, standing: Standing, here: Rung) -> dict[str, str]:
    """What the history shows: from which centre to which the person gave it, or the time that was set."""
    if act is SuperviseAct.URGE:
        return {"to": here.name} | due_told(before.resolve_by, standing.alert.resolve_by)
    goal = standing.steps[0].origin.name if standing.steps else standing.alert.centre_name
    return {"from": here.name, "to": goal or ""}
