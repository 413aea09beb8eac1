"""Scheduled reports and the files that were made, in the database."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from vms_api.database import Connection, Transaction, from_us, metadata, to_us, upsert
from vms_api.reports.scheduled_report import ReportFile, ScheduledReport

scheduled_reports = sa.Table(
    "scheduled_reports",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("area_id", sa.String, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("period", sa.String, nullable=False),
    sa.Column("language", sa.String, nullable=False),
    sa.Column("formats", sa.JSON, nullable=False),
    sa.Column("recipients", sa.JSON, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("created_by", sa.String, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("done_until", sa.String),
)

report_files = sa.Table(
    "report_files",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("report_id", sa.String, nullable=False),
    sa.Column("area_id", sa.String, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("format", sa.String, nullable=False),
    sa.Column("first_day", sa.String, nullable=False),
    sa.Column("last_day", sa.String, nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.String, nullable=False),
    sa.Column("made_at", sa.BigInteger, nullable=False),
    sa.Column("mail", sa.String, nullable=False),
    sa.Index("ix_report_files_made_at", "made_at"),
)


async def list_reports(connection: Connection, area_ids: Collection[str] | None = None) -> Sequence[ScheduledReport]:
    """The scheduled reports of these areas (None: of all), by name."""
    query = sa.select(scheduled_reports).order_by(scheduled_reports.c.name, scheduled_reports.c.id)
    if area_ids is not None:
        query = query.where(scheduled_reports.c.area_id.in_(area_ids))
    return [_report(row) for row in (await connection.execute(query)).mappings()]


async def find_report(connection: Connection, report_id: str) -> ScheduledReport | None:
    """The scheduled report with that id."""
    query = sa.select(scheduled_reports).where(scheduled_reports.c.id == report_id)
    row = (await connection.execute(query)).mappings().one_or_none()
    return _report(row) if row else None


async def put_report(transaction: Transaction, report: ScheduledReport) -> None:
    """Adds or replaces it."""
    values = report.model_dump(mode="json") | {"created_at": to_us(report.created_at)}
    statement = upsert(transaction.connection, scheduled_reports).values(values)
    await transaction.connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))


async def delete_report(transaction: Transaction, report_id: str) -> None:
    """It is made no more; its files stay as long as they would have."""
    await transaction.connection.execute(scheduled_reports.delete().where(scheduled_reports.c.id == report_id))


async def insert_files(transaction: Transaction, files: Sequence[ReportFile]) -> None:
    """They were made."""
    rows = [file.model_dump(mode="json") | {"made_at": to_us(file.made_at)} for file in files]
    await transaction.connection.execute(report_files.insert(), rows)


async def find_file(connection: Connection, file_id: str) -> ReportFile | None:
    """The file with that id."""
    row = (
        (await connection.execute(sa.select(report_files).where(report_files.c.id == file_id))).mappings().one_or_none()
    )
    return _file(row) if row else None


async def list_files(
    connection: Connection, area_ids: Collection[str], before: str | None, limit: int
) -> Sequence[ReportFile]:
    """Files on these areas, the latest first; ids grow with time."""
    query = sa.select(report_files).where(report_files.c.area_id.in_(area_ids))
    if before is not None:
        query = query.where(report_files.c.id < before)
    rows = await connection.execute(query.order_by(report_files.c.id.desc()).limit(limit))
    return [_file(row) for row in rows.mappings()]


async def files_to_mail(connection: Connection) -> Sequence[ReportFile]:
    """What is to be mailed, the oldest first."""
    query = sa.select(report_files).where(report_files.c.mail == "due").order_by(report_files.c.id)
    return [_file(row) for row in (await connection.execute(query)).mappings()]


async def set_mail(transaction: Transaction, file_ids: Collection[str], state: str) -> None:
    """What became of mailing them."""
    own = report_files.c.id.in_(file_ids)
    await transaction.connection.execute(report_files.update().where(own).values(mail=state))


async def forget_files(transaction: Transaction, before: datetime) -> Sequence[str]:
    """Files made before that are not kept any longer; their ids."""
    old = report_files.c.made_at < to_us(before)
    found = (await transaction.connection.execute(sa.select(report_files.c.id).where(old))).scalars().all()
    await transaction.connection.execute(report_files.delete().where(old))
    return found


async def hand_over(transaction: Transaction, area_id: str, heir_id: str) -> None:
    """The area is being removed: what was made of it belongs to the area above, and nothing more is made of it."""
    await transaction.connection.execute(scheduled_reports.delete().where(scheduled_reports.c.area_id == area_id))
    own = report_files.c.area_id == area_id
    await transaction.connection.execute(report_files.update().where(own).values(area_id=heir_id))


def _report(row: sa.RowMapping) -> ScheduledReport:
    done = row["done_until"]
    times: dict[str, Any] = {"created_at": from_us(row["created_at"]), "done_until": done and date.fromisoformat(done)}
    return ScheduledReport.model_validate({**row, **times})


def _file(row: sa.RowMapping) -> ReportFile:
    return ReportFile.model_validate({**row, "made_at": from_us(row["made_at"])})
