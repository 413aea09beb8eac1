"""Tracks and rules as tests need them."""

from zoneinfo import ZoneInfo

from analytics.alert import Severity
from analytics.geometry import Box, Point
from analytics.rule import Direction, IntrusionRule, LineCrossingRule
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
    *feet: tuple[float, float], state: TrackState = TrackState.CONFIRMED, label: str = "person", track_id: int = 1
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
    )


def intrusion(*, dwell_s: float = 0.0, schedule: Schedule = ALWAYS, cooldown_s: float = 0.0) -> IntrusionRule:
    return IntrusionRule("rule-i", "square", PEOPLE, schedule, Severity.MEDIUM, cooldown_s, SQUARE, dwell_s)


def line_crossing(
    *, direction: Direction = Direction.ANY, schedule: Schedule = ALWAYS, cooldown_s: float = 0.0
) -> LineCrossingRule:
    return LineCrossingRule("rule-l", "gate", PEOPLE, schedule, Severity.HIGH, cooldown_s, UPRIGHT, direction)
