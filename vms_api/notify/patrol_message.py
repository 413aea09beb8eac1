"""What receivers are told of patrol rounds. Pure: an event in, a message out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from vms_api.events import Event
from vms_api.notify.delivery import Message

REMINDED, MISSED, ESCALATED = "patrol.reminder", "patrol.missed", "patrol.escalated"
TOLD_OF_PATROLS = frozenset({REMINDED, MISSED, ESCALATED})
"""That a round is due is for the page alone: it asks whoever is on duty there and then."""
_SEVERITIES: Mapping[str, str] = {REMINDED: "low", MISSED: "medium", ESCALATED: "medium"}
_PLAIN = ("round_id", "plan_id", "state", "due_at", "deadline_at", "centre", "reason", "count")


def patrol_message(event: Event, at: datetime, area_name: str, link: str) -> Message:
    """The round with where it is; for people only those of the event. Names of people do not leave the site."""
    told, area_id = event.data, event.area_id or ""
    facts: dict[str, Any] = {name: told[name] for name in _PLAIN if told.get(name) is not None}
    facts |= {"kind": "patrol", "severity": _SEVERITIES[event.kind], "rule": told["name"]}
    facts |= {"area_id": area_id, "area": area_name, "link": link}
    return Message(event.kind, at, area_id, str(told["round_id"]), facts, frozenset(told["user_ids"]))
