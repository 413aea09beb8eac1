"""The timeline: a partition, whatever the rows say."""

import itertools
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.vms_api.recordings.rows import at
from vms_api.recordings.coverage import JOIN, Run, Span, SpanKind, continued, folded, spans_of
from vms_api.recordings.gap import Gap

MINUTES = st.integers(-20, 80)
RUNS = st.lists(st.tuples(MINUTES, st.integers(0, 40), st.integers(0, 2)), max_size=12)
GAPS = st.lists(st.tuples(MINUTES, st.none() | st.integers(0, 40)), max_size=12)


def runs(*spans: tuple[int, int, int]) -> list[Run]:
    return [Run(at(start), at(start + length), version) for start, length, version in sorted(spans)]


def gaps(*spans: tuple[int, int | None]) -> list[Gap]:
    ordered = sorted(spans, key=lambda span: span[0])
    return [
        Gap(
            id=str(number),
            camera_id="a",
            started_at=at(start),
            ended_at=None if length is None else at(start + length),
            reason="camera-offline",
        )
        for number, (start, length) in enumerate(ordered)
    ]


def told(spans: list[Span]) -> list[tuple[str, float, float]]:
    return [(span.kind, (span.start - at(0)) / at_minute, (span.end - at(0)) / at_minute) for span in spans]


at_minute = timedelta(minutes=1)


def shown(run_spans: list[tuple[int, int, int]], gap_spans: list[tuple[int, int | None]]) -> list[Span]:
    return spans_of(runs(*run_spans), gaps(*gap_spans), at(0), at(60), lambda version: version == 1)


def test_recorded_wins_over_gap_and_gap_over_nothing() -> None:
    """A gap that was announced and then recorded after all is no gap; the rest of it is."""
    spans = shown([(10, 10, 0), (20, 5, 1)], [(5, 30), (50, None)])
    assert told(spans) == [
        ("not-planned", 0, 5),
        ("gap", 5, 10),
        ("recorded", 10, 20),
        ("withheld", 20, 25),
        ("gap", 25, 35),
        ("not-planned", 35, 50),
        ("gap", 50, 60),
    ]


def test_overlaps_are_trimmed_by_start() -> None:
    """After the clock was set back two segments claim one time: the earlier start keeps it."""
    assert told(shown([(0, 30, 0), (20, 20, 1)], [])) == [
        ("recorded", 0, 30),
        ("withheld", 30, 40),
        ("not-planned", 40, 60),
    ]


@given(RUNS, GAPS)
def test_spans_partition_the_range(
    run_spans: list[tuple[int, int, int]], gap_spans: list[tuple[int, int | None]]
) -> None:
    """No instant twice, none left out; each shows what the rows say of it, recorded first."""
    spans = shown(run_spans, gap_spans)
    assert spans[0].start == at(0)
    assert spans[-1].end == at(60)
    assert all(before.end == after.start for before, after in itertools.pairwise(spans))
    assert all(span.duration_s > 0 for span in spans)
    for minute in range(60):
        instant = at(minute + 0.5)
        kind = next(span.kind for span in spans if span.start <= instant < span.end)
        is_recorded = any(run.started_at <= instant < run.ended_at for run in runs(*run_spans))
        is_gap = any(gap.started_at <= instant < gap.end(at(60)) for gap in gaps(*gap_spans))
        expected = {SpanKind.RECORDED, SpanKind.WITHHELD} if is_recorded else {SpanKind.NOT_PLANNED}
        assert kind in ({SpanKind.GAP} if is_gap and not is_recorded else expected)


@given(RUNS, GAPS, st.integers(1, 3000))
def test_folding_loses_no_time_and_no_gap(
    run_spans: list[tuple[int, int, int]], gap_spans: list[tuple[int, int | None]], resolution_s: int
) -> None:
    """Still a partition, with a bounded number of spans, and every gap lies inside a span that is one."""
    spans = shown(run_spans, gap_spans)
    folds = folded(spans, resolution_s)
    assert (folds[0].start, folds[-1].end) == (at(0), at(60))
    assert all(before.end == after.start for before, after in itertools.pairwise(folds))
    assert len(folds) <= 2 * 3600 / resolution_s + 3
    for gap in (span for span in spans if span.kind is SpanKind.GAP):
        assert any(fold.kind is SpanKind.GAP and fold.start <= gap.start and gap.end <= fold.end for fold in folds)


def test_a_short_gap_is_not_blown_up_by_a_long_recording() -> None:
    """A second without recording in a day of it stays small from afar."""
    day = [
        Span(SpanKind.RECORDED, at(0), at(100)),
        Span(SpanKind.GAP, at(100), at(100.5), "too-slow"),
        Span(SpanKind.RECORDED, at(100.5), at(1000)),
    ]
    assert folded(day, 300) == day


def test_what_is_being_written_goes_on_with_what_is_indexed() -> None:
    """Where it is like it and follows at once; all else stands for itself."""
    indexed, newest = Run(at(0), at(10)), Run(at(10) + JOIN, at(11))
    assert continued([indexed], [newest]) == [Run(at(0), at(11))]
    assert continued([], [newest]) == [newest]
    for other in (Run(at(11), at(12)), Run(at(10), at(11), 1), Run(at(10), at(11), event=True)):
        assert continued([indexed], [other]) == [indexed, other]


@given(RUNS, RUNS)
def test_nothing_is_lost_by_going_on(run_spans: list[tuple[int, int, int]], opened: list[tuple[int, int, int]]) -> None:
    """Every minute that a file holds is recorded, in a partition that is still one."""
    spans = spans_of(continued(runs(*run_spans), runs(*opened)), [], at(0), at(60), lambda _version: False)
    recorded = [span for span in spans if span.kind is SpanKind.RECORDED]
    for minute in range(60):
        middle = at(minute) + at_minute / 2
        is_held = any(start <= minute < start + length for start, length, _ in [*run_spans, *opened])
        assert is_held == any(span.start <= middle < span.end for span in recorded)
    assert all(one.end == other.start for one, other in itertools.pairwise(spans))
