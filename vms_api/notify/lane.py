"""One receiver's own queue: whatever it does, others do not wait for it."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog

from ingest.clock import Clock
from vms_api.accounts.rights_board import RightsBoard
from vms_api.audit.entry import SYSTEM, AuditEntry, AuditKind, Place
from vms_api.audit.log import AuditLog
from vms_api.database import Database, Transaction
from vms_api.notify import store
from vms_api.notify.delivery import Delivery
from vms_api.notify.outcome import DeliveryFault, Outcome
from vms_api.notify.receiver import Receiver
from vms_api.notify.retry import Breaker
from vms_api.notify.roll import ReceiverRoll
from vms_api.notify.sender import Sender
from vms_api.notify.settlement import Settlement, settled

log = structlog.get_logger()

IDLE_S = 300.0
"""A lane with nothing to do looks again after so long, should a call have been lost."""


class LaneGround:
    """What all lanes share."""

    def __init__(
        self,
        database: Database,
        audit: AuditLog,
        rights: RightsBoard,
        roll: ReceiverRoll,
        clock: Clock,
        random: Callable[[], float],
    ) -> None:
        self.database = database
        self.audit = audit
        self.rights = rights
        self.roll = roll
        self.clock = clock
        self.random = random


class Lane:
    """Takes what is due for its receiver, tries it, and writes down how that ended: at least once, under one id."""

    def __init__(self, receiver: Receiver, sender: Sender, ground: LaneGround) -> None:
        self.receiver = receiver
        self.breaker = Breaker(ground.random)
        self._sender = sender
        self._ground = ground
        self._awake = asyncio.Event()
        self._is_proven = False

    def wake(self) -> None:
        """There is something to send, or the receiver is back."""
        self._awake.set()

    async def run(self) -> None:
        """Until cancelled; then the connection is closed."""
        beside = asyncio.create_task(self._sender.run(), name="notify-sender")
        try:
            while True:
                self._awake.clear()
                wait_s = await self.step()
                if wait_s > 0:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(min(wait_s, IDLE_S)):
                            await self._awake.wait()
        finally:
            beside.cancel()
            await asyncio.gather(beside, return_exceptions=True)
            await self._sender.close()

    async def step(self) -> float:
        """Tries one batch, if one is due; seconds until there may be more to do."""
        now = self._ground.clock.now()
        opens_at = self.breaker.opens_at()
        if opens_at is not None and now < opens_at:
            return (opens_at - now).total_seconds()
        limit = 1 if self.breaker.is_open else self._sender.batch
        async with self._ground.database.read() as connection:
            due = await store.due_deliveries(connection, self.receiver.id, now, limit)
            next_at = None if due else await store.next_due_at(connection, self.receiver.id)
        if not due:
            return max(0.05, (next_at - now).total_seconds()) if next_at else IDLE_S
        outcomes = await self._tried(due)
        settlement = settled(list(zip(due, outcomes, strict=True)), self._ground.clock.now(), self._ground.random)
        await self._settle(settlement)
        return self._sender.pace_s if settlement.arrived else 0.0

    async def _tried(self, due: Sequence[Delivery]) -> list[Outcome]:
        """How each ended; what the owner may not see any more is not sent."""
        rights = self._ground.rights.index
        seen = [delivery for delivery in due if self.receiver.is_about(delivery.message, rights)]
        ended = await self._sender.send(seen) if seen else []
        outcomes = {delivery.id: outcome for delivery, outcome in zip(seen, ended, strict=True)}
        return [outcomes.get(delivery.id, Outcome(DeliveryFault.RIGHT_MISSING)) for delivery in due]

    async def _settle(self, settlement: Settlement) -> None:
        now, receiver_id = self._ground.clock.now(), self.receiver.id
        is_back = bool(settlement.arrived) and (self.breaker.is_open or not self._is_proven)
        self._judge(settlement)
        async with self._ground.database.write() as transaction:
            if settlement.arrived:
                await store.delete_deliveries(transaction, settlement.arrived)
                await store.note_service(transaction, receiver_id, arrived_at=now)
            if is_back:
                await store.release(transaction, receiver_id)
            for delivery in settlement.failed:
                await store.update_delivery(transaction, delivery)
            if settlement.fault is not None:
                fault = {"fault": settlement.fault.fault, "detail": settlement.fault.detail}
                await store.note_service(transaction, receiver_id, failed_at=now, **fault)
            if settlement.is_gone:
                await self._stop(transaction)

    def _judge(self, settlement: Settlement) -> None:
        now = self._ground.clock.now()
        if settlement.arrived:
            self.breaker.succeed()
            self._is_proven = True
        elif settlement.fault is not None:
            was_open = self.breaker.is_open
            self.breaker.fail(now)
            if self.breaker.is_open and not was_open:
                fault = settlement.fault.fault
                log.warning("notify.receiver-resting", receiver=self.receiver.id, fault=fault)
        if settlement.retry_after_s is not None:
            self.breaker.rest(now, settlement.retry_after_s)

    async def _stop(self, transaction: Transaction) -> None:
        """The receiver has said that it is gone for good: it is switched off, and everybody who manages it sees why."""
        await store.note_service(transaction, self.receiver.id, stopped=DeliveryFault.GONE)
        await self._ground.roll.record_change(transaction)
        place = Place(next(iter(self.receiver.area_ids), None))
        detail = {"name": self.receiver.name, "reason": DeliveryFault.GONE.value}
        entry = AuditEntry(AuditKind.NOTIFY_STOP, SYSTEM, place, self.receiver.id, detail=detail)
        await self._ground.audit.record(transaction, entry)
