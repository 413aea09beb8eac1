"""Patrol statistics over the API. Each reading is recorded."""

import asyncio
import io
from datetime import UTC, timedelta
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from vms_api.accounts.access import CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.areas.area import AreaTree
from vms_api.audit.actor import CurrentActor
from vms_api.audit.entry import AuditEntry, AuditKind, Place
from vms_api.control import Control, ControlPart
from vms_api.dispatch.ladder import centre_name, centres
from vms_api.patrols.report import PatrolReport, write_report
from vms_api.patrols.tally import PatrolGrouping, PatrolTally
from vms_api.patrols.tally_store import PatrolFactQuery, read_facts
from vms_api.reports.alert_report import Language
from vms_api.reports.alert_tally import Window
from vms_api.reports.routes import LONGEST
from vms_api.spreadsheet import CsvWriter, Encoding, XlsxWriter

router = APIRouter(prefix="/reports")


class PatrolReportFilter(BaseModel):
    """What is counted, and how it is answered: rounds of an area and those below it that were due in [from, to)."""

    since: Annotated[AwareDatetime, Field(alias="from")]
    until: Annotated[AwareDatetime, Field(alias="to")]
    by: PatrolGrouping = "plan"
    area_id: Annotated[str | None, Field(max_length=64)] = None
    kind: Annotated[Literal["json", "csv", "xlsx"], Field(alias="format")] = "json"
    encoding: Encoding = "utf-8"
    language: Language = "zh-CN"

    @model_validator(mode="after")
    def _is_a_window(self) -> Self:
        if not timedelta(0) < self.until - self.since <= LONGEST:
            raise PydanticCustomError("window_wrong", "the end is after the beginning, by at most 366 days")
        return self

    @property
    def window(self) -> Window:
        """The span, UTC."""
        return Window.model_validate({"from": self.since.astimezone(UTC), "to": self.until.astimezone(UTC)})


@router.get("/patrols", response_model=PatrolReport)
async def report_patrols(
    access: CurrentAccess, actor: CurrentActor, asked: Annotated[PatrolReportFilter, Query()], control: ControlPart
) -> PatrolReport | Response:
    """How rounds were walked and what they found, by person, centre, plan, week or day; as JSON, CSV or XLSX."""
    area_ids = access.area_ids_below(Permission.PATROL_VIEW, asked.area_id)
    if not area_ids:
        access.require_site(Permission.PATROL_VIEW)
    detail = {"by": asked.by, "format": asked.kind, **asked.window.model_dump(mode="json")}
    place = Place(asked.area_id or access.rights.tree.root.id)
    await control.audit.record_alone(AuditEntry(AuditKind.PATROL_REPORT, actor, place, detail=detail))
    report = await counted(control, asked, area_ids)
    if asked.kind == "json":
        return report
    return await asyncio.to_thread(_table, report, asked)


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


def _table(report: PatrolReport, asked: PatrolReportFilter) -> Response:
    file = io.BytesIO()
    writer = XlsxWriter(file) if asked.kind == "xlsx" else CsvWriter(file, asked.encoding)
    write_report(report, writer, asked.language)
    headers = {"Content-Disposition": f'attachment; filename="patrols-by-{asked.by}.{asked.kind}"'}
    return Response(file.getvalue(), media_type=writer.media_type, headers=headers)
