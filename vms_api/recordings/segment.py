"""One recorded file: as it is being written, and as the node announces it and the index keeps it once it is whole."""

from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

Identifier = Annotated[str, Field(min_length=1, max_length=64)]

LONGEST = timedelta(hours=1)
"""No segment is longer: the recorder closes them after 90 s at most, so who looks for an instant need not look back
further than this."""


def _inside_its_volume(path: str) -> str:
    parts = PurePosixPath(path)
    if parts.is_absolute() or ".." in parts.parts:
        raise ValueError("not a path inside a volume")
    return path


class OpenSegment(BaseModel):
    """One file as far as it is written.

    `path` is relative to its volume, `started_at` the first sample's time by our clock; `mask_version` is that of the
    privacy masks that were painted into it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    recording_id: Identifier
    camera_id: Identifier
    role: Literal["main", "sub"]
    volume_id: Identifier
    path: Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_inside_its_volume)]
    started_at: AwareDatetime
    duration_s: Annotated[float, Field(ge=0, le=LONGEST.total_seconds(), allow_inf_nan=False)]
    epoch: int
    node_epoch: int
    mask_version: int
    reason: Literal["continuous", "scheduled", "event"] = "continuous"

    @property
    def ended_at(self) -> datetime:
        """The end of the last sample."""
        return self.started_at + timedelta(seconds=self.duration_s)


class Segment(OpenSegment):
    """One whole file. `clock_offset_s` is the camera's clock minus ours, null where it is not known."""

    size_bytes: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    clock_offset_s: Annotated[float | None, Field(allow_inf_nan=False)] = None
    codec: Annotated[str, Field(max_length=20)]
    width: int
    height: int
    profile: Annotated[str | None, Field(max_length=60)] = None
    audio_codec: Annotated[str | None, Field(max_length=20)] = None
    keyframe_count: int
    recovered: bool = False
    damaged: bool = False
