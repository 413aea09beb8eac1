"""Seeing a camera without its masks: asked for with a purpose, approved by a second person, for a short time."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

WAITS_FOR = timedelta(hours=24)
"""A request that nobody decided in this time cannot be approved any more."""

Purpose = Annotated[str, StringConstraints(min_length=1, max_length=40)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class UnmaskState(StrEnum):
    """Where a request stands. What has run out says so by `expires_at`."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


class UnmaskRequestIn(BaseModel):
    """What is asked for: why (a key of the site's list of purposes), what happened, and for how long."""

    model_config = ConfigDict(extra="forbid")

    purpose: Purpose
    reason: Reason
    minutes: Annotated[int, Field(ge=1, le=30)]


class UnmaskRequest(UnmaskRequestIn):
    """One request. `expires_at` is set by the approval: until then views may be opened, and then they end."""

    id: str
    camera_id: str
    state: UnmaskState
    requested_by: str
    requested_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    expires_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether it can be decided."""
        return self.state is UnmaskState.PENDING and now < self.requested_at + WAITS_FOR
