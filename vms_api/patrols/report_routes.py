"""Patrol statistics over the API. Each reading is recorded."""

import asyncio
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Response

from vms_api.accounts.access import CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.areas.area import AreaTree
from vms_api.audit.actor import CurrentActor
from vms_api.audit.entry import AuditKind
from vms_api.control import Control, ControlPart
from vms_api.dispatch.ladder import centre_name, centres
from vms_api.patrols.report import PatrolReport, write_report
from vms_api.patrols.tally import PatrolGrouping, PatrolTally
from vms_api.patrols.tally_store import PatrolFactQuery, read_facts
from vms_api.reports.reading import areas_read
from vms_api.reports.span_filter import SpanFilter

router = APIRouter(prefix="/reports")


class PatrolReportFilter(SpanFilter):
    """What is counted: rounds that were due in [from, to)."""

    by: PatrolGrouping = "plan"


@router.get("/patrols", response_model=PatrolReport)
async def report_patrols(
    access: CurrentAccess, actor: CurrentActor, asked: Annotated[PatrolReportFilter, Query()], control: ControlPart
) -> PatrolReport | Response:
    """How rounds were walked and what they found, by person, centre, plan, week or day; as JSON, CSV or XLSX."""
    area_ids = await areas_read(control, access, actor, asked, (Permission.PATROL_VIEW, AuditKind.PATROL_REPORT))
    report = await counted(control, asked, area_ids)
    if asked.kind == "json":
        return report
    write = partial(write_report, report, language=asked.language)
    return await asyncio.to_thread(asked.as_table, f"patrols-by-{asked.by}", write)


async def counted(control: Control, asked: PatrolReportFilter, area_ids: frozenset[str]) -> PatrolReport:
    """The figures of the rounds of these areas."""
    zone, tree = control.dispatch.board.zone, control.rights.index.tree
    tally = PatrolTally(asked.by, zone, lambda area_id: _centre_of(tree, area_id))
    window = asked.window
    async with control.database.read() as connection:
        async for facts in read_facts(connection, PatrolFactQuery(area_ids, window.since, window.until)):
            await asyncio.to_thread(tally.add, facts)
    return PatrolReport(by=asked.by, window=window, time_zone=zone.key, items=tally.items(), total=tally.total())


def _centre_of(tree: AreaTree, area_id: str) -> tuple[str, str]:
    centre = centres(tree, area_id)[0]
    return centre.id, centre_name(centre)
