"""The background look at open tickets: what time alone brings, each step in a transaction of few."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence

from vms_api.cameras import store as camera_store
from vms_api.database import Transaction
from vms_api.events import Event
from vms_api.tickets import store
from vms_api.tickets.desk import TicketDesk, TicketGround
from vms_api.tickets.lifecycle import OPEN_STATES
from vms_api.tickets.list_store import due_unannounced
from vms_api.tickets.ticket import Ticket
from vms_api.tickets.upkeep import Step, next_step

OVERDUE = "ticket.overdue"
"""The event: the time of a ticket is over; told once for each due time."""

BATCH = 25
_EVERY_S = 10.0


class TicketRounds:
    """Confirms, sends back, resumes and closes what is due, and tells of what is overdue."""

    def __init__(self, desk: TicketDesk, ground: TicketGround) -> None:
        self._desk = desk
        self._ground = ground
        self.counts: Mapping[str, int] = {}
        """How many open tickets are in each state, and `overdue` of them, at the last look."""

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(_EVERY_S)

    async def look(self) -> None:
        """One round."""
        async with self._ground.database.read() as connection:
            areas = await camera_store.camera_areas(connection)
            tickets = await store.list_open(connection)
        now = self._ground.clock.now()
        states = Counter(ticket.state for ticket in tickets)
        late = sum(ticket.at(now).overdue for ticket in tickets)
        self.counts = {**{state: states[state] for state in sorted(OPEN_STATES)}, "overdue": late}
        waiting = [ticket.id for ticket in tickets if self._is_due(ticket, areas)]
        for start in range(0, len(waiting), BATCH):
            async with self._ground.database.write() as transaction:
                await self._take(transaction, waiting[start : start + BATCH])
        while await self._tell_overdue() == BATCH:
            pass

    def _is_due(self, ticket: Ticket, areas: Mapping[str, str]) -> bool:
        return self._has_moved(ticket, areas) or self._step(ticket, areas) is not None

    async def _take(self, transaction: Transaction, ids: Sequence[str]) -> None:
        """Looks again inside the transaction: somebody may have acted meanwhile."""
        areas = await camera_store.camera_areas(transaction.connection)
        for ticket_id in ids:
            ticket = await store.find_ticket(transaction.connection, ticket_id)
            if ticket is None or ticket.closed_at is not None:
                continue
            if self._has_moved(ticket, areas):
                ticket = await self._desk.follow(transaction, ticket, areas[ticket.camera_id or ""])
            if step := self._step(ticket, areas):
                await self._desk.settle(transaction, ticket, step.act, {"why": step.why})

    async def _tell_overdue(self) -> int:
        """Tells of the longest overdue of which it was not told; how many these were."""
        now = self._ground.clock.now()
        async with self._ground.database.read() as connection:
            if not await due_unannounced(connection, now, 1):
                return 0
        async with self._ground.database.write() as transaction:
            late = await due_unannounced(transaction.connection, now, BATCH)
            await store.mark_late(transaction, [ticket.id for ticket in late])
            told = [Event(None, OVERDUE, each.at(now).model_dump(mode="json"), each.area_id) for each in late]
            if told:
                await self._ground.events.record_all(transaction, told)
        return len(late)

    def _has_moved(self, ticket: Ticket, areas: Mapping[str, str]) -> bool:
        return ticket.camera_id is not None and areas.get(ticket.camera_id, ticket.area_id) != ticket.area_id

    def _step(self, ticket: Ticket, areas: Mapping[str, str]) -> Step | None:
        is_there = ticket.camera_id is None or ticket.camera_id in areas
        now = self._ground.clock.now()
        return next_step(ticket, is_camera_there=is_there, now=now, settings=self._ground.settings)
