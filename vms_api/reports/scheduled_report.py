"""A report on rates that is made by itself, once a day, a week or a month, for the days that are over."""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from vms_api.reports.alert_report import Language

Period = Literal["day", "week", "month"]
Format = Literal["xlsx", "csv", "html"]
MailState = Literal["none", "due", "sent", "failed"]

ReportName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")
]
Recipient = Annotated[str, Field(max_length=200, pattern=r"^[^\s@<>,;]+@[^\s@<>,;]+$")]


class ScheduledReportIn(BaseModel):
    """What is made for whom; without recipients the files are only kept."""

    model_config = ConfigDict(extra="forbid")

    area_id: Annotated[str, Field(min_length=1, max_length=64)]
    name: ReportName
    period: Period
    language: Language = "zh-CN"
    formats: Annotated[list[Format], Field(min_length=1, max_length=3)]
    recipients: Annotated[list[Recipient], Field(max_length=20)] = []
    enabled: bool = True


class ScheduledReport(ScheduledReportIn):
    """As it stands; `done_until` is the last day of the last report that was made by itself."""

    id: str
    created_by: str
    created_at: datetime
    done_until: date | None = None


class ReportFile(BaseModel):
    """A file that was made and is kept; `mail` tells what became of sending it."""

    id: str
    report_id: str
    area_id: str
    name: str
    format: Format
    first_day: date
    last_day: date
    size_bytes: int
    sha256: str
    made_at: datetime
    mail: MailState


def last_period(period: Period, today: date) -> tuple[date, date]:
    """The latest one that is over: its first and last day. Weeks begin on Monday (ISO 8601)."""
    if period == "day":
        return today - timedelta(days=1), today - timedelta(days=1)
    if period == "week":
        monday = today - timedelta(days=today.weekday())
        return monday - timedelta(days=7), monday - timedelta(days=1)
    end = today.replace(day=1) - timedelta(days=1)
    return end.replace(day=1), end
