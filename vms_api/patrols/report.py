"""A report on patrols as the API answers it, and as a table."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from vms_api.patrols.tally import FINDINGS, PatrolFigures, PatrolGrouping
from vms_api.reports.alert_report import Language
from vms_api.reports.alert_tally import Window
from vms_api.spreadsheet import Cell, TableWriter


class PatrolReport(BaseModel, frozen=True):
    """The figures of each person, centre, plan, week or day of the site's clocks, and of all together."""

    by: PatrolGrouping
    window: Window
    time_zone: str
    items: Sequence[PatrolFigures]
    total: PatrolFigures


def write_report(report: PatrolReport, writer: TableWriter, language: Language) -> None:
    """Titles, a row for each group, one for all, and what was counted; times are those of the site's clocks."""
    words, zone = _WORDS[language], ZoneInfo(report.time_zone)
    writer.write([words[report.by], *(words[name] for name in _COLUMNS)])
    for figures in report.items:
        writer.write([figures.name or words["nobody"], *_cells(figures)])
    writer.write([words["total"], *_cells(report.total)])
    writer.write([])
    window = report.window
    writer.write([words["window"], _shown(window.since, zone), _shown(window.until, zone), report.time_zone])
    writer.finish()


def _shown(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _cells(figures: PatrolFigures) -> list[Cell]:
    return [read(figures) for read in _COLUMNS.values()]


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _finding(kind: str) -> Callable[[PatrolFigures], Cell]:
    return lambda figures: figures.findings[kind]


_COLUMNS: Mapping[str, Callable[[PatrolFigures], Cell]] = MappingProxyType(
    {
        "due": lambda figures: figures.due,
        "open": lambda figures: figures.open,
        "completed": lambda figures: figures.completed,
        "missed": lambda figures: figures.missed,
        "late": lambda figures: figures.late,
        "aborted": lambda figures: figures.aborted,
        "abandoned": lambda figures: figures.abandoned,
        "excused": lambda figures: figures.excused,
        "over": lambda figures: figures.completion.denominator,
        "completion": lambda figures: _rounded(figures.completion.share, 4),
        "in_time": lambda figures: figures.punctuality.numerator,
        "punctuality": lambda figures: _rounded(figures.punctuality.share, 4),
        "cameras": lambda figures: figures.cameras,
        "covered": lambda figures: figures.coverage.numerator,
        "planned": lambda figures: figures.coverage.denominator,
        "coverage": lambda figures: _rounded(figures.coverage.share, 4),
        **{kind: _finding(kind) for kind in FINDINGS},
        "closure_count": lambda figures: figures.closure.count,
        "closure_open": lambda figures: figures.closure.open,
        "closure_p50_s": lambda figures: _rounded(figures.closure.p50_s, 1),
        "closure_p90_s": lambda figures: _rounded(figures.closure.p90_s, 1),
    }
)

_WORDS: Mapping[Language, Mapping[str, str]] = MappingProxyType(
    {
        "en": {
            "person": "Person",
            "centre": "Centre",
            "plan": "Plan",
            "week": "Week",
            "day": "Day",
            "nobody": "(nobody)",
            "total": "All",
            "window": "Due from, to, in time zone",
            "due": "Rounds due",
            "open": "Not over yet",
            "completed": "Completed",
            "missed": "Missed",
            "late": "Late",
            "aborted": "Aborted",
            "abandoned": "Abandoned",
            "excused": "With an excuse",
            "over": "Rounds that are over (denominator)",
            "completion": "Share completed",
            "in_time": "Completed in time",
            "punctuality": "Share in time of those completed",
            "cameras": "Cameras judged",
            "covered": "Of the plans' cameras judged",
            "planned": "Cameras of the plans (denominator)",
            "coverage": "Share of the plans' cameras",
            "abnormal": "Abnormal",
            "camera-fault": "Camera faults",
            "cannot-judge": "Could not be judged",
            "unreachable": "Could not be reached",
            "closure_count": "Findings closed",
            "closure_open": "Findings not closed",
            "closure_p50_s": "Time to close a finding, median (s)",
            "closure_p90_s": "Time to close a finding, 90th percentile (s)",
        },
        "zh-CN": {
            "person": "人员",
            "centre": "中心",
            "plan": "巡查计划",
            "week": "周",
            "day": "日期",
            "nobody": "无人领取",
            "total": "合计",
            "window": "应巡时间从、到、时区",
            "due": "应巡次数",
            "open": "尚未结束",
            "completed": "已完成",
            "missed": "漏巡",
            "late": "超时",
            "aborted": "中止",
            "abandoned": "中途放弃",
            "excused": "已说明原因",
            "over": "已结束次数 分母",
            "completion": "完成率",
            "in_time": "按时完成",
            "punctuality": "按时率 占已完成",
            "cameras": "巡查摄像机数",
            "covered": "计划内已巡摄像机数",
            "planned": "计划内摄像机数 分母",
            "coverage": "摄像机覆盖率",
            "abnormal": "发现异常",
            "camera-fault": "设备故障",
            "cannot-judge": "无法判断",
            "unreachable": "无法查看",
            "closure_count": "已办结问题数",
            "closure_open": "未办结问题数",
            "closure_p50_s": "问题办结用时中位数 秒",
            "closure_p90_s": "问题办结用时第90百分位 秒",
        },
    }
)
