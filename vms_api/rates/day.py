"""A day on the clocks of the site, as instants: 23 or 25 hours long where the clocks are changed. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from vms_api.database import to_us
from vms_api.duty.civil_time import instant_of
from vms_api.rates.spans import Span


@dataclass(frozen=True, slots=True)
class SiteDay:
    """[start, end), UTC."""

    day: date
    start: datetime
    end: datetime

    @classmethod
    def of(cls, day: date, zone: ZoneInfo) -> Self:
        """From midnight to midnight on the clocks of the zone."""
        return cls(day, instant_of(day, time(), zone), instant_of(day + timedelta(days=1), time(), zone))

    @property
    def span(self) -> Span:
        """In microseconds."""
        return to_us(self.start), to_us(self.end)


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from the first to the last, both counted."""
    for ahead in range((last - first).days + 1):
        yield first + timedelta(days=ahead)


def window_before(first: date, last: date) -> tuple[date, date]:
    """The window of the same length that ends the day before."""
    length = last - first
    end = first - timedelta(days=1)
    return end - length, end
