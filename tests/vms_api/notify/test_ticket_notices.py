"""Receivers that hear of repair tickets, and what they are told."""

from zoneinfo import ZoneInfo

import pytest

from tests.vms_api.notify.conftest import Outbox
from vms_api.notify.delivery import TICKET_OVERDUE, Message
from vms_api.notify.mail_text import subject, text

pytestmark = pytest.mark.anyio


def ticket_facts(**changes: object) -> dict[str, object]:
    facts = {
        "id": "t1",
        "number": 7,
        "subject": "camera:gate",
        "camera_id": "gate",
        "camera_name": "Gate",
        "camera_count": 1,
        "cause": "offline",
        "severity": "medium",
        "state": "open",
        "opened_at": "2026-01-01T00:00:00Z",
        "due_at": "2026-01-04T00:00:00Z",
        "overdue": False,
        "repeated": False,
        "assignee": "never told",
        "act": "found",
    }
    return facts | changes


async def test_tickets_are_for_who_asked_for_them(outbox: Outbox) -> None:
    """A receiver of all alerts hears none; one that wants no changes hears only what is found or overdue."""
    wanted = {
        "alerts": outbox.receiver(),
        "tickets": outbox.receiver(kinds=frozenset({"ticket"})),
        "found": outbox.receiver(kinds=frozenset({"ticket"}), changes=False),
        "elsewhere": outbox.receiver(kinds=frozenset({"ticket"}), area_ids=("west",)),
    }
    await outbox.add(*wanted.values())
    async with outbox.database.write() as transaction:
        for act in ("found", "assign", "found-again"):
            await outbox.events.record(transaction, "ticket.changed", ticket_facts(act=act), "east")
        await outbox.events.record(transaction, "ticket.overdue", ticket_facts(overdue=True), "east")
    told = {name: [letter.message.type for letter in await outbox.letters(each)] for name, each in wanted.items()}
    assert told == {
        "alerts": [],
        "tickets": ["ticket.opened", "ticket.changed", "ticket.opened", "ticket.overdue"],
        "found": ["ticket.opened", "ticket.opened", "ticket.overdue"],
        "elsewhere": [],
    }
    letter = (await outbox.letters(wanted["tickets"]))[0]
    assert letter.message.facts["link"] == "https://desk.example/tickets?id=t1"
    assert "never" not in str(letter)


def test_a_mail_says_what_is_to_be_mended_and_by_when():
    """In the site's language and zone."""
    facts = ticket_facts(overdue=True, area="镇 / 村", camera="村口", link="https://desk.example/tickets?id=t1")
    message = Message(TICKET_OVERDUE, None, "east", "t1", facts)  # type: ignore[arg-type]
    assert subject([message], "zh-CN", "雪亮") == "[雪亮] 中 · 离线 · 村口 · 已超时"
    lines = text([message], "zh-CN", ZoneInfo("Asia/Shanghai")).splitlines()
    assert lines[:4] == ["区域: 镇 / 村", "摄像机: 村口", "故障: 离线", "级别: 中"]
    assert lines[5] == "修复时限: 2026-01-04 08:00 (Asia/Shanghai)"
