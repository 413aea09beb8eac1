"""The account of one camera: whatever happens, each planned second is recorded or missing, never both, never twice."""

from datetime import UTC, datetime, timedelta
from itertools import count, pairwise

from hypothesis import given
from hypothesis import strategies as st

from ingest.camera import CameraId
from ingest.recording.gap import Gap, GapReason
from ingest.recording.gap_ledger import TOLERATED_S, GapLedger, Moment
from ingest.recording.plan import Demand, RecordingMode, RecordingPlan, demand

START = datetime(2026, 1, 1, tzinfo=UTC)
REASONS = (GapReason.CAMERA_OFFLINE, GapReason.NO_KEYFRAME, GapReason.DISK_FULL)


def moment(s: float, wall_offset_s: float = 0.0) -> Moment:
    return Moment(START + timedelta(seconds=s + wall_offset_s), s)


class Told:
    def __init__(self, open_gap: Gap | None = None) -> None:
        self.gaps: dict[str, Gap] = {}
        numbers = count()
        self.ledger = GapLedger(CameraId("cam"), lambda: str(next(numbers)), self.take, open_gap)

    def take(self, gap: Gap) -> None:
        known = self.gaps.get(gap.id)
        assert known is None or (known.ended_at is None and known.started_at == gap.started_at)
        self.gaps[gap.id] = gap

    def spans(self) -> list[tuple[float, float]]:
        """Start and end of each gap in seconds, in order."""
        return sorted(
            ((gap.started_at - START).total_seconds(), ((gap.ended_at or START) - START).total_seconds())
            for gap in self.gaps.values()
        )


steps = st.lists(st.tuples(st.sampled_from(["record", *REASONS]), st.floats(0.05, 8.0)), min_size=1, max_size=30)


@given(steps)
def test_recorded_and_missing_make_up_the_whole(steps: list[tuple[str | GapReason, float]]) -> None:
    """No second is both, none is neither but for breaks up to the tolerance."""
    told, now = Told(), 0.0
    told.ledger.plan(moment(0))
    recorded: list[tuple[float, float]] = []
    for what, length in steps:
        if what == "record":
            recorded.append((now, now + length))
            told.ledger.cover(moment(now), moment(now + length))
        else:
            for tick in range(1, 9):
                told.ledger.check(moment(now + length * tick / 8), what)
        now += length
    told.ledger.unplan(moment(now))
    spans = sorted([*recorded, *told.spans()])
    for before, after in pairwise(spans):
        assert after[0] >= before[1] - 1e-5
        assert after[0] - before[1] <= TOLERATED_S + 1e-5
    covered = sum(end - start for start, end in spans)
    assert now - covered <= (TOLERATED_S + 1e-5) * (len(spans) + 1)


@given(steps, st.lists(st.floats(-5000, 5000), min_size=30, max_size=30))
def test_gaps_never_overlap_whatever_the_wall_clock_does(
    steps: list[tuple[str | GapReason, float]], offsets: list[float]
) -> None:
    """Nor do they end before they begin."""
    told, now = Told(), 0.0
    told.ledger.plan(moment(0))
    for (what, length), offset in zip(steps, offsets, strict=False):
        if what == "record":
            told.ledger.cover(moment(now, offset), moment(now + length, offset))
        else:
            told.ledger.check(moment(now + length, offset), what)
        now += length
    told.ledger.unplan(moment(now))
    spans = told.spans()
    assert all(start <= end for start, end in spans)
    assert all(after[0] >= before[1] for before, after in pairwise(spans))


def test_what_did_not_reach_the_disk_is_missing_after_all() -> None:
    """The gap begins where the file ends, not where the failure was noticed."""
    told = Told()
    told.ledger.plan(moment(0))
    told.ledger.cover(moment(0), moment(10))
    told.ledger.retract(moment(7), GapReason.DISK_ERROR)
    told.ledger.cover(moment(12), moment(20))
    (gap,) = told.gaps.values()
    assert (told.spans(), gap.reason) == ([(7.0, 12.0)], GapReason.DISK_ERROR)


def test_a_gap_of_before_a_restart_goes_on_and_ends() -> None:
    """Under its old id."""
    left = Gap("left", CameraId("cam"), START, None, GapReason.CAMERA_OFFLINE)
    told = Told(left)
    told.ledger.plan(moment(50))
    told.ledger.check(moment(51), GapReason.CAMERA_OFFLINE)
    told.ledger.cover(moment(60), moment(61))
    assert told.gaps["left"].ended_at == START + timedelta(seconds=60)
    assert len(told.gaps) == 1


def test_another_reason_begins_another_gap_at_that_moment() -> None:
    """Nothing is lost between the two."""
    told = Told()
    told.ledger.plan(moment(0))
    told.ledger.check(moment(5), GapReason.CAMERA_OFFLINE)
    told.ledger.check(moment(9), GapReason.DISK_FULL)
    told.ledger.unplan(moment(12))
    assert told.spans() == [(0.0, 9.0), (9.0, 12.0)]


class Week:
    def __init__(self, *, is_on: bool) -> None:
        self.is_on = is_on

    def is_armed(self, _at: datetime) -> bool:
        return self.is_on


@given(st.sampled_from(RecordingMode), st.booleans(), st.booleans())
def test_what_a_plan_asks_for(mode: RecordingMode, is_armed: bool, is_event: bool) -> None:
    """Continuous always; scheduled in its hours; event in its hours, and from memory until something happens."""
    asked = demand(RecordingPlan(CameraId("cam"), mode, Week(is_on=is_armed)), START, is_event=is_event)
    expected = {
        RecordingMode.CONTINUOUS: Demand.RECORD,
        RecordingMode.SCHEDULED: Demand.RECORD if is_armed else Demand.NOTHING,
        RecordingMode.EVENT: Demand.NOTHING if not is_armed else Demand.RECORD if is_event else Demand.STANDBY,
    }
    assert asked is expected[mode]
    assert demand(None, START, is_event=is_event) is Demand.NOTHING
