"""What the control process tells a node about exports, and what the node answers."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Base64Bytes, Field

from vms_api.node.messages import Message

MAX_FILES = 200_000
"""Four cameras over a month in files of a minute."""


class FileMessage(Message):
    """A recorded file; `sha256` is that of the index, from when it was closed."""

    recording_id: str
    volume_id: str
    path: str
    sha256: str


class CameraExportMessage(Message):
    """One camera's files, ordered by their start. `label` begins the names of its parts."""

    camera_id: str
    label: Annotated[str, Field(pattern=r"^[\w-]{1,80}$")]
    files: Annotated[tuple[FileMessage, ...], Field(max_length=MAX_FILES)]


class ExportMessage(Message):
    """What is to be built: the pictures that begin in [start, end), by our clock."""

    start: AwareDatetime
    end: AwareDatetime
    cameras: tuple[CameraExportMessage, ...]


class PapersMessage(Message):
    """Files that are added to a package when its parts are built: name → content."""

    papers: dict[Annotated[str, Field(pattern=r"^[A-Za-z-]{1,40}\.[a-z]{2,5}$")], Base64Bytes]


class SourceMessage(Message):
    """A recorded file that a part was made of."""

    recording_id: str
    sha256: str
    epoch: int
    mask_version: int
    clock_offset_s: float | None
    damaged: str | None


class PartMessage(Message):
    """A part that was built."""

    name: str
    sha256: str
    size_bytes: int
    camera_id: str
    shown_from: datetime
    shown_to: datetime
    frame_count: int
    codec: str
    audio_codec: str | None
    sources: tuple[SourceMessage, ...]


class UnreadableMessage(Message):
    """A file of which nothing could be taken."""

    camera_id: str
    recording_id: str
    damage: str


class BuildMessage(Message):
    """How far an export has come. `failure` is a stable code."""

    state: Literal["building", "built", "ready", "failed"]
    progress: float
    failure: str | None = None
    parts: tuple[PartMessage, ...] = ()
    unreadable: tuple[UnreadableMessage, ...] = ()
    size_bytes: int | None = None
