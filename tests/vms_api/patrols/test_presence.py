"""What the server believes of somebody's presence, whatever is reported."""

from hypothesis import given
from hypothesis import strategies as st

from vms_api.patrols.presence import INPUT_LASTS_S, MOST_GAP_S, Presence, Report, arrived, heard

flags = st.booleans()
reports = st.builds(Report, flags, flags, flags)
gaps = st.floats(min_value=0, max_value=3 * MOST_GAP_S, allow_nan=False)
told = st.lists(st.tuples(gaps, reports), max_size=30)
THERE = Report(visible=True, playing=True, touched=True)


def counted(steps: list[tuple[float, Report]]) -> list[tuple[float, float, Report, Presence]]:
    """Time, seconds since the one before, report and count after it, of each step after an arrival at 100 s."""
    now_s, presence, found = 100.0, arrived(0.0, 0.0, 100.0), []
    for gap_s, report in steps:
        now_s += gap_s
        presence = heard(presence, report, now_s)
        found.append((now_s, gap_s, report, presence))
    return found


@given(told)
def test_no_more_is_counted_than_passed(steps: list[tuple[float, Report]]) -> None:
    """Each report counts at most the time since the one before, and nothing after a gap; the count never falls."""
    present_s = attended_s = 0.0
    for _now_s, gap_s, report, presence in counted(steps):
        more_s, more_attended_s = presence.present_s - present_s, presence.attended_s - attended_s
        assert -1e-9 <= more_s <= more_attended_s + 1e-9 <= gap_s + 2e-9
        if gap_s > MOST_GAP_S or not report.visible:
            assert (more_s, more_attended_s) == (0, 0)
        if not report.playing:
            assert more_s == 0
        present_s, attended_s = presence.present_s, presence.attended_s


@given(told, st.integers(min_value=1, max_value=9))
def test_asking_faster_counts_no_more(steps: list[tuple[float, Report]], times: int) -> None:
    """The same report many times at the same moment is worth as much as once."""
    repeated = [(gap_s if n == 0 else 0.0, report) for gap_s, report in steps for n in range(times)]
    once, often = counted(steps), counted(repeated)
    if once:
        assert often[-1][3].present_s <= once[-1][3].present_s + 1e-9


@given(st.lists(st.tuples(gaps, st.builds(Report, flags, flags, st.just(value=False))), max_size=60))
def test_nobody_sits_there_without_a_touch(steps: list[tuple[float, Report]]) -> None:
    """Without any input after the arrival no more than a minute counts."""
    assert all(presence.attended_s <= INPUT_LASTS_S for *_rest, presence in counted(steps))


def test_ten_seconds_of_looking_are_ten_seconds() -> None:
    """By hand: the picture plays from 2 s on, and what is between two playing reports counts."""
    found = [presence for *_rest, presence in counted([(2.0, THERE)] * 6)]
    assert [(presence.present_s, presence.attended_s) for presence in found] == [
        (0, 2),
        (2, 4),
        (4, 6),
        (6, 8),
        (8, 10),
        (10, 12),
    ]


def test_a_lost_screen_counts_nothing_of_the_time_between() -> None:
    """After a gap, or a restart, the count goes on from where it was, with the second report."""
    presence = Presence(present_s=7.0, attended_s=9.0)
    presence = heard(presence, THERE, 500.0)
    assert (presence.present_s, presence.attended_s) == (7, 9)
    assert heard(presence, THERE, 502.0).present_s == 9
    assert heard(presence, THERE, 500.0 + MOST_GAP_S + 0.1).present_s == 7
    assert heard(presence, THERE, 490.0).present_s == 7
