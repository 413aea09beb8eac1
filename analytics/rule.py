"""Rules as data, and the seam of what evaluates them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from analytics.alert import RuleKind, Severity
from analytics.schedule import Schedule
from analytics.track import Track
from analytics.zone import Tripwire, Zone
from ingest.camera import CameraId


class Direction(StrEnum):
    """Which way a line is crossed, seen from the line's first point to its last."""

    ANY = "any"
    LEFT_TO_RIGHT = "left_to_right"
    RIGHT_TO_LEFT = "right_to_left"


@dataclass(frozen=True, slots=True)
class Rule:
    """What every rule has. `labels` are the classes it looks at; after an alert it is quiet for `cooldown_s`."""

    id: str
    name: str
    labels: frozenset[str]
    schedule: Schedule
    severity: Severity
    cooldown_s: float


@dataclass(frozen=True, slots=True)
class IntrusionRule(Rule):
    """Somebody or something is inside the zone for at least `dwell_s`."""

    zone: Zone
    dwell_s: float = 0.0


@dataclass(frozen=True, slots=True)
class LineCrossingRule(Rule):
    """A track's foot crosses the line."""

    line: Tripwire
    direction: Direction = Direction.ANY


AnyRule = IntrusionRule | LineCrossingRule


@dataclass(frozen=True, slots=True)
class CameraPlan:
    """What is to be watched for on one camera. The rules carry their zones and lines."""

    camera_id: CameraId
    rules: tuple[AnyRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Violation:
    """A track that a rule objects to, at one moment."""

    rule: Rule
    kind: RuleKind
    track: Track


class RuleEvaluator(Protocol):
    """Holds what one rule must remember about the tracks of one camera."""

    def evaluate(self, tracks: Sequence[Track], now_s: float, at: datetime) -> Sequence[Violation]:
        """The new violations. `now_s` is media time in seconds, `at` wall time for the schedule."""
        ...

    def reset(self) -> None:
        """Forgets all tracks (a new epoch)."""
        ...
