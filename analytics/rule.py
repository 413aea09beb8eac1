"""Rules as data, and the seam of what evaluates them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from analytics.alert import RuleKind, Severity
from analytics.geometry import Box
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
class SizeRange:
    """Heights that a rule looks at, as shares of the picture's height: far cats and near spiders are neither.

    `closely`: small ones are looked for in crops at native scale, which costs more inferences.
    """

    least: float = 0.0
    most: float = 1.0
    closely: bool = False

    def admits(self, box: Box) -> bool:
        """Whether the box is as high as that."""
        return self.least <= box.bottom - box.top <= self.most


@dataclass(frozen=True, slots=True)
class Rule:
    """What every rule has. `labels` are the classes it looks at; after an alert it is quiet for `cooldown_s`."""

    id: str
    name: str
    labels: frozenset[str]
    schedule: Schedule
    severity: Severity
    cooldown_s: float
    size: SizeRange = field(default=SizeRange(), kw_only=True)

    def concerns(self, track: Track) -> bool:
        """Whether the track is of a class and of a size that the rule looks at."""
        return track.label in self.labels and self.size.admits(track.box)


@dataclass(frozen=True, slots=True)
class AreaRule(Rule):
    """Looks at an area. What it objects to must last for `dwell_s`."""

    zone: Zone
    dwell_s: float = 0.0


class IntrusionRule(AreaRule):
    """Somebody or something is inside the zone."""

    __slots__ = ()


class LoiteringRule(AreaRule):
    """The same object stays in the zone, a few steps outside and moments out of sight included."""

    __slots__ = ()


class StoppedVehicleRule(AreaRule):
    """Something stands still in the zone."""

    __slots__ = ()


class AbandonedObjectRule(AreaRule):
    """Something stands alone in the zone that was not there before.

    `labels` are the classes that count; `motion` stands for what has no name.
    """

    __slots__ = ()


class ObjectRemovedRule(AreaRule):
    """What stood in the zone stands there no longer. Its class has no name, so `labels` have no say."""

    __slots__ = ()


class FireRule(AreaRule):
    """Fire or smoke in the zone, where the model knows them."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class LineCrossingRule(Rule):
    """A track's foot crosses the line."""

    line: Tripwire
    direction: Direction = Direction.ANY


@dataclass(frozen=True, slots=True)
class WrongWayRule(Rule):
    """A track goes against the way that the line shows, no farther from it than `reach` (share of the picture)."""

    line: Tripwire
    reach: float = 0.1


AnyRule = AreaRule | LineCrossingRule | WrongWayRule


@dataclass(frozen=True, slots=True)
class CameraPlan:
    """What is to be watched for on one camera. The rules carry their zones and lines."""

    camera_id: CameraId
    rules: tuple[AnyRule, ...] = ()


@runtime_checkable
class Following(Protocol):
    """A detector that looks for more on some cameras than on others."""

    def follow(self, plans: Mapping[CameraId, CameraPlan]) -> None:
        """These are the cameras and what is watched for on them; told on the inference thread."""
        ...


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
