"""Statistics over the API. Each reading is recorded."""

import asyncio
import io
from datetime import UTC, timedelta
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from vms_api.accounts.access import CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.audit.actor import CurrentActor
from vms_api.audit.entry import AuditEntry, AuditKind, Place
from vms_api.control import Control, ControlPart
from vms_api.reports.alert_report import AlertReport, Language, write_report
from vms_api.reports.alert_tally import AlertTally, GroupBy, Window
from vms_api.reports.store import FactQuery, read_facts
from vms_api.spreadsheet import CsvWriter, Encoding, XlsxWriter

router = APIRouter(prefix="/reports")

LONGEST = timedelta(days=366)


class SpanFilter(BaseModel):
    """Of which span and area (with those below it) a report is, and how it is answered."""

    since: Annotated[AwareDatetime, Field(alias="from")]
    until: Annotated[AwareDatetime, Field(alias="to")]
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


class ReportFilter(SpanFilter):
    """What is counted: the alerts raised in [from, to)."""

    by: GroupBy = "rule"


@router.get("/alerts", response_model=AlertReport)
async def report_alerts(
    access: CurrentAccess, actor: CurrentActor, asked: Annotated[ReportFilter, Query()], control: ControlPart
) -> AlertReport | Response:
    """How alerts were answered and what they were, by rule, camera, centre or day; as JSON, CSV or XLSX."""
    area_ids = access.area_ids_below(Permission.ALERT_VIEW, asked.area_id)
    if not area_ids:
        access.require_site(Permission.ALERT_VIEW)
    detail = {"by": asked.by, "format": asked.kind, **asked.window.model_dump(mode="json")}
    place = Place(asked.area_id or access.rights.tree.root.id)
    await control.audit.record_alone(AuditEntry(AuditKind.REPORT_READ, actor, place, detail=detail))
    report = await counted(control, asked, area_ids)
    if asked.kind == "json":
        return report
    return await asyncio.to_thread(_table, report, asked)


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


def _table(report: AlertReport, asked: ReportFilter) -> Response:
    file = io.BytesIO()
    writer = XlsxWriter(file) if asked.kind == "xlsx" else CsvWriter(file, asked.encoding)
    write_report(report, writer, asked.language)
    headers = {"Content-Disposition": f'attachment; filename="alerts-by-{asked.by}.{asked.kind}"'}
    return Response(file.getvalue(), media_type=writer.media_type, headers=headers)
