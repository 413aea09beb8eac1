"""What an evidence package says about itself: whose it is, what it holds, and the SHA-256 of every part."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

PartName = Annotated[str, Field(pattern=r"^[\p{L}\p{N}_][\p{L}\p{N}\p{M}_.-]{0,120}$")]
"""A plain file name: a package has no folders, so nothing is ever unpacked outside of where it should be."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PackagePart(_Value):
    """One file of the package."""

    name: PartName
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    size_bytes: Annotated[int, Field(ge=0)]


class SourceFile(_Value):
    """A recorded file that pictures were taken from, with its hash from when it was closed."""

    recording_id: str
    sha256: str
    epoch: int
    mask_version: int
    clock_offset_s: float | None
    """The camera's clock minus ours, in seconds; None when the camera did not tell."""
    damaged: str | None = None


class VideoPart(PackagePart):
    """One continuous piece of one camera. Times are of our clock: first and last instant that are shown."""

    camera_id: str
    shown_from: datetime
    shown_to: datetime
    frame_count: int
    codec: str
    audio_codec: str | None
    sources: tuple[SourceFile, ...]


class MissingSpan(_Value):
    """A span that was asked for and is not in the package."""

    camera_id: str
    starts_at: datetime
    ends_at: datetime
    reason: str


class CameraEntry(_Value):
    """One camera, with the names of the moment the package was made."""

    id: str
    name: str
    area_id: str
    area_name: str
    mask_version: int


class AlertEntry(_Value):
    """One alert of the cameras in the exported time, with what was done about it."""

    id: str
    camera_id: str
    raised_at: datetime
    kind: str
    severity: str
    rule_name: str
    state: str
    history: tuple[dict[str, Any], ...]


class PersonEntry(_Value):
    """Who acted, and when."""

    user_id: str
    username: str
    at: datetime


class PurposeEntry(_Value):
    """Why it was exported: a key of the site's list and the reference that was given."""

    key: str
    reference: str


class Manifest(_Value):
    """The whole of what is signed."""

    format: Literal[1] = 1
    export_id: str
    site: str
    software: str
    made_at: datetime
    time_zone: str
    asked_from: datetime
    asked_to: datetime
    purpose: PurposeEntry | None
    note: str
    requested_by: PersonEntry
    approved_by: PersonEntry
    cameras: tuple[CameraEntry, ...]
    videos: tuple[VideoPart, ...]
    documents: tuple[PackagePart, ...]
    missing: tuple[MissingSpan, ...]
    alerts: tuple[AlertEntry, ...]
    key_id: str

    @property
    def parts(self) -> tuple[PackagePart, ...]:
        """Every file that the manifest vouches for."""
        return (*self.videos, *self.documents)

    def text(self) -> bytes:
        """As it stands in the package, and as it is signed."""
        return self.model_dump_json(indent=2).encode() + b"\n"
