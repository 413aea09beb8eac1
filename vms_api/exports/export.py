"""An export as people ask for it and see it."""

from datetime import datetime, timedelta
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from vms_api.exports.lifecycle import ExportState

MAX_CAMERAS = 4
KEPT_FOR = timedelta(days=7)
"""What nobody decided, built or fetched in this time is over."""

Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]


class ExportIn(BaseModel):
    """What is asked for: one to four cameras, a range, and a note for the person who decides."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    camera_ids: Annotated[list[Id], Field(min_length=1, max_length=MAX_CAMERAS)]
    start: Annotated[AwareDatetime, Field(alias="from")]
    end: Annotated[AwareDatetime, Field(alias="to")]
    note: Note = ""

    @model_validator(mode="after")
    def _means_something(self) -> Self:
        if self.start >= self.end:
            raise ValueError("`to` must be after `from`")
        if len(set(self.camera_ids)) < len(self.camera_ids):
            raise ValueError("a camera is named twice")
        return self


class Missing(BaseModel):
    """A span of the range that the export will not hold."""

    model_config = ConfigDict(populate_by_name=True)

    camera_id: str
    start: Annotated[datetime, Field(alias="from", serialization_alias="from")]
    end: Annotated[datetime, Field(alias="to", serialization_alias="to")]
    reason: str


class ExportPurpose(BaseModel):
    """Why: a key of the site's list, and the reference that was given."""

    id: str
    key: str
    reference: str


class Export(BaseModel):
    """One export. `missing` is known from the request on: it is no surprise to whoever approves.

    `failure` is a stable code; `size_bytes` is that of the whole package.
    """

    model_config = ConfigDict(populate_by_name=True)

    id: str
    camera_ids: list[str]
    start: Annotated[datetime, Field(alias="from", serialization_alias="from")]
    end: Annotated[datetime, Field(alias="to", serialization_alias="to")]
    note: str
    purpose: ExportPurpose | None
    state: ExportState
    missing: list[Missing]
    requested_by: str
    requested_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    expires_at: datetime
    failure: str | None = None
    size_bytes: int | None = None
    downloaded_at: datetime | None = None
    progress: float | None = None
    """0 to 1 while it is being built."""
    waits_for_recording: bool = False
    """A part of the range is in a file that is still being written; it is built once that is whole."""
