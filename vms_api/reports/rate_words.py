"""The words of reports on rates, in both languages. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

from vms_api.rates.rate import Rate, RateValue
from vms_api.reports.alert_report import Language

RATE_NAMES: Mapping[Language, Mapping[Rate, str]] = MappingProxyType(
    {
        "zh-CN": {
            Rate.ONLINE: "在线率",
            Rate.STREAM_INTACT: "视频流完好率",
            Rate.PICTURE_INTACT: "图像完好率",
            Rate.RECORDING: "录像完整率",
            Rate.RETENTION: "存储达标率",
            Rate.CLOCK: "校时合格率",
            Rate.LEDGER: "档案完整率",
            Rate.NETWORKING: "联网率",
            Rate.PURPOSED_USE: "联网应用率",
            Rate.PATROL: "巡查完成率",
            Rate.ALERTS: "预警按时处置率",
            Rate.TICKETS: "工单按时办结率",
        },
        "en": {
            Rate.ONLINE: "Online",
            Rate.STREAM_INTACT: "Stream intact",
            Rate.PICTURE_INTACT: "Picture intact",
            Rate.RECORDING: "Recording completeness",
            Rate.RETENTION: "Retention met",
            Rate.CLOCK: "Clock compliance",
            Rate.LEDGER: "Ledger completeness",
            Rate.NETWORKING: "Networking",
            Rate.PURPOSED_USE: "Purposed use",
            Rate.PATROL: "Patrol completion",
            Rate.ALERTS: "Alerts handled in time",
            Rate.TICKETS: "Tickets closed in time",
        },
    }
)

WORDS: Mapping[Language, Mapping[str, str]] = MappingProxyType(
    {
        "zh-CN": {
            "rate": "指标",
            "value": "数值",
            "numerator": "分子",
            "denominator": "分母",
            "unit": "单位",
            "coverage": "数据覆盖率",
            "target": "目标",
            "state": "是否达标",
            "met": "达标",
            "missed": "未达标",
            "insufficient": "数据不足",
            "nothing": "无可统计",
            "method": "口径版本",
            "league": "下级区域排名",
            "rank": "名次",
            "area": "区域",
            "change": "较上期",
            "trend": "每日变化",
            "day": "日期",
            "excluded": "剔除清单",
            "camera": "摄像机",
            "seconds": "剔除时长 秒",
            "why": "原因",
            "approved_by": "批准人",
            "none": "无",
            "window": "统计期",
            "made_at": "生成时间",
            "days": "已统计天数",
            "missing": "其中未统计天数",
            "foot": "数据覆盖率低于 {share} 时不给出数值,只标注“数据不足”。未知不算在线。"
            "口径与理由见系统文档“指标口径”。",
            "mail": "附件为 {area} {first} 至 {last} 的指标报告。本邮件由系统自动发送,不含图像。",
            "s": "秒",
            "h": "小时",
            "camera-days": "台·日",
            "cameras": "台",
            "fields": "项",
            "rounds": "次",
            "alerts": "条",
            "tickets": "单",
            "retired": "已报废",
            "relocation": "迁改施工",
            "power": "停电",
            "other": "其他",
            "maintenance": "计划检修",
        },
        "en": {
            "rate": "Rate",
            "value": "Value",
            "numerator": "Numerator",
            "denominator": "Denominator",
            "unit": "Unit",
            "coverage": "Data coverage",
            "target": "Target",
            "state": "Target met",
            "met": "met",
            "missed": "missed",
            "insufficient": "insufficient data",
            "nothing": "nothing to count",
            "method": "Method version",
            "league": "Areas below, ranked",
            "rank": "Rank",
            "area": "Area",
            "change": "Against the window before",
            "trend": "Day by day",
            "day": "Day",
            "excluded": "What was left out",
            "camera": "Camera",
            "seconds": "Left out (s)",
            "why": "Why",
            "approved_by": "Approved by",
            "none": "none",
            "window": "Window",
            "made_at": "Made at",
            "days": "Days counted",
            "missing": "Days of the window not counted",
            "foot": "With a data coverage below {share} there is no number, only “insufficient data”. Unknown is not "
            "online. Definitions and reasons are in the documentation, page “Rates”.",
            "mail": "Attached: the rates of {area}, {first} to {last}. Sent by the system, without pictures.",
            "s": "s",
            "h": "h",
            "camera-days": "camera-days",
            "cameras": "cameras",
            "fields": "fields",
            "rounds": "rounds",
            "alerts": "alerts",
            "tickets": "tickets",
            "retired": "retired",
            "relocation": "moved or rebuilt",
            "power": "power cut",
            "other": "other",
            "maintenance": "planned maintenance",
        },
    }
)


NONE = "\N{EN DASH}"
"""Where there is no number."""


def state_of(value: RateValue, language: Language) -> str:
    """Whether the target is met, or why that cannot be said."""
    words = WORDS[language]
    if value.insufficient:
        return words["insufficient"]
    if value.value is None:
        return words["nothing"]
    if value.target is None:
        return ""
    return words["met" if value.value >= value.target else "missed"]


def percent(share: float | None) -> str:
    """A share of one with two decimals, cut off and not rounded: 99.999 % of a target of 100 % is not met."""
    return NONE if share is None else f"{int(share * 10_000 + 1e-9) / 100:.2f}%"
