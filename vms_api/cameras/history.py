"""What has become of a camera over time: the changes of its streams' states, and the gaps in its recording."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from vms_api.cameras.health import CameraState, Fault

LONGEST = timedelta(days=92)
"""One asks about a quarter at most; availability over longer times is a report's business."""
MOST_CHANGES = 5000
"""A camera that changes more often in the time asked about gets its earliest changes, and the answer says so."""


@dataclass(frozen=True, slots=True)
class HistoryQuery:
    """Which camera, from when until when."""

    camera_id: str
    since: datetime
    until: datetime


class StateChange(BaseModel):
    """A stream came into a state."""

    at: datetime
    role: Literal["main", "sub"]
    state: CameraState
    fault: Fault | None = None


class HistoryGap(BaseModel):
    """Nothing was recorded although it was planned; `to` null: it goes on."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    since: Annotated[datetime, Field(alias="from")]
    until: Annotated[datetime | None, Field(alias="to")]
    reason: str


class CameraHistory(BaseModel):
    """States and gaps in the order of time.

    The first change of each stream may be before the time asked about: it tells how that time began. `complete` is
    false when there were more changes than are told.
    """

    states: list[StateChange]
    gaps: list[HistoryGap]
    complete: bool
