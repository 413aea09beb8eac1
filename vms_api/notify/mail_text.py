"""What a mail about alerts, repair tickets and patrols says, in the site's language. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from vms_api.notify.delivery import TRIED, Message
from vms_api.notify.patrol_message import TOLD_OF_PATROLS
from vms_api.tickets.cause import Cause
from vms_api.tickets.cause_words import CAUSE_WORDS

_WORDS: Mapping[str, Mapping[str, str]] = {
    "zh-CN": {
        "many": "{count} 条消息",
        "trial": "这是一封测试邮件,通知已经可以送达。",
        "area": "区域",
        "camera": "摄像机",
        "rule": "规则",
        "severity": "级别",
        "state": "状态",
        "raised": "发生时间",
        "link": "打开查看",
        "cause": "故障",
        "due": "修复时限",
        "overdue": "已超时",
        "open": "未派发",
        "in-progress": "维修中",
        "paused": "已暂停",
        "fixed": "已修复待确认",
        "foot": "本邮件由系统自动发送,不含图片。请登录系统查看详情。",
        "low": "低",
        "medium": "中",
        "high": "高",
        "NEW": "待签收",
        "ACKNOWLEDGED": "已签收",
        "assigned": "已派发",
        "ASSIGNED": "已交办",
        "IN_PROGRESS": "处置中",
        "RESOLVED": "已反馈",
        "closed": "已关闭",
        "CLOSED": "已办结",
        "REOPENED": "重新打开",
        "patrol.reminder": "巡查任务待执行",
        "patrol.missed": "巡查任务漏巡",
        "patrol.escalated": "巡查任务需要督促",
        "patrol": "巡查计划",
        "due_at": "应巡时间",
        "deadline_at": "截止时间",
        "count": "任务数",
        "open_patrol": "打开巡查任务",
    },
    "en": {
        "many": "{count} messages",
        "trial": "This is a test: notifications arrive here.",
        "area": "Area",
        "camera": "Camera",
        "rule": "Rule",
        "severity": "Severity",
        "state": "State",
        "raised": "Raised at",
        "link": "Open it",
        "cause": "Fault",
        "due": "To be mended by",
        "overdue": "overdue",
        "open": "unassigned",
        "in-progress": "in repair",
        "paused": "paused",
        "fixed": "mended, to be confirmed",
        "foot": "Sent by the system, without pictures. Log in to see more.",
        "low": "low",
        "medium": "medium",
        "high": "high",
        "NEW": "new",
        "ACKNOWLEDGED": "acknowledged",
        "assigned": "assigned",
        "ASSIGNED": "assigned",
        "IN_PROGRESS": "in progress",
        "RESOLVED": "reported back",
        "closed": "closed",
        "CLOSED": "closed",
        "REOPENED": "reopened",
        "patrol.reminder": "patrol round to be walked",
        "patrol.missed": "patrol round missed",
        "patrol.escalated": "patrol round needs a supervisor",
        "patrol": "Patrol plan",
        "due_at": "Due at",
        "deadline_at": "To be done by",
        "count": "Rounds",
        "open_patrol": "Open the round",
    },
}


def subject(messages: Sequence[Message], language: str, site: str) -> str:
    """One line: the alert, or how many there are."""
    words = _WORDS[language]
    if len(messages) > 1:
        return _line(f"[{site}] {words['many'].format(count=len(messages))}")
    message = messages[0]
    if message.type == TRIED:
        return _line(f"[{site}] {words['trial']}")
    facts = message.facts
    if message.is_of_ticket:
        state = words["overdue"] if facts["overdue"] else words.get(str(facts["state"]), str(facts["state"]))
        said = [
            words[str(facts["severity"])],
            CAUSE_WORDS[language][Cause(facts["cause"])],
            str(facts["camera"]),
            state,
        ]
        return _line(f"[{site}] {' · '.join(said)}")
    if message.type in TOLD_OF_PATROLS:
        return _line(f"[{site}] {words[message.type]} · {facts['rule']} · {facts['area']}")
    said = [words.get(str(facts[name]), str(facts[name])) for name in ("severity", "rule", "camera", "state")]
    return _line(f"[{site}] {' · '.join(said)}")


def text(messages: Sequence[Message], language: str, zone: ZoneInfo) -> str:
    """The whole mail as plain text, the oldest alert first."""
    words = _WORDS[language]
    parts = [_part(message, language, zone) for message in messages if message.type != TRIED]
    return "\n\n".join([*(parts or [words["trial"]]), words["foot"]]) + "\n"


def _part(message: Message, language: str, zone: ZoneInfo) -> str:
    words = _WORDS[language]
    if message.is_of_ticket:
        return _ticket(message, words, CAUSE_WORDS[language][Cause(message.facts["cause"])], zone)
    told = _patrol if message.type in TOLD_OF_PATROLS else _alert
    return told(message, words, zone)


def _patrol(message: Message, words: Mapping[str, str], zone: ZoneInfo) -> str:
    facts = message.facts
    told = {"patrol": str(facts["rule"]), "area": str(facts["area"])}
    for name in ("due_at", "deadline_at"):
        told[name] = f"{datetime.fromisoformat(str(facts[name])).astimezone(zone):%Y-%m-%d %H:%M} ({zone.key})"
    if facts.get("count", 1) > 1:
        told["count"] = str(facts["count"])
    told["open_patrol"] = str(facts["link"])
    return "\n".join([words[message.type], *(f"{words[name]}: {_line(value)}" for name, value in told.items())])


def _alert(message: Message, words: Mapping[str, str], zone: ZoneInfo) -> str:
    facts = message.facts
    at = datetime.fromisoformat(str(facts["raised_at"])).astimezone(zone)
    told = {name: str(facts[name]) for name in ("area", "camera", "rule")}
    told |= {name: words.get(str(facts[name]), str(facts[name])) for name in ("severity", "state")}
    told |= {"raised": f"{at:%Y-%m-%d %H:%M:%S} ({zone.key})", "link": str(facts["link"])}
    return "\n".join(f"{words[name]}: {_line(value)}" for name, value in told.items())


def _ticket(message: Message, words: Mapping[str, str], cause: str, zone: ZoneInfo) -> str:
    facts = message.facts
    due_at = datetime.fromisoformat(str(facts["due_at"])).astimezone(zone)
    told = {"area": str(facts["area"]), "camera": str(facts["camera"]), "cause": cause}
    told |= {name: words.get(str(facts[name]), str(facts[name])) for name in ("severity", "state")}
    told |= {"due": f"{due_at:%Y-%m-%d %H:%M} ({zone.key})", "link": str(facts["link"])}
    return "\n".join(f"{words[name]}: {_line(value)}" for name, value in told.items())


def _line(value: str) -> str:
    """Without line breaks: a name must not write a header."""
    return "".join(letter if letter.isprintable() else " " for letter in value)
