"""How faults were mended, counted. Pure: tickets in, figures out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel

from vms_api.reports.alert_report import Language
from vms_api.reports.alert_tally import ShareOf, Times, Window, share_of, times_of
from vms_api.spreadsheet import Cell, TableWriter
from vms_api.tickets.cause import Cause
from vms_api.tickets.cause_words import CAUSE_WORDS
from vms_api.tickets.ticket import Ticket

TicketGroupBy = Literal["cause", "area", "assignee"]
Key = tuple[str, str]
"""What a group is told apart by, and its name."""


class TicketFigures(BaseModel, frozen=True):
    """The tickets of a group. `closure`: closed of opened; `in_time`: closed by their due time, of the closed.

    `repair`: seconds from found to mended (reported so, or seen to be gone), without pauses, of the closed ones.
    """

    key: str
    name: str
    opened: int
    closed: int
    open: int
    overdue: int
    repeated: int
    closure: ShareOf
    in_time: ShareOf
    repair: Times
    paused_s: float


class TicketReport(BaseModel, frozen=True):
    """The figures of each cause, area or assignee, and of all together; of tickets opened in the window."""

    by: TicketGroupBy
    window: Window
    items: Sequence[TicketFigures]
    total: TicketFigures


def reported(
    tickets: Sequence[Ticket], by: TicketGroupBy, window: Window, now: datetime, names: Mapping[str, str]
) -> TicketReport:
    """The report; `names` are those of areas by their ids. The largest groups come first."""
    groups: dict[Key, list[Ticket]] = {}
    for ticket in tickets:
        groups.setdefault(_KEYS[by](ticket, names), []).append(ticket)
    items = [_figures(key, group, now) for key, group in groups.items()]
    items.sort(key=lambda figures: (-figures.opened, figures.name))
    return TicketReport(by=by, window=window, items=items, total=_figures(("", ""), tickets, now))


def write_ticket_report(report: TicketReport, writer: TableWriter, language: Language) -> None:
    """Titles, a row for each group and one for all. What there is no figure of stays empty."""
    words = _WORDS[language]
    writer.write([words[report.by], *(words[name] for name in _COLUMNS)])
    for figures in report.items:
        writer.write([_named(figures, report.by, language), *_cells(figures)])
    writer.write([words["total"], *_cells(report.total)])
    writer.write([])
    writer.write([words["window"], report.window.since.isoformat(), report.window.until.isoformat()])
    writer.finish()


def repaired_s(ticket: Ticket) -> float | None:
    """Seconds from found to mended, without pauses; None while it is not closed."""
    if ticket.closed_at is None:
        return None
    ends = [at for at in (ticket.fixed_at, ticket.cleared_at) if at is not None]
    ended = min(ends, default=ticket.closed_at)
    return max(0.0, (ended - ticket.opened_at).total_seconds() - ticket.paused_s)


def _figures(key: Key, tickets: Sequence[Ticket], now: datetime) -> TicketFigures:
    closed = [ticket for ticket in tickets if ticket.closed_at is not None]
    kept = [ticket for ticket in closed if _ended(ticket) <= ticket.due_at]
    return TicketFigures(
        key=key[0],
        name=key[1],
        opened=len(tickets),
        closed=len(closed),
        open=len(tickets) - len(closed),
        overdue=sum(ticket.at(now).overdue for ticket in tickets),
        repeated=sum(ticket.repeated for ticket in tickets),
        closure=share_of(len(closed), len(tickets)),
        in_time=share_of(len(kept), len(closed)),
        repair=times_of([seconds for seconds in map(repaired_s, closed) if seconds is not None]),
        paused_s=sum(ticket.paused_s for ticket in tickets),
    )


def _ended(ticket: Ticket) -> datetime:
    """When whoever was to mend it was done."""
    ends: Iterable[datetime | None] = (ticket.fixed_at, ticket.cleared_at, ticket.closed_at)
    return min(at for at in ends if at is not None)


def _of_cause(ticket: Ticket, _names: Mapping[str, str]) -> Key:
    return ticket.cause, ticket.cause


def _of_area(ticket: Ticket, names: Mapping[str, str]) -> Key:
    return ticket.area_id, names.get(ticket.area_id, ticket.area_id)


def _of_assignee(ticket: Ticket, _names: Mapping[str, str]) -> Key:
    if ticket.contractor is not None:
        return f"contractor:{ticket.contractor.name}", ticket.contractor.name
    return ticket.assignee_id or "", ticket.assignee or ""


_KEYS: Mapping[TicketGroupBy, Callable[[Ticket, Mapping[str, str]], Key]] = MappingProxyType(
    {"cause": _of_cause, "area": _of_area, "assignee": _of_assignee}
)


def _named(figures: TicketFigures, by: TicketGroupBy, language: Language) -> str:
    if by == "cause":
        return CAUSE_WORDS[language][Cause(figures.key)]
    return figures.name or _WORDS[language]["none"]


def _cells(figures: TicketFigures) -> list[Cell]:
    return [read(figures) for read in _COLUMNS.values()]


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _hours(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds / 3600, 2)


_COLUMNS: Mapping[str, Callable[[TicketFigures], Cell]] = MappingProxyType(
    {
        "opened": lambda figures: figures.opened,
        "closed": lambda figures: figures.closed,
        "open": lambda figures: figures.open,
        "overdue": lambda figures: figures.overdue,
        "repeated": lambda figures: figures.repeated,
        "closure": lambda figures: _rounded(figures.closure.share, 4),
        "in_time": lambda figures: _rounded(figures.in_time.share, 4),
        "repair_count": lambda figures: figures.repair.count,
        "repair_p50": lambda figures: _hours(figures.repair.p50_s),
        "repair_p90": lambda figures: _hours(figures.repair.p90_s),
        "paused": lambda figures: _hours(figures.paused_s),
    }
)

_WORDS: Mapping[Language, Mapping[str, str]] = MappingProxyType(
    {
        "en": {
            "cause": "Cause",
            "area": "Area",
            "assignee": "Assigned to",
            "none": "(nobody)",
            "total": "All",
            "window": "Opened from, to",
            "opened": "Opened",
            "closed": "Closed",
            "open": "Open",
            "overdue": "Overdue",
            "repeated": "Repeated faults",
            "closure": "Closure rate",
            "in_time": "Mended in time, of the closed",
            "repair_count": "Repairs measured",
            "repair_p50": "Repair time, median (h)",
            "repair_p90": "Repair time, 90th percentile (h)",
            "paused": "Paused (h)",
        },
        "zh-CN": {
            "cause": "故障原因",
            "area": "区域",
            "assignee": "维修人员或单位",
            "none": "未派发",
            "total": "合计",
            "window": "建单时间从、到",
            "opened": "工单数",
            "closed": "已关闭",
            "open": "未关闭",
            "overdue": "超时",
            "repeated": "重复故障",
            "closure": "关闭率",
            "in_time": "按时修复率",
            "repair_count": "计入修复用时的工单数",
            "repair_p50": "修复用时中位数 小时",
            "repair_p90": "修复用时第90百分位 小时",
            "paused": "暂停时长 小时",
        },
    }
)
