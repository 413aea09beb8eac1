"""Makes reports on rates: as files that are kept for a time, and as a letter with them."""

import asyncio
import hashlib
import io
import os
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import structlog

from ingest.identifier import new_identifier
from vms_api.areas.area import Area
from vms_api.audit.entry import Actor, AuditEntry, AuditKind, Place
from vms_api.cameras import store as camera_store
from vms_api.errors import NotFound
from vms_api.notify.mail_sender import MailServer, post
from vms_api.rates.desk import RateDesk, Window
from vms_api.rates.rate import Rate
from vms_api.rates.rollup import with_below
from vms_api.recordings.desk import Surroundings
from vms_api.reports import schedule_store
from vms_api.reports.rate_page import rate_page
from vms_api.reports.rate_report import RateReport
from vms_api.reports.rate_table import write_rate_report
from vms_api.reports.rate_words import WORDS
from vms_api.reports.scheduled_report import Format, ReportFile, ScheduledReport, ScheduledReportIn, last_period
from vms_api.spreadsheet import CsvWriter, XlsxWriter

log = structlog.get_logger()

MEDIA_TYPES = {
    "xlsx": XlsxWriter.media_type,
    "csv": "text/csv; charset=utf-8",
    "html": "text/html; charset=utf-8",
}
CHARTED = (Rate.ONLINE, Rate.STREAM_INTACT, Rate.PICTURE_INTACT, Rate.RECORDING, Rate.CLOCK, Rate.ALERTS)
_TRY_AGAIN_S = 300.0
_GIVE_UP = timedelta(days=1)


class _Made(NamedTuple):
    format: Format
    contents: bytes


class ReportDesk:
    """Scheduled reports, the files made of them in `folder`, and the letters."""

    def __init__(
        self, folder: Path, rates: RateDesk, around: Surroundings, mail: MailServer | None, keep_days: int
    ) -> None:
        self._folder = folder
        self._rates = rates
        self._database = around.database
        self._rights = around.rights
        self._audit = around.audit
        self._clock = around.clock
        self._mail = mail
        self._keep = timedelta(days=keep_days)
        self._mail_after_s = 0.0

    @property
    def has_mail(self) -> bool:
        """Whether the site has a mail server."""
        return self._mail is not None

    async def add(self, body: ScheduledReportIn, actor: Actor) -> ScheduledReport:
        """A new one; the first that it makes by itself is of the period that goes on now."""
        _, done_until = last_period(body.period, self._rates.today())
        report = ScheduledReport(
            **body.model_dump(),
            id=new_identifier(),
            created_by=actor.username or "",
            created_at=self._clock.now(),
            done_until=done_until,
        )
        await self._keep_report(report, actor, AuditKind.REPORT_SCHEDULE)
        return report

    async def change(self, report: ScheduledReport, body: ScheduledReportIn, actor: Actor) -> ScheduledReport:
        """Replaces all that can be said about it; another period begins with the one that goes on now."""
        _, done_until = last_period(body.period, self._rates.today())
        changed = report.model_copy(
            update={**body.model_dump(), "done_until": max(report.done_until or done_until, done_until)}
        )
        await self._keep_report(changed, actor, AuditKind.REPORT_SCHEDULE_CHANGE)
        return changed

    async def remove(self, report: ScheduledReport, actor: Actor) -> None:
        """It is made no more; its files stay."""
        async with self._database.write() as transaction:
            await schedule_store.delete_report(transaction, report.id)
            place, detail = Place(report.area_id), {"name": report.name}
            entry = AuditEntry(AuditKind.REPORT_SCHEDULE_REMOVE, actor, place, report.id, detail=detail)
            await self._audit.record(transaction, entry)

    async def list_for(self, area_ids: Collection[str]) -> Sequence[ScheduledReport]:
        """Those on these areas."""
        async with self._database.read() as connection:
            return await schedule_store.list_reports(connection, area_ids)

    async def find(self, report_id: str) -> ScheduledReport:
        """The scheduled report.

        Raises:
            NotFound: there is none with that id.

        """
        async with self._database.read() as connection:
            found = await schedule_store.find_report(connection, report_id)
        if found is None:
            raise NotFound("no such scheduled report")
        return found

    async def find_file(self, file_id: str) -> ReportFile:
        """The file.

        Raises:
            NotFound: there is none with that id, or it is kept no longer.

        """
        async with self._database.read() as connection:
            found = await schedule_store.find_file(connection, file_id)
        if found is None or not await asyncio.to_thread(self._path(file_id).is_file):
            raise NotFound("no such file")
        return found

    async def fetch(self, file: ReportFile, actor: Actor) -> Path:
        """Where its bytes are; the reading is recorded first."""
        detail = {"name": file.name, "first_day": file.first_day.isoformat(), "last_day": file.last_day.isoformat()}
        entry = AuditEntry(AuditKind.REPORT_FILE, actor, Place(file.area_id), file.id, detail=detail)
        await self._audit.record_alone(entry)
        return self._path(file.id)

    async def list_files(self, area_ids: Collection[str], before: str | None, limit: int) -> Sequence[ReportFile]:
        """Files on these areas, the latest first."""
        async with self._database.read() as connection:
            return await schedule_store.list_files(connection, area_ids, before, limit)

    async def run(self, report: ScheduledReport, first: date, last: date, actor: Actor) -> list[ReportFile]:
        """Makes it because somebody asks."""
        files = await self.make(report, first, last)
        place, detail = Place(report.area_id), {"name": report.name, "first_day": str(first), "last_day": str(last)}
        await self._audit.record_alone(AuditEntry(AuditKind.REPORT_RUN, actor, place, report.id, detail=detail))
        return files

    async def make(self, report: ScheduledReport, first: date, last: date) -> list[ReportFile]:
        """Makes the files of the report for these days; they are on disk before their rows are."""
        area = self._rights.index.tree.find(report.area_id)
        if area is None:
            raise NotFound("no such area")
        contents = await self._contents(report, area, first, last)
        made = await asyncio.to_thread(_rendered, contents, report.formats)
        files = [self._file(report, one, first, last) for one in made]
        await asyncio.to_thread(self._keep_bytes, list(zip(files, made, strict=True)))
        async with self._database.write() as transaction:
            await schedule_store.insert_files(transaction, files)
        return files

    async def make_due(self) -> None:
        """One look: makes what is due, mails what waits, and drops what is kept no longer."""
        today = self._rates.today()
        async with self._database.read() as connection:
            reports = await schedule_store.list_reports(connection)
        for report in reports:
            first, last = last_period(report.period, today)
            if (
                report.enabled
                and (report.done_until is None or report.done_until < last)
                and await self._is_counted(last)
            ):
                await self.make(report, first, last)
                async with self._database.write() as transaction:
                    await schedule_store.put_report(transaction, report.model_copy(update={"done_until": last}))
                log.info("report.made", report_id=report.id, last_day=last.isoformat())
        await self._mail_waiting()
        async with self._database.write() as transaction:
            gone = await schedule_store.forget_files(transaction, self._clock.now() - self._keep)
        for file_id in gone:
            await asyncio.to_thread(self._path(file_id).unlink, missing_ok=True)

    async def _contents(self, report: ScheduledReport, area: Area, first: date, last: date) -> RateReport:
        tree = self._rights.index.tree
        window = Window(area, with_below(tree, area), first, last)
        values = await self._rates.rates(window)
        ids = {one.camera_id for value in values for one in value.excluded}
        async with self._database.read() as connection:
            cameras = {camera.id: camera.name for camera in await camera_store.list_by_id(connection, ids)}
        return RateReport(
            title=report.name,
            area=area.name,
            first=first,
            last=last,
            made_at=self._clock.now(),
            time_zone=self._rates.zone.key,
            language=report.language,
            values=values,
            leagues={rate: await self._rates.league(window, rate) for rate in CHARTED},
            trends={rate: await self._rates.trend(window, rate) for rate in CHARTED},
            cameras=cameras,
            counted=await self._rates.counted(first, last),
            min_coverage=self._rates.min_coverage,
        )

    async def _is_counted(self, day: date) -> bool:
        return bool(await self._rates.counted(day, day))

    def _file(self, report: ScheduledReport, made: _Made, first: date, last: date) -> ReportFile:
        span = first.isoformat() if first == last else f"{first.isoformat()}_{last.isoformat()}"
        return ReportFile(
            id=new_identifier(),
            report_id=report.id,
            area_id=report.area_id,
            name=f"{report.name} {span}.{made.format}",
            format=made.format,
            first_day=first,
            last_day=last,
            size_bytes=len(made.contents),
            sha256=hashlib.sha256(made.contents).hexdigest(),
            made_at=self._clock.now(),
            mail="due" if report.recipients else "none",
        )

    def _keep_bytes(self, files: Sequence[tuple[ReportFile, _Made]]) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for file, made in files:
            with self._path(file.id).open("wb") as target:
                target.write(made.contents)
                target.flush()
                os.fsync(target.fileno())

    def _path(self, file_id: str) -> Path:
        return self._folder / file_id

    async def _keep_report(self, report: ScheduledReport, actor: Actor, kind: AuditKind) -> None:
        async with self._database.write() as transaction:
            await schedule_store.put_report(transaction, report)
            told = report.model_dump(mode="json", exclude={"id", "area_id", "created_at", "created_by", "done_until"})
            await self._audit.record(
                transaction, AuditEntry(kind, actor, Place(report.area_id), report.id, detail=told)
            )

    async def _mail_waiting(self) -> None:
        """A letter for each report that was made; while the server does not take it, again every few minutes."""
        now_s = self._clock.monotonic_s()
        if now_s < self._mail_after_s:
            return
        async with self._database.read() as connection:
            waiting = await schedule_store.files_to_mail(connection)
            reports = {report.id: report for report in await schedule_store.list_reports(connection)}
        for (report_id, _, _), group in groupby(
            waiting, key=lambda file: (file.report_id, file.last_day, file.made_at)
        ):
            files = list(group)
            state = await self._mailed(reports.get(report_id), files)
            if state == "due":
                self._mail_after_s = now_s + _TRY_AGAIN_S
            async with self._database.write() as transaction:
                await schedule_store.set_mail(transaction, [file.id for file in files], state)

    async def _mailed(self, report: ScheduledReport | None, files: Sequence[ReportFile]) -> str:
        if report is None or not report.recipients or self._mail is None:
            return "failed"
        letter = await asyncio.to_thread(self._letter, report, files, self._mail)
        outcome = await post(letter, report.recipients, self._mail)
        if outcome.has_arrived:
            return "sent"
        log.warning("report.not-mailed", report_id=report.id, fault=outcome.fault, detail=outcome.detail)
        return "failed" if self._clock.now() - files[0].made_at > _GIVE_UP else "due"

    def _letter(self, report: ScheduledReport, files: Sequence[ReportFile], server: MailServer) -> EmailMessage:
        area = self._rights.index.tree.find(report.area_id)
        told = {"area": area.name if area else "", "first": files[0].first_day, "last": files[0].last_day}
        letter = EmailMessage()
        letter["Subject"] = f"[{server.site}] {report.name} {files[0].last_day}"
        letter["From"] = server.sender
        letter["To"] = ", ".join(report.recipients)
        letter["Date"] = format_datetime(self._clock.now())
        letter["Message-ID"] = f"<{files[0].id}@{server.sender.rpartition('@')[2]}>"  # the same at a later try
        letter["Auto-Submitted"] = "auto-generated"  # RFC 3834 clause 5: no holiday notices
        letter.set_content(WORDS[report.language]["mail"].format(**told) + "\n")
        for file in files:
            kind, _, subtype = MEDIA_TYPES[file.format].partition(";")[0].partition("/")
            letter.add_attachment(self._path(file.id).read_bytes(), maintype=kind, subtype=subtype, filename=file.name)
        return letter


def _rendered(report: RateReport, formats: Sequence[Format]) -> list[_Made]:
    return [_Made(one, _bytes(report, one)) for one in dict.fromkeys(formats)]


def _bytes(report: RateReport, wanted: Format) -> bytes:
    if wanted == "html":
        return rate_page(report).encode()
    file = io.BytesIO()
    write_rate_report(report, XlsxWriter(file) if wanted == "xlsx" else CsvWriter(file))
    return file.getvalue()
