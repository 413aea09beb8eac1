"""A recorded file: what stands at its beginning, and what is known of it once it is whole."""

import json
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any

from ingest.audio import AudioCodec
from ingest.camera import CameraId, StreamRole
from ingest.packet import Codec
from ingest.recording.errors import SegmentDamaged

FORMAT = 1
PART_SUFFIX = ".part"
"""A file is called so until it is whole."""


class SegmentReason(StrEnum):
    """Why the camera was recorded then."""

    CONTINUOUS = "continuous"
    SCHEDULED = "scheduled"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class SegmentHeader:
    """What is known when a file begins; it stands in the file, so that a lost index can be made anew.

    `started_at` is our clock at the first picture; `clock_offset_s` is the camera's clock minus ours, None if unknown.
    """

    recording_id: str
    camera_id: CameraId
    role: StreamRole
    epoch: int
    node_epoch: int
    started_at: datetime
    clock_offset_s: float | None
    mask_version: int
    codec: Codec
    width: int
    height: int
    profile: str | None
    audio_codec: AudioCodec | None
    volume_id: str
    reason: SegmentReason = SegmentReason.CONTINUOUS

    @property
    def path(self) -> PurePosixPath:
        """Where the file lies in its volume: by camera, UTC day and UTC hour of its start."""
        start = self.started_at.astimezone(UTC)
        name = f"{self.recording_id}.mp4"
        return PurePosixPath(self.camera_id, start.strftime("%Y-%m-%d"), start.strftime("%H"), name)

    def to_json(self) -> bytes:
        """As it stands in the file."""
        values = {"format": FORMAT, **asdict(self), "started_at": self.started_at.isoformat()}
        return json.dumps(values, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, data: bytes) -> "SegmentHeader":
        """The header of a file.

        Raises:
            SegmentDamaged: it is none.

        """
        try:
            values = json.loads(data)
            return cls(**_typed(values))
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise SegmentDamaged(f"the file's header cannot be read: {error}") from error


def _typed(values: Any) -> dict[str, Any]:
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise ValueError("not a header of this format")
    known = {field.name: values[field.name] for field in fields(SegmentHeader) if field.name in values}
    started_at = datetime.fromisoformat(known["started_at"])
    if started_at.tzinfo is None:
        raise ValueError("a time without zone")
    for name, kind in _KINDS.items():
        if not isinstance(known[name], kind) or isinstance(known[name], bool):
            raise TypeError(f"{name} is of the wrong kind")
    audio = known["audio_codec"]
    return {
        **known,
        "started_at": started_at,
        "camera_id": CameraId(known["camera_id"]),
        "role": StreamRole(known["role"]),
        "codec": Codec(known["codec"]),
        "audio_codec": AudioCodec(audio) if audio is not None else None,
        "reason": SegmentReason(known.get("reason", SegmentReason.CONTINUOUS)),
    }


_OPTIONAL_NUMBER = (int, float, type(None))
_KINDS: dict[str, type | tuple[type, ...]] = {
    "recording_id": str,
    "camera_id": str,
    "epoch": int,
    "node_epoch": int,
    "clock_offset_s": _OPTIONAL_NUMBER,
    "mask_version": int,
    "width": int,
    "height": int,
    "profile": (str, type(None)),
    "volume_id": str,
}


@dataclass(frozen=True, slots=True)
class SegmentInfo:
    """A whole file: a row of the index. `path` is relative to the volume, `sha256` is in hex.

    `recovered`: the node died while it was written, and the end was cut at the last whole fragment. `damaged`: only a
    part of it can be played.
    """

    recording_id: str
    camera_id: CameraId
    role: StreamRole
    volume_id: str
    path: str
    started_at: datetime
    duration_s: float
    size_bytes: int
    sha256: str
    epoch: int
    node_epoch: int
    clock_offset_s: float | None
    mask_version: int
    codec: Codec
    width: int
    height: int
    profile: str | None
    audio_codec: AudioCodec | None
    keyframe_count: int
    recovered: bool
    damaged: bool
    reason: SegmentReason


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What only the whole file tells."""

    duration_s: float
    size_bytes: int
    sha256: str
    keyframe_count: int


def segment_info(
    header: SegmentHeader, facts: FileFacts, *, recovered: bool = False, damaged: bool = False
) -> SegmentInfo:
    """The index row of a file."""
    values = {field.name: getattr(header, field.name) for field in fields(SegmentHeader)}
    return SegmentInfo(**values, **asdict(facts), path=str(header.path), recovered=recovered, damaged=damaged)
