"""When a rule is armed: windows of the week in the site's time zone."""

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Window:
    """A daily span. `days` counts Monday as 0 and names the day the window starts on.

    An `end` at or before `start` lies on the next day, so 22:00 to 06:00 is one night; 00:00 to 00:00 is a whole day.
    """

    days: frozenset[int]
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Schedule:
    """Armed inside any of its windows; without windows always."""

    zone: ZoneInfo
    windows: tuple[Window, ...] = ()

    def is_armed(self, at: datetime) -> bool:
        """Whether the rule looks at that instant (time-zone aware)."""
        if not self.windows:
            return True
        local = at.astimezone(self.zone)
        today, clock = local.weekday(), local.time().replace(tzinfo=None)
        return any(_covers(window, today, clock) for window in self.windows)


def _covers(window: Window, today: int, clock: time) -> bool:
    yesterday = (today - 1) % 7
    if window.start < window.end:
        return today in window.days and window.start <= clock < window.end
    return (today in window.days and clock >= window.start) or (yesterday in window.days and clock < window.end)
