"""A time by which an alert is to be handled, as somebody sets it with an act."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AwareDatetime, Field

from vms_api.alerts.errors import DueInPast

DueTime = Annotated[AwareDatetime, Field(description="By when it is to be handled.")]
_LONGEST = timedelta(days=366)


def checked_due(at: datetime, now: datetime) -> datetime:
    """The time, UTC, if it can be kept.

    Raises:
        DueInPast: it is over, or further away than a year.

    """
    if not now < at <= now + _LONGEST:
        raise DueInPast
    return at.astimezone(now.tzinfo)


def due_told(before: datetime | None, after: datetime | None) -> dict[str, str]:
    """What the history shows of a new time."""
    if after is None or after == before:
        return {}
    return {"resolve_by": after.isoformat().replace("+00:00", "Z")}
