"""What receivers hear of patrol rounds: word for those who are asked, and for the area's receivers what went wrong."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ingest.identifier import new_identifier
from tests.vms_api.notify.conftest import Outbox, rights_of
from vms_api.accounts.permission import Role
from vms_api.events import Event
from vms_api.notify.delivery import Delivery
from vms_api.notify.mail_text import subject, text
from vms_api.notify.mqtt_topics import Topics
from vms_api.notify.patrol_message import patrol_message
from vms_api.notify.syslog_line import syslog_line

UTC_ZONE = ZoneInfo("UTC")
AT = datetime(2026, 3, 3, 1, 30, tzinfo=UTC)


def round_facts(*user_ids: str, **changes: Any) -> dict[str, Any]:
    """What the event of a round holds."""
    told = {
        "round_id": "round",
        "plan_id": "plan",
        "name": "Weir and gate",
        "area_id": "east",
        "state": "missed",
        "due_at": "2026-03-03T00:00:00+00:00",
        "deadline_at": "2026-03-03T01:30:00+00:00",
        "centre": "East room",
        "user_ids": list(user_ids),
        "reason": None,
        "count": 1,
    }
    return {**told, **changes}


async def happen(outbox: Outbox, kind: str, *user_ids: str) -> None:
    async with outbox.database.write() as transaction:
        await outbox.events.record(transaction, kind, round_facts(*user_ids), "east")


@pytest.mark.anyio
async def test_each_hears_what_concerns_it(outbox: Outbox) -> None:
    """Reminders go to the mail of those asked alone; what was missed also to receivers of the area."""
    receivers = {
        "asked": outbox.receiver(person_id="owner", area_ids=()),
        "other": outbox.receiver(person_id="somebody", area_ids=()),
        "hook": outbox.receiver(),
        "fire": outbox.receiver(kinds=frozenset({"fire"})),
    }
    told = {
        kind: patrol_message(Event(None, kind, round_facts("owner"), "east"), AT, "East", "link")
        for kind in ("patrol.reminder", "patrol.missed", "patrol.escalated")
    }
    heard = {
        name: [kind for kind, message in told.items() if receiver.wants(message, outbox.rights.index, UTC_ZONE)]
        for name, receiver in receivers.items()
    }
    assert heard == {
        "asked": ["patrol.reminder", "patrol.missed", "patrol.escalated"],
        "other": [],
        "hook": ["patrol.missed", "patrol.escalated"],
        "fire": [],
    }


@pytest.mark.anyio
async def test_a_missed_round_is_told_in_its_own_transaction(outbox: Outbox) -> None:
    """That it is due, and that its state changed, is for the page alone."""
    hook = outbox.receiver()
    await outbox.add(hook)
    for kind in ("patrol.due", "patrol.reminder", "patrol.missed", "patrol.round"):
        await happen(outbox, kind, "owner")
    (letter,) = await outbox.letters(hook)
    assert (letter.message.type, letter.message.facts["link"]) == (
        "patrol.missed",
        "https://desk.example/patrol/rounds/round",
    )


@pytest.mark.anyio
async def test_who_sees_no_patrols_hears_of_none(outbox: Outbox) -> None:
    """A viewer sees alerts there, and no patrols."""
    hook = outbox.receiver()
    await outbox.add(hook)
    outbox.rights.index = rights_of("owner", "site", outbox.clock.now(), Role.VIEWER)
    await happen(outbox, "patrol.missed", "owner")
    assert await outbox.letters(hook) == []


def missed(**changes: Any) -> Delivery:
    event = Event(None, "patrol.missed", round_facts("wang", **changes), "east")
    message = patrol_message(event, AT, "Lakeside / East", "https://desk.example/patrol/rounds/round")
    return Delivery(new_identifier(), "hook", message, AT, AT)


def test_no_name_of_a_person_leaves_the_site() -> None:
    """Neither in the body nor in a line of a log."""
    letter = missed()
    assert "wang" not in letter.text() + syslog_line(letter, "desk").decode()
    assert "Weir and gate" in letter.text()


def test_a_mail_has_the_sites_clock() -> None:
    """08:00 in Shanghai is midnight in Greenwich; of several rounds it says how many."""
    letter = missed(count=7)
    assert subject([letter.message], "en", "Desk") == "[Desk] patrol round missed · Weir and gate · Lakeside / East"
    lines = text([letter.message], "zh-CN", ZoneInfo("Asia/Shanghai")).splitlines()
    assert "应巡时间: 2026-03-03 08:00 (Asia/Shanghai)" in lines
    assert "任务数: 7" in lines


def test_a_broker_has_a_topic_for_each_plan() -> None:
    """Beside those of alerts, which go by their cameras."""
    assert Topics("xl").of(missed()) == "xl/patrols/east/plan"
