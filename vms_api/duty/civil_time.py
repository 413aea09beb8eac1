"""Clock times of a zone as instants, exact where the clocks are changed. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_MICROSECOND = timedelta(microseconds=1)


def instant_of(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The instant at which the clocks of the zone show that time of that day, UTC.

    Of a time that comes twice, the first; a time that is skipped is the instant of the skip. So a later time is never
    an earlier instant, and what ends at some time and what begins at it meet exactly.
    """
    local = datetime.combine(day, clock)
    first, second = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if second >= first:
        return first
    # Skipped: with fold=1 the instant lies before the skip, with fold=0 after it.
    offset = _offset(second, zone)
    while first - second > _MICROSECOND:
        middle = second + (first - second) / 2
        if _offset(middle, zone) == offset:
            second = middle
        else:
            first = middle
    return first


def _offset(at: datetime, zone: ZoneInfo) -> timedelta | None:
    return at.astimezone(zone).utcoffset()
