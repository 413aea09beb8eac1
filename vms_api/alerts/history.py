"""What was done about an alert, step by step."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from vms_api.alerts.lifecycle import AlertState

RAISE, NOTE = "raise", "note"
"""What is no act of the table: how it began, and what somebody wrote down on the way."""


class HistoryEntry(BaseModel, frozen=True):
    """One step; the system itself has neither user id nor name. `detail`: the assignee's name, the verdict."""

    at: datetime
    act: str
    state: AlertState
    user_id: str | None = None
    username: str | None = None
    note: str = ""
    detail: dict[str, Any] = {}
