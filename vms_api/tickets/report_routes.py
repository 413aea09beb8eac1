"""Repair statistics over the API. Each reading is recorded."""

import asyncio
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Response

from vms_api.accounts.access import CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.audit.actor import CurrentActor
from vms_api.audit.entry import AuditEntry, AuditKind, Place
from vms_api.control import ControlPart
from vms_api.reports.span_filter import SpanFilter
from vms_api.tickets.list_store import opened_between
from vms_api.tickets.ticket_report import TicketGroupBy, TicketReport, reported, write_ticket_report

router = APIRouter(prefix="/reports")


class TicketReportFilter(SpanFilter):
    """What is counted: the tickets opened in [from, to)."""

    by: TicketGroupBy = "cause"


@router.get("/tickets", response_model=TicketReport)
async def report_tickets(
    access: CurrentAccess, actor: CurrentActor, asked: Annotated[TicketReportFilter, Query()], control: ControlPart
) -> TicketReport | Response:
    """How faults were mended, by cause, area or assignee; as JSON, CSV or XLSX."""
    area_ids = access.area_ids_below(Permission.TICKET_VIEW, asked.area_id)
    if not area_ids:
        access.require_site(Permission.TICKET_VIEW)
    window = asked.window
    detail = {"by": asked.by, "format": asked.kind, **window.model_dump(mode="json")}
    place = Place(asked.area_id or access.rights.tree.root.id)
    await control.audit.record_alone(AuditEntry(AuditKind.REPORT_READ, actor, place, detail=detail))
    async with control.database.read() as connection:
        tickets = await opened_between(connection, area_ids, window.since, window.until)
    names = {area.id: area.name for area in access.rights.tree}
    report = await asyncio.to_thread(reported, tickets, asked.by, window, control.clock.now(), names)
    if asked.kind == "json":
        return report
    write = partial(write_ticket_report, report, language=asked.language)
    return await asyncio.to_thread(asked.as_table, f"tickets-by-{asked.by}", write)
