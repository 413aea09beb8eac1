"""A scene with its truth: the rules that watch it, what they must tell, and where nobody can say.

Labels are text (benchmarks/labels/NAME.toml), so that a change of the truth can be read and argued about.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from analytics.alert import Severity
from analytics.geometry import Point
from analytics.rule import AnyRule, Direction, IntrusionRule, LineCrossingRule
from analytics.schedule import Schedule
from analytics.zone import Tripwire, Zone
from benchmarks.event_score import REACH, Event, Unsure
from ingest.frame import Frame

LABELS = Path(__file__).parent / "labels"
_ALWAYS = Schedule(ZoneInfo("UTC"))


@dataclass(frozen=True, slots=True)
class LabelledScene:
    """`name` is the clip's file name without its ending, or a drawn scene's name."""

    name: str
    rules: tuple[AnyRule, ...]
    events: tuple[Event, ...] = ()
    unsure: tuple[Unsure, ...] = ()


@dataclass(frozen=True, slots=True)
class Trial:
    """A scene with its pictures, which can be played again and again."""

    scene: LabelledScene
    frames: Callable[[], Iterator[Frame]]


def read_labels(path: Path) -> LabelledScene:
    """The scene of a label file.

    Raises:
        KeyError: an entry lacks a key, or speaks of a rule that the file does not have.
        ValueError: a kind of rule or a direction is unknown.

    """
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    rules = {name: _rule(name, fields) for name, fields in table["rules"].items()}
    reach = float(table.get("reach", REACH))
    return LabelledScene(
        Path(table["clip"]).stem,
        tuple(rules.values()),
        tuple(
            Event(rules[one["rule"]].name, float(one["at_s"]), Point(*one["at"]), one.get("what", ""), reach)
            for one in table.get("events", ())
        ),
        tuple(
            Unsure(rules[one["rule"]].name, float(one["from_s"]), float(one["until_s"]), one["why"])
            for one in table.get("unsure", ())
        ),
    )


def area(name: str, corners: Sequence[Sequence[float]], labels: Sequence[str], dwell_s: float = 0.0) -> IntrusionRule:
    """An intrusion rule that is always armed and never quiet: each event is scored by itself."""
    zone = Zone(name, name, tuple(Point(*corner) for corner in corners))
    return IntrusionRule(name, name, frozenset(labels), _ALWAYS, Severity.LOW, 0.0, zone, dwell_s)


def line(
    name: str, points: Sequence[Sequence[float]], labels: Sequence[str], direction: str = "any"
) -> LineCrossingRule:
    """A line-crossing rule that is always armed and never quiet."""
    wire = Tripwire(name, name, tuple(Point(*point) for point in points))
    return LineCrossingRule(name, name, frozenset(labels), _ALWAYS, Severity.LOW, 0.0, wire, Direction(direction))


def _rule(name: str, fields: Mapping[str, Any]) -> AnyRule:
    match fields["kind"]:
        case "intrusion":
            return area(name, fields["points"], fields["labels"], fields.get("dwell_s", 0.0))
        case "line_crossing":
            return line(name, fields["points"], fields["labels"], fields.get("direction", "any"))
        case other:
            raise ValueError(f"{name}: no labels are known for rules of the kind {other!r}")
