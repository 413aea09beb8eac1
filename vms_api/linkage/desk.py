"""Orders what a rule links to an alert, in the alert's own transaction, and carries it out afterwards."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import structlog

from ingest.clock import Clock
from vms_api.accounts.rights_board import RightsBoard
from vms_api.audit.entry import SYSTEM, AuditEntry, AuditKind, Outcome, Place
from vms_api.audit.log import AuditLog
from vms_api.database import Database, Transaction
from vms_api.errors import Problem
from vms_api.events import Event, EventLog
from vms_api.linkage import store
from vms_api.linkage.hands import Hands
from vms_api.linkage.link import ON_PAGES, PERMISSIONS
from vms_api.linkage.order import LATEST, Order

log = structlog.get_logger()

RAISED, LINKED = "alert.raised", "alert.link"
_LOOK_S = 5.0
_KEPT = timedelta(days=7)
_FORBIDDEN, _LATE, _INTERRUPTED, _BROKEN = "not-allowed", "too-late", "interrupted", "internal-error"


class LinkDesk:
    """An alert never waits for what it sets off. Each link of an alert is carried out at most once."""

    def __init__(
        self,
        database: Database,
        events: EventLog,
        audit: AuditLog,
        rights: RightsBoard,
        hands: Hands,
        clock: Clock,
    ) -> None:
        self._database = database
        self._events = events
        self._audit = audit
        self._rights = rights
        self._hands = hands
        self._clock = clock
        self._ordered = asyncio.Event()
        self._at_work: set[asyncio.Task[None]] = set()
        events.subscribe(self.hear)

    async def hear(self, transaction: Transaction, happened: Sequence[Event]) -> None:
        """Orders the links of alerts that are raised; called in the transaction that stores them."""
        for event in happened:
            if event.kind == RAISED:
                await self._order(transaction, event)

    async def run(self) -> None:
        """Carries out what is ordered, until cancelled; then what is under way is ended in order."""
        await self._tell_interrupted()
        try:
            while True:
                self._ordered.clear()
                await self.carry_out()
                await self._hands.end_recordings()
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_S):
                        await self._ordered.wait()
        finally:
            for task in self._at_work:
                task.cancel()
            await asyncio.gather(*self._at_work, return_exceptions=True)

    async def carry_out(self) -> None:
        """Begins what waits, each on its own: a camera that does not answer delays nothing else."""
        async with self._database.write() as transaction:
            taken = await store.take_waiting(transaction)
            await store.prune_orders(transaction, self._clock.now() - _KEPT)
        for order in taken:
            task = asyncio.create_task(self._carry_out(order), name="alert-link")
            self._at_work.add(task)
            task.add_done_callback(self._at_work.discard)

    async def settle(self) -> None:
        """Returns when nothing is under way any more."""
        await asyncio.gather(*self._at_work)

    async def _order(self, transaction: Transaction, event: Event) -> None:
        alert = event.data
        links, owner_id = await store.links_of(transaction.connection, alert["rule_id"])
        if not links:
            return
        now = self._clock.now()
        new = [
            Order(alert["id"], number, alert["rule_id"], link.camera_id or alert["camera_id"], link, owner_id, now)
            for number, link in enumerate(links)
        ]
        told = [order for order in new if order.link.kind in ON_PAGES]
        for order in told:
            await self._tell_pages(transaction, order)
        rest = [order for order in new if order.link.kind not in ON_PAGES]
        if rest:
            await store.insert_orders(transaction, rest)
            transaction.tell_after_commit(self._ordered.set)

    async def _tell_pages(self, transaction: Transaction, order: Order) -> None:
        """An event of the camera's own area: who may not see alerts there hears nothing of it."""
        if not self._is_allowed(order):
            await self._record(transaction, order, _FORBIDDEN)
            return
        data = {"alert_id": order.alert_id, "camera_id": order.camera_id, "link": order.link.model_dump(mode="json")}
        await self._events.record(transaction, LINKED, data, self._rights.area_of(order.camera_id))
        await self._record(transaction, order, None)

    async def _carry_out(self, order: Order) -> None:
        fault = await self._tried(order)
        async with self._database.write() as transaction:
            await store.end_order(transaction, order, fault)
            await self._record(transaction, order, fault)

    async def _tried(self, order: Order) -> str | None:
        """The code of why it was not done; None when it was."""
        if self._clock.now() - order.at > LATEST:
            return _LATE
        if not self._is_allowed(order):
            return _FORBIDDEN
        try:
            await self._hands.do(order, self._place(order))
        except Problem as problem:
            return problem.code
        except Exception:  # the boundary of a task that nobody awaits
            log.exception("link.failed", alert=order.alert_id, link=order.link.kind)
            return _BROKEN
        return None

    async def _tell_interrupted(self) -> None:
        """What an earlier process began is not begun again: nobody knows how far it came."""
        async with self._database.read() as connection:
            left = await store.interrupted(connection)
        for order in left:
            async with self._database.write() as transaction:
                await store.end_order(transaction, order, _INTERRUPTED)
                await self._record(transaction, order, _INTERRUPTED)

    def _is_allowed(self, order: Order) -> bool:
        """Whether who saved the rule may still do that there."""
        area_id = self._rights.area_of(order.camera_id)
        return area_id is not None and self._rights.index.allows(order.owner_id, PERMISSIONS[order.link.kind], area_id)

    def _place(self, order: Order) -> Place:
        return Place(self._rights.area_of(order.camera_id), order.camera_id)

    async def _record(self, transaction: Transaction, order: Order, fault: str | None) -> None:
        """A row by the rights of the person who saved the rule; the system has done it."""
        detail: dict[str, Any] = {"link": order.link.model_dump(mode="json"), "rule": order.rule_id}
        owner = self._rights.index.usernames.get(order.owner_id)
        detail |= {"by_right_of": owner} | ({"code": fault} if fault else {})
        outcome = Outcome.DENIED if fault == _FORBIDDEN else Outcome.FAILED if fault else Outcome.DONE
        entry = AuditEntry(AuditKind.ALERT_LINK, SYSTEM, self._place(order), order.alert_id, None, detail, outcome)
        await self._audit.record(transaction, entry)
