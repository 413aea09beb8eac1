"""A report on alerts as the API answers it, and as a table."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel

from vms_api.reports.alert_tally import AlertFigures, Exclusions, GroupBy, Window
from vms_api.spreadsheet import Cell, TableWriter

Language = Literal["zh-CN", "en"]


class AlertReport(BaseModel, frozen=True):
    """The figures of each rule, camera, centre or day of the site's clocks, and of all together."""

    by: GroupBy
    window: Window
    items: Sequence[AlertFigures]
    total: AlertFigures
    exclusions: Exclusions


def write_report(report: AlertReport, writer: TableWriter, language: Language) -> None:
    """Titles, a row for each group, one for all, and what was counted. What there is no figure of stays empty."""
    words = _WORDS[language]
    writer.write([words[report.by], *(words[name] for name in _COLUMNS)])
    for figures in report.items:
        writer.write([figures.name or words["none"], *_cells(figures)])
    writer.write([words["total"], *_cells(report.total)])
    writer.write([])
    writer.write([words["window"], report.window.since.isoformat(), report.window.until.isoformat()])
    for name, count in report.exclusions.model_dump().items():
        writer.write([words[name], count])
    writer.finish()


def _cells(figures: AlertFigures) -> list[Cell]:
    return [read(figures) for read in _COLUMNS.values()]


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


_COLUMNS: Mapping[str, Callable[[AlertFigures], Cell]] = MappingProxyType(
    {
        "raised": lambda figures: figures.raised,
        "cards": lambda figures: figures.cards,
        "acknowledged": lambda figures: figures.acknowledged,
        "resolved": lambda figures: figures.resolved,
        "closed": lambda figures: figures.closed,
        "open": lambda figures: figures.open,
        "overdue": lambda figures: figures.overdue,
        "true": lambda figures: figures.true,
        "false": lambda figures: figures.false,
        "duplicate": lambda figures: figures.duplicate,
        "test": lambda figures: figures.test,
        "judged": lambda figures: figures.false_share.denominator,
        "false_share": lambda figures: _rounded(figures.false_share.share, 4),
        "acknowledge_count": lambda figures: figures.acknowledge.count,
        "acknowledge_p50_s": lambda figures: _rounded(figures.acknowledge.p50_s, 1),
        "acknowledge_p90_s": lambda figures: _rounded(figures.acknowledge.p90_s, 1),
        "resolve_count": lambda figures: figures.resolve.count,
        "resolve_p50_s": lambda figures: _rounded(figures.resolve.p50_s, 1),
        "resolve_p90_s": lambda figures: _rounded(figures.resolve.p90_s, 1),
    }
)

_WORDS: Mapping[Language, Mapping[str, str]] = MappingProxyType(
    {
        "en": {
            "rule": "Rule",
            "camera": "Camera",
            "centre": "Centre",
            "day": "Day",
            "none": "(none)",
            "total": "All",
            "window": "Raised from, to",
            "raised": "Alerts raised",
            "cards": "Cards",
            "acknowledged": "Acknowledged",
            "resolved": "Handled",
            "closed": "Closed",
            "open": "Open",
            "overdue": "Overdue",
            "true": "True",
            "false": "False alarms",
            "duplicate": "Duplicates",
            "test": "Tests",
            "judged": "True or false (denominator)",
            "false_share": "Share of false alarms",
            "acknowledge_count": "Acknowledgements measured",
            "acknowledge_p50_s": "Time to acknowledge, median (s)",
            "acknowledge_p90_s": "Time to acknowledge, 90th percentile (s)",
            "resolve_count": "Handlings measured",
            "resolve_p50_s": "Time to handle, median (s)",
            "resolve_p90_s": "Time to handle, 90th percentile (s)",
            "repeats": "Left out of the times: repeats of a card",
            "tests": "Left out of the times: tests",
            "duplicates": "Left out of the times: duplicates",
            "wrong_clock": "Left out of the times: a clock was wrong",
        },
        "zh-CN": {
            "rule": "布防规则",
            "camera": "摄像机",
            "centre": "中心",
            "day": "日期",
            "none": "无",
            "total": "合计",
            "window": "发生时间从、到",
            "raised": "预警数",
            "cards": "事件数",
            "acknowledged": "已签收",
            "resolved": "已反馈",
            "closed": "已办结",
            "open": "未办结",
            "overdue": "超时",
            "true": "属实",
            "false": "误报",
            "duplicate": "重复",
            "test": "测试",
            "judged": "属实与误报之和",
            "false_share": "误报率",
            "acknowledge_count": "计入签收用时的事件数",
            "acknowledge_p50_s": "签收用时中位数 秒",
            "acknowledge_p90_s": "签收用时第90百分位 秒",
            "resolve_count": "计入处置用时的事件数",
            "resolve_p50_s": "处置用时中位数 秒",
            "resolve_p90_s": "处置用时第90百分位 秒",
            "repeats": "不计入用时的同一事件后续预警",
            "tests": "不计入用时的测试",
            "duplicates": "不计入用时的重复",
            "wrong_clock": "时钟有误而不计入用时",
        },
    }
)
