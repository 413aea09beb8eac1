"""Time that was to be recorded and was not."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ingest.camera import CameraId


class GapReason(StrEnum):
    """Why there is no recording. Each second that was planned and is missing has one."""

    CAMERA_OFFLINE = "camera-offline"
    CAMERA_SILENT = "camera-silent"
    REFUSED = "refused"
    NO_KEYFRAME = "no-keyframe"
    MASKS_UNAVAILABLE = "masks-unavailable"
    DISK_FULL = "disk-full"
    DISK_ERROR = "disk-error"
    VOLUME_MISSING = "volume-missing"
    TOO_SLOW = "too-slow"
    CODEC_NOT_RECORDABLE = "codec-not-recordable"
    NODE_DOWN = "node-down"
    RECORDER_FAILED = "recorder-failed"


@dataclass(frozen=True, slots=True)
class Gap:
    """A span without recording. `ended_at` None: it goes on. `id` is a UUIDv7 and stays when the gap ends."""

    id: str
    camera_id: CameraId
    started_at: datetime
    ended_at: datetime | None
    reason: GapReason
