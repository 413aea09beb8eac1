"""A span that was to be recorded and was not."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

NODE_DOWN = "node-down"
"""The one reason that this process finds by itself; all others are told by the node."""
FILE_LOST = "disk-error"
"""The reason for a segment whose file is no longer there."""


class Gap(BaseModel):
    """One gap; `ended_at` null while it goes on. `reason` is a stable code that the page translates."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(min_length=1, max_length=64)]
    camera_id: Annotated[str, Field(min_length=1, max_length=64)]
    started_at: AwareDatetime
    ended_at: AwareDatetime | None = None
    reason: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]

    def end(self, now: datetime) -> datetime:
        """Where it ends as far as is known now; never before it began."""
        return max(self.ended_at or now, self.started_at)
