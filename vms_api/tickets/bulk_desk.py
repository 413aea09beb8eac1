"""Carries one act out on many tickets."""

import asyncio

from vms_api.alerts.bulk_desk import OnRefusal
from vms_api.alerts.desk import Handler
from vms_api.errors import Problem
from vms_api.tickets.bulk import AnyManyIn, TicketBulkResult
from vms_api.tickets.desk import TicketDesk
from vms_api.tickets.ticket import Ticket


async def act_on_many_tickets(
    desk: TicketDesk, body: AnyManyIn, by: Handler, on_refusal: OnRefusal
) -> list[TicketBulkResult]:
    """The act on each ticket; `on_refusal` hears of each that was refused.

    All at once: those that wait for the database share its commits.
    """
    ids = list(dict.fromkeys(body.ids))
    results = await asyncio.gather(*(_one(desk, body, by, id_) for id_ in ids))
    for result in results:
        if isinstance(result, Problem):
            await on_refusal(result)
    return [_shown(id_, result) for id_, result in zip(ids, results, strict=True)]


async def _one(desk: TicketDesk, body: AnyManyIn, by: Handler, ticket_id: str) -> Ticket | Problem:
    try:
        return await desk.act(ticket_id, body.act, body, by)
    except Problem as problem:
        return problem


def _shown(ticket_id: str, result: Ticket | Problem) -> TicketBulkResult:
    """Without the history, which nobody reads of two hundred."""
    if isinstance(result, Problem):
        return TicketBulkResult(id=ticket_id, problem=result.document())
    return TicketBulkResult(
        id=ticket_id, ticket=Ticket(**{name: getattr(result, name) for name in Ticket.model_fields})
    )
