"""Scheduled reports and the files made of them over the API. Each reading of a file is recorded."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path
from fastapi.responses import FileResponse
from pydantic import BaseModel

from vms_api.accounts.access import CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.audit.actor import CurrentActor
from vms_api.control import ControlPart
from vms_api.cursor import Cursor, Limit, Page, decode_cursor, encode_cursor
from vms_api.nothing_in import NothingIn
from vms_api.reports.report_desk import MEDIA_TYPES
from vms_api.reports.scheduled_report import ReportFile, ScheduledReport, ScheduledReportIn, last_period

router = APIRouter()

Id = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9-]+$")]

_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file", "content": {kind: {} for kind in MEDIA_TYPES.values()}},
}
_SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-modals"
"""A page that may be printed and do nothing else."""


class ScheduledReports(BaseModel):
    """Scheduled reports by name; `has_mail` is false where the site has no mail server."""

    items: list[ScheduledReport]
    has_mail: bool


class ReportFiles(BaseModel):
    """What was made."""

    items: list[ReportFile]


@router.get("/scheduled-reports")
async def list_reports(access: CurrentAccess, control: ControlPart) -> ScheduledReports:
    """Those on areas whose rates the caller sees."""
    area_ids = access.area_ids(Permission.RATE_VIEW)
    if not area_ids:
        access.require_site(Permission.RATE_VIEW)
    found = await control.rates.reports.list_for(area_ids)
    return ScheduledReports(items=list(found), has_mail=control.rates.reports.has_mail)


@router.post("/scheduled-reports", status_code=201)
async def add_report(
    access: CurrentAccess, actor: CurrentActor, body: ScheduledReportIn, control: ControlPart
) -> ScheduledReport:
    """A report that is made by itself each day, week or month."""
    access.require(Permission.RATE_MANAGE, body.area_id)
    return await control.rates.reports.add(body, actor)


@router.put("/scheduled-reports/{report_id}")
async def change_report(
    access: CurrentAccess, actor: CurrentActor, report_id: Id, body: ScheduledReportIn, control: ControlPart
) -> ScheduledReport:
    """Replaces all that can be said about it."""
    found = await control.rates.reports.find(report_id)
    access.require(Permission.RATE_MANAGE, found.area_id)
    access.require(Permission.RATE_MANAGE, body.area_id)
    return await control.rates.reports.change(found, body, actor)


@router.delete("/scheduled-reports/{report_id}", status_code=204)
async def remove_report(access: CurrentAccess, actor: CurrentActor, report_id: Id, control: ControlPart) -> None:
    """It is made no more; its files stay as long as they would have."""
    found = await control.rates.reports.find(report_id)
    access.require(Permission.RATE_MANAGE, found.area_id)
    await control.rates.reports.remove(found, actor)


@router.post("/scheduled-reports/{report_id}/run")
async def run_report(
    access: CurrentAccess, actor: CurrentActor, report_id: Id, _body: NothingIn, control: ControlPart
) -> ReportFiles:
    """Makes it now, for the last day, week or month that is over; it is kept and mailed like the others."""
    found = await control.rates.reports.find(report_id)
    access.require(Permission.RATE_MANAGE, found.area_id)
    files = await control.rates.reports.run(found, *last_period(found.period, control.rates.desk.today()), actor)
    return ReportFiles(items=files)


@router.get("/report-files")
async def list_files(
    access: CurrentAccess, control: ControlPart, cursor: Cursor = None, limit: Limit = 50
) -> Page[ReportFile]:
    """The files on areas whose rates the caller sees, the latest first."""
    area_ids = access.area_ids(Permission.RATE_VIEW)
    if not area_ids:
        access.require_site(Permission.RATE_VIEW)
    before = decode_cursor(cursor, 1)[0] if cursor else None
    found = await control.rates.reports.list_files(area_ids, before, limit + 1)
    more = encode_cursor(found[limit - 1].id) if len(found) > limit else None
    return Page(items=list(found[:limit]), next_cursor=more)


@router.get("/report-files/{file_id}", response_class=FileResponse, responses=_FILE)
async def read_file(access: CurrentAccess, actor: CurrentActor, file_id: Id, control: ControlPart) -> FileResponse:
    """One file; the page for the printer opens in the browser, tables are saved."""
    found = await control.rates.reports.find_file(file_id)
    access.require(Permission.RATE_VIEW, found.area_id)
    path = await control.rates.reports.fetch(found, actor)
    shown = "inline" if found.format == "html" else "attachment"
    plain, name = f"report.{found.format}", quote(found.name, safe="")
    headers = {
        # RFC 6266 clause 4.3: the plain name for who does not know the other.
        "Content-Disposition": f"{shown}; filename=\"{plain}\"; filename*=UTF-8''{name}",
        "Content-Security-Policy": _SANDBOX,
        "Cache-Control": "private, no-store",
    }
    return FileResponse(path, media_type=MEDIA_TYPES[found.format], headers=headers)
