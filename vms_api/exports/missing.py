"""What an export does not hold, and why. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from vms_api.exports.export import Missing
from vms_api.recordings.coverage import Span, SpanKind

SHORTEST = timedelta(seconds=2)
"""Less than this between two pictures is no gap: so says the recorder, and slow cameras send one in a second."""

WITHHELD, NOT_PLANNED, UNREADABLE = "withheld", "not-planned", "unreadable"

_Interval = tuple[datetime, datetime]


def foreseen(camera_id: str, spans: Sequence[Span]) -> list[Missing]:
    """What is known to be missing before anything is built; `spans` partition the range."""
    return [
        Missing(camera_id=camera_id, start=span.start, end=span.end, reason=_reason(span))
        for span in spans
        if span.kind is not SpanKind.RECORDED and span.end - span.start >= SHORTEST
    ]


def left_out(camera_id: str, spans: Sequence[Span], shown: Sequence[_Interval]) -> list[Missing]:
    """What is missing beside what was built. What the index has and the package has not could not be read."""
    if not spans:
        return []
    holes = [hole for hole in _holes(shown, spans[0].start, spans[-1].end) if hole[1] - hole[0] >= SHORTEST]
    return [
        Missing(camera_id=camera_id, start=max(start, span.start), end=min(end, span.end), reason=_reason(span))
        for start, end in holes
        for span in spans
        if min(end, span.end) - max(start, span.start) > _ROUNDING
    ]


_ROUNDING = timedelta(milliseconds=100)


def _holes(shown: Sequence[_Interval], start: datetime, end: datetime) -> Iterator[_Interval]:
    cursor = start
    for begins, ends in sorted(shown):
        if begins > cursor:
            yield cursor, begins
        cursor = max(cursor, ends)
    if cursor < end:
        yield cursor, end


def _reason(span: Span) -> str:
    match span.kind:
        case SpanKind.WITHHELD:
            return WITHHELD
        case SpanKind.NOT_PLANNED:
            return NOT_PLANNED
        case SpanKind.GAP:
            return span.reason or NOT_PLANNED
        case SpanKind.RECORDED:
            return UNREADABLE
