"""When a plan wants a camera recorded without a break. Pure."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from vms_api.cameras.rule import Window
from vms_api.recordings.plan import RecordingPlan

Interval = tuple[datetime, datetime]


def planned_spans(plan: RecordingPlan, zone: ZoneInfo, start: datetime, end: datetime) -> list[Interval]:
    """The parts of [start, end) that were to be recorded, in order and apart.

    In the mode `event` that is nothing: what is recorded then depends on what happens.
    """
    if plan.mode == "continuous":
        return [(start, end)] if start < end else []
    if plan.mode != "scheduled" or plan.schedule is None:
        return []
    spans = (span for window in plan.schedule.windows for span in _occurrences(window, zone, start, end))
    return _merged(sorted((max(first, start), min(last, end)) for first, last in spans))


def _occurrences(window: Window, zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[Interval]:
    """Each time the window comes round; an end at or before its start lies on the next day."""
    opens, closes = time.fromisoformat(window.start), time.fromisoformat(window.end)
    day = start.astimezone(zone).date() - timedelta(days=1)
    last_day = end.astimezone(zone).date()
    while day <= last_day:
        if day.weekday() in window.days:
            until = day if closes > opens else day + timedelta(days=1)
            first, last = datetime.combine(day, opens, zone), datetime.combine(until, closes, zone)
            yield first.astimezone(start.tzinfo), last.astimezone(start.tzinfo)
        day += timedelta(days=1)


def _merged(spans: list[Interval]) -> list[Interval]:
    merged: list[Interval] = []
    for first, last in spans:
        if first >= last:
            continue
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged
