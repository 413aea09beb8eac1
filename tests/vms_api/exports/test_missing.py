"""What an export says it does not hold."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.segment import STARTED_AT
from vms_api.exports.missing import SHORTEST, foreseen, left_out
from vms_api.recordings.coverage import Span, SpanKind


def after(seconds: float) -> datetime:
    return STARTED_AT + timedelta(seconds=seconds)


def span(kind: SpanKind, start_s: float, end_s: float, reason: str | None = None) -> Span:
    return Span(kind, after(start_s), after(end_s), reason)


SPANS = [
    span(SpanKind.RECORDED, 0, 20),
    span(SpanKind.GAP, 20, 50, "disk-full"),
    span(SpanKind.RECORDED, 50, 60),
    span(SpanKind.GAP, 60, 61, "camera-silent"),
    span(SpanKind.WITHHELD, 61, 80),
    span(SpanKind.NOT_PLANNED, 80, 90),
]


def told(missing) -> list[tuple[float, float, str]]:
    return [((m.start - STARTED_AT).total_seconds(), (m.end - STARTED_AT).total_seconds(), m.reason) for m in missing]


def test_what_is_known_to_be_missing_is_foreseen() -> None:
    """Each span with its reason, but not a blink."""
    assert told(foreseen("gate", SPANS)) == [(20, 50, "disk-full"), (61, 80, "withheld"), (80, 90, "not-planned")]


def test_what_was_not_built_is_said() -> None:
    """A file that the index has and nobody could read is unreadable; the first picture may come a moment late."""
    shown = [(after(0.9), after(10)), (after(50), after(60.2))]
    assert told(left_out("gate", SPANS, shown)) == [
        (10, 20, "unreadable"),
        (20, 50, "disk-full"),
        (60.2, 61, "camera-silent"),
        (61, 80, "withheld"),
        (80, 90, "not-planned"),
    ]
    assert left_out("gate", [], shown) == []


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(0, 90)).map(sorted), max_size=6))
def test_shown_and_missing_make_the_whole(intervals: list[list[int]]) -> None:
    """Every second is shown, missing with a reason, or in a hole too short to be one."""
    shown = [(after(start), after(end)) for start, end in intervals]
    missing = left_out("gate", SPANS, shown)
    for second in range(90):
        middle = after(second + 0.5)
        is_shown = any(start <= middle < end for start, end in shown)
        is_missing = any(m.start <= middle < m.end for m in missing)
        assert not (is_shown and is_missing)
        if not is_shown and not is_missing:
            before = max((end for _start, end in shown if end <= middle), default=after(0))
            behind = min((start for start, _end in shown if start > middle), default=after(90))
            assert behind - before < SHORTEST
