"""An alert as analysis raises it: something of interest at a place, with its picture."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from analytics.geometry import Box
from ingest.camera import CameraId


class Severity(StrEnum):
    """How urgent an alert is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class RuleKind(StrEnum):
    """What a rule looks for."""

    INTRUSION = "intrusion"
    LINE_CROSSING = "line_crossing"
    LOITERING = "loitering"
    STOPPED_VEHICLE = "stopped_vehicle"
    WRONG_WAY = "wrong_way"
    ABANDONED_OBJECT = "abandoned_object"
    OBJECT_REMOVED = "object_removed"
    FIRE = "fire"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The picture of the moment, with the object's box drawn in. `jpeg` holds the file's bytes."""

    jpeg: bytes = field(repr=False)
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Alert:
    """Raised once per (rule, track, dwell). `id` is a UUIDv7 and stays the same through every delivery.

    `frame_received_at` is the arrival of the frame that raised it, `raised_at` the moment the rule decided. `track_id`
    finds the object again while it is in view, and goes nowhere else.
    """

    id: str
    camera_id: CameraId
    rule_id: str
    rule_name: str
    kind: RuleKind
    severity: Severity
    label: str
    score: float
    box: Box
    frame_received_at: datetime
    raised_at: datetime
    evidence: Evidence | None
    track_id: int | None = None


@dataclass(frozen=True, slots=True)
class BetterView:
    """The object of an alert as it was seen best, before or shortly after; told at most once, after the alert.

    `seen_at` is the arrival of that frame, `box` where the object was in it.
    """

    alert_id: str
    camera_id: CameraId
    seen_at: datetime
    score: float
    box: Box
    evidence: Evidence
