"""Legal holds: what nobody and nothing may delete, and who said so."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]


class HoldIn(BaseModel):
    """A span of a camera's recordings to be kept, until `expires_at` or until it is lifted."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    camera_id: Annotated[str, Field(min_length=1, max_length=64)]
    start: Annotated[AwareDatetime, Field(alias="from")]
    end: Annotated[AwareDatetime, Field(alias="to")]
    reason: Why
    expires_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _is_a_span(self) -> Self:
        if self.start >= self.end:
            raise ValueError("`to` must be after `from`")
        return self


class Hold(BaseModel):
    """One hold. It is kept after it was lifted, as a matter of record."""

    model_config = ConfigDict(populate_by_name=True)

    id: str
    camera_id: str
    start: Annotated[datetime, Field(alias="from", serialization_alias="from")]
    end: Annotated[datetime, Field(alias="to", serialization_alias="to")]
    reason: str
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    lifted_at: datetime | None = None
    lifted_by: str | None = None

    def is_active(self, now: datetime) -> bool:
        """Whether it still holds."""
        return self.lifted_at is None and (self.expires_at is None or self.expires_at > now)
