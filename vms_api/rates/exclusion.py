"""A camera that nobody expects to work for some time. It counts only after a second person has approved it."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

Why = Literal["retired", "relocation", "power", "other"]


class ExclusionIn(BaseModel):
    """What is asked for; `ends_at` null: until further notice."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    camera_id: Annotated[str, Field(min_length=1, max_length=64)]
    starts_at: AwareDatetime
    ends_at: AwareDatetime | None = None
    why: Why
    note: Annotated[str, Field(min_length=1, max_length=500)]

    @model_validator(mode="after")
    def _is_a_span(self) -> Self:
        if self.ends_at is not None and self.ends_at <= self.starts_at:
            raise PydanticCustomError("window_wrong", "the end is after the beginning")
        return self


class Exclusion(BaseModel, frozen=True):
    """An exclusion as it stands; `approved_by` null: it is not in force."""

    id: str
    camera_id: str
    area_id: str
    starts_at: datetime
    ends_at: datetime | None
    why: Why
    note: str
    asked_by: str
    asked_by_id: Annotated[str, Field(exclude=True)]
    asked_at: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None
