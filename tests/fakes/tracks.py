"""Tracks and rules as tests need them."""

import math
from zoneinfo import ZoneInfo

from analytics.alert import Severity
from analytics.geometry import Box, Point
from analytics.rule import (
    AbandonedObjectRule,
    AnyRule,
    AreaRule,
    Direction,
    FireRule,
    IntrusionRule,
    LineCrossingRule,
    LoiteringRule,
    ObjectRemovedRule,
    StoppedVehicleRule,
    WrongWayRule,
)
from analytics.schedule import Schedule
from analytics.track import Track, TrackState
from analytics.zone import Tripwire, Zone

ALWAYS = Schedule(ZoneInfo("Asia/Shanghai"))
PEOPLE = frozenset({"person"})
SQUARE = Zone("zone", "square", (Point(0.2, 0.2), Point(0.8, 0.2), Point(0.8, 0.8), Point(0.2, 0.8)))
UPRIGHT = Tripwire("line", "gate", (Point(0.5, 0.1), Point(0.5, 0.9)))


def box_at(foot_x: float, foot_y: float, width: float = 0.05, height: float = 0.15) -> Box:
    return Box(foot_x - width / 2, foot_y - height, foot_x + width / 2, foot_y)


def walk(
    *feet: tuple[float, float],
    state: TrackState = TrackState.CONFIRMED,
    label: str = "person",
    track_id: int = 1,
    still_since_s: float = math.inf,
) -> Track:
    """A track that has been seen at these places, oldest first."""
    return Track(
        id=track_id,
        label=label,
        state=state,
        box=box_at(*feet[-1]),
        score=0.8,
        first_seen_s=0.0,
        last_seen_s=0.0,
        hit_count=len(feet),
        path=tuple(Point(x, y) for x, y in feet[-32:]),
        still_since_s=still_since_s,
    )


def intrusion(*, dwell_s: float = 0.0, schedule: Schedule = ALWAYS, cooldown_s: float = 0.0) -> IntrusionRule:
    return IntrusionRule("rule-i", "square", PEOPLE, schedule, Severity.MEDIUM, cooldown_s, SQUARE, dwell_s)


def line_crossing(
    *, direction: Direction = Direction.ANY, schedule: Schedule = ALWAYS, cooldown_s: float = 0.0
) -> LineCrossingRule:
    return LineCrossingRule("rule-l", "gate", PEOPLE, schedule, Severity.HIGH, cooldown_s, UPRIGHT, direction)


def area_rule(
    kind: type[AreaRule],
    *,
    dwell_s: float = 0.0,
    labels: frozenset[str] = PEOPLE,
    schedule: Schedule = ALWAYS,
    cooldown_s: float = 0.0,
) -> AreaRule:
    return kind("rule-a", "square", labels, schedule, Severity.MEDIUM, cooldown_s, SQUARE, dwell_s)


def wrong_way(*, schedule: Schedule = ALWAYS, reach: float = 0.1) -> WrongWayRule:
    """The permitted way is to the left, along the middle of the picture."""
    way = Tripwire("way", "way", (Point(0.9, 0.5), Point(0.1, 0.5)))
    return WrongWayRule("rule-w", "way", PEOPLE, schedule, Severity.HIGH, 0.0, way, reach)


def rules_of_every_kind(schedule: Schedule = ALWAYS) -> dict[str, AnyRule]:
    """One of each, by its kind."""
    nameless = frozenset({"motion"})
    return {
        "intrusion": intrusion(schedule=schedule),
        "line_crossing": line_crossing(schedule=schedule),
        "loitering": area_rule(LoiteringRule, dwell_s=2.0, schedule=schedule),
        "stopped_vehicle": area_rule(StoppedVehicleRule, dwell_s=2.0, schedule=schedule),
        "wrong_way": wrong_way(schedule=schedule),
        "abandoned_object": area_rule(AbandonedObjectRule, dwell_s=2.0, labels=nameless, schedule=schedule),
        "object_removed": area_rule(ObjectRemovedRule, dwell_s=2.0, labels=nameless, schedule=schedule),
        "fire": area_rule(FireRule, dwell_s=2.0, labels=frozenset({"fire", "smoke"}), schedule=schedule),
    }
