"""Repair statistics over the API. Each reading is recorded."""

import asyncio
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Response

from vms_api.accounts.access import CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.audit.actor import CurrentActor
from vms_api.audit.entry import AuditKind
from vms_api.control import ControlPart
from vms_api.reports.reading import areas_read
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
    area_ids = await areas_read(control, access, actor, asked, (Permission.TICKET_VIEW, AuditKind.REPORT_READ))
    window = asked.window
    async with control.database.read() as connection:
        tickets = await opened_between(connection, area_ids, window.since, window.until)
    names = {area.id: area.name for area in access.rights.tree}
    report = await asyncio.to_thread(reported, tickets, asked.by, window, control.clock.now(), names)
    if asked.kind == "json":
        return report
    write = partial(write_ticket_report, report, language=asked.language)
    return await asyncio.to_thread(asked.as_table, f"tickets-by-{asked.by}", write)
