"""Statistics over the API. Each reading is recorded."""

import asyncio
from functools import partial
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response

from vms_api.accounts.access import CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.audit.actor import CurrentActor
from vms_api.audit.entry import AuditKind
from vms_api.control import Control, ControlPart
from vms_api.reports.alert_report import AlertReport, write_report
from vms_api.reports.alert_tally import AlertTally, GroupBy
from vms_api.reports.reading import areas_read
from vms_api.reports.span_filter import SpanFilter
from vms_api.reports.store import FactQuery, read_facts

router = APIRouter(prefix="/reports")


class ReportFilter(SpanFilter):
    """What is counted: the alerts raised in [from, to)."""

    by: GroupBy = "rule"


@router.get("/alerts", response_model=AlertReport)
async def report_alerts(
    access: CurrentAccess, actor: CurrentActor, asked: Annotated[ReportFilter, Query()], control: ControlPart
) -> AlertReport | Response:
    """How alerts were answered and what they were, by rule, camera, centre or day; as JSON, CSV or XLSX."""
    area_ids = await areas_read(control, access, actor, asked, (Permission.ALERT_VIEW, AuditKind.REPORT_READ))
    report = await counted(control, asked, area_ids)
    if asked.kind == "json":
        return report
    write = partial(write_report, report, language=asked.language)
    return await asyncio.to_thread(asked.as_table, f"alerts-by-{asked.by}", write)


async def counted(control: Control, asked: ReportFilter, area_ids: frozenset[str]) -> AlertReport:
    """The figures of the alerts of these areas."""
    tally = AlertTally(asked.by, ZoneInfo(control.settings.site.time_zone))
    window = asked.window
    async with control.database.read() as connection:
        async for facts in read_facts(connection, FactQuery(area_ids, window.since, window.until)):
            await asyncio.to_thread(tally.add, facts)
    return AlertReport(
        by=asked.by, window=window, items=tally.items(), total=tally.total(), exclusions=tally.exclusions()
    )
