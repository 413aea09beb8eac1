"""Statistics against an oracle that counts each figure by going through all alerts anew."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vms_api.alerts.lifecycle import AlertState
from vms_api.reports.alert_tally import AlertFact, AlertFigures, AlertTally, GroupBy, percentile

SHANGHAI = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 11, 20, 12, tzinfo=UTC)
DONE = {"RESOLVED", "CLOSED"}


def to_us(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000)


@st.composite
def facts(draw: st.DrawFn) -> AlertFact:
    raised = START + timedelta(seconds=draw(st.integers(0, 4 * 86400)))
    state = draw(st.sampled_from(AlertState))
    late = st.one_of(st.none(), st.integers(-50, 5000).map(lambda s: to_us(raised + timedelta(seconds=s))))
    place = draw(st.integers(0, 2))
    return AlertFact(
        rule_id=f"r{place}",
        rule_name=f"rule {place}",
        camera_id=f"c{place // 2}",
        camera_name=f"camera {place // 2}",
        centre_id=draw(st.sampled_from(["t", None])),
        centre_name="Township",
        raised_us=to_us(raised),
        acknowledged_us=None if state is AlertState.NEW else draw(late),
        resolved_us=draw(late) if state in DONE else None,
        state=state.value,
        verdict=draw(st.sampled_from([None, "true", "false", "duplicate", "test"])),
        is_overdue=draw(st.booleans()),
        is_card=draw(st.booleans()),
    )


KEYS: dict[GroupBy, Callable[[AlertFact], str]] = {
    "rule": lambda fact: fact.rule_id,
    "camera": lambda fact: fact.camera_id,
    "centre": lambda fact: fact.centre_id or "",
    "day": lambda fact: str(datetime.fromtimestamp(fact.raised_us / 1e6, SHANGHAI).date()),
}


def measured(fact: AlertFact) -> bool:
    ends = [fact.acknowledged_us, fact.resolved_us if fact.state in DONE else None]
    wrong = any(end is not None and end < fact.raised_us for end in ends)
    return fact.is_card and fact.verdict not in {"test", "duplicate"} and not wrong


def rank(values: Sequence[float], share: Fraction) -> float | None:
    """By the definition: the least value that is not below so large a part of all."""
    fits = [value for value in values if sum(other <= value for other in values) >= share * len(values)]
    return min(fits, default=None)


def check(figures: AlertFigures, own: Sequence[AlertFact]) -> None:
    cards = [fact for fact in own if fact.is_card]
    assert figures.raised == len(own)
    assert figures.cards == len(cards)
    assert figures.acknowledged == len([fact for fact in cards if fact.state != "NEW"])
    assert figures.resolved == len([fact for fact in cards if fact.state in DONE])
    assert figures.closed == len([fact for fact in cards if fact.state == "CLOSED"])
    assert figures.open == figures.cards - figures.resolved
    assert figures.overdue == len([fact for fact in cards if fact.is_overdue])
    assert figures.duplicate == len([fact for fact in own if fact.verdict == "duplicate"])
    for name in ("true", "false", "test"):
        assert getattr(figures, name) == len([fact for fact in cards if fact.verdict == name])
    judged = figures.true + figures.false
    assert (figures.false_share.numerator, figures.false_share.denominator) == (figures.false, judged)
    assert figures.false_share.share == (figures.false / judged if judged else None)
    taken = [(f.acknowledged_us - f.raised_us) / 1e6 for f in own if measured(f) and f.acknowledged_us is not None]
    done = [
        (f.resolved_us - f.raised_us) / 1e6
        for f in own
        if measured(f) and f.state in DONE and f.resolved_us is not None
    ]
    for times, values in ((figures.acknowledge, taken), (figures.resolve, done)):
        assert times.count == len(values)
        assert (times.p50_s, times.p90_s) == (rank(values, Fraction(1, 2)), rank(values, Fraction(9, 10)))


@given(st.lists(facts(), max_size=40), st.sampled_from(["rule", "camera", "centre", "day"]), st.integers(1, 10))
def test_every_figure_is_what_is_counted_by_hand(alerts: list[AlertFact], by: GroupBy, piece: int) -> None:
    """For each group and for all together, however the alerts were cut into pieces."""
    tally = AlertTally(by, SHANGHAI)
    for start in range(0, len(alerts), piece):
        tally.add(alerts[start : start + piece])
    groups = {figures.key: figures for figures in tally.items()}
    assert set(groups) == {KEYS[by](fact) for fact in alerts}
    for key, figures in groups.items():
        check(figures, [fact for fact in alerts if KEYS[by](fact) == key])
    check(tally.total(), alerts)
    left_out = tally.exclusions()
    assert sum(left_out.model_dump().values()) == len([fact for fact in alerts if not measured(fact)])


def test_of_nothing_there_are_no_figures() -> None:
    """A share of nothing is none, and neither is a median of nothing nought."""
    total = AlertTally("rule", SHANGHAI).total()
    assert (total.raised, total.false_share.share, total.acknowledge.p50_s, total.resolve.count) == (0, None, None, 0)


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([], 50, None),
        ([7.0], 90, 7.0),
        ([1.0, 2.0], 50, 1.0),
        ([1.0, 2.0, 3.0], 50, 2.0),
        ([*map(float, range(1, 11))], 90, 9.0),
    ],
)
def test_the_nearest_rank(values: list[float], percent: int, expected: float | None) -> None:
    """The value itself and nothing between two."""
    assert percentile(values, percent) == expected


def test_days_are_those_of_the_site() -> None:
    """An alert at 17:00 UTC is of the next day in Shanghai."""
    tally = AlertTally("day", SHANGHAI)
    late = datetime(2026, 11, 20, 17, tzinfo=UTC)
    fact = AlertFact("r", "", "c", "", None, None, to_us(late), None, None, "NEW", None, is_overdue=False, is_card=True)
    tally.add([fact])
    (day,) = tally.items()
    assert day.key == "2026-11-21"
    assert day.window is not None
    assert (day.window.since, day.window.until) == (late - timedelta(hours=1), late + timedelta(hours=23))
