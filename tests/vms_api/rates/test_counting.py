"""Counting a day against an oracle that asks every quarter of an hour, and against figures made by hand."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vms_api.rates import drawn_site as drawn
from tests.vms_api.rates.oracle import DrawnCamera, counted, networked
from vms_api.rates.belonging import Belonging, DaysBelow
from vms_api.rates.camera_day import CameraDay, ExcludedSpan, Ledgered, Limits, Stay, facts_of
from vms_api.rates.day import SiteDay
from vms_api.rates.fact_store import AreaSum
from vms_api.rates.rate import Judging, Rate, Tally, value_of
from vms_api.rates.retention import Kept
from vms_api.rates.rollup import Sums

ZONE = ZoneInfo("Europe/Berlin")
LIMITS = Limits(clock_limit_s=10.0, min_coverage=0.95)
JUDGING = Judging(0.95, {})
HOUR, DAY = 3_600_000_000, 86_400_000_000
TIMED = (Rate.ONLINE, Rate.STREAM_INTACT, Rate.PICTURE_INTACT, Rate.RECORDING)
"""Those that are counted in seconds."""
SPRING, AUTUMN, PLAIN = date(2026, 3, 28), date(2026, 10, 24), date(2026, 6, 1)
"""The days after the first two have 23 and 25 hours on the clocks of Berlin."""


@pytest.mark.parametrize("first", [SPRING, AUTUMN, PLAIN])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_days_add_up_to_what_the_oracle_counts(first: date, data: st.DataObject) -> None:
    """Three days of moved, switched-off, excluded and removed cameras: each area and both together, to the second."""
    edges = [drawn.midnight_s(first + timedelta(days=ahead), ZONE) for ahead in range(4)]
    origin, last = edges[0], edges[3] - edges[0]
    cameras = data.draw(drawn.drawn_cameras(last))
    for camera in cameras:
        camera.off = [span for span in camera.off if span[0] > camera.moves[0][0]]
    known = data.draw(drawn.spans(last))
    sums: dict[Rate, list[AreaSum]] = {rate: [] for rate in (*TIMED, Rate.NETWORKING)}
    for ahead in range(3):
        day = SiteDay.of(first + timedelta(days=ahead), ZONE)
        assert [edges[ahead] * drawn.US, edges[ahead + 1] * drawn.US] == list(day.span)
        read = drawn.histories(cameras, known, origin, day, ZONE)
        placed = [drawn.placements_of(camera, origin, last) for camera in cameras]
        for fact in [fact for own in placed if own for fact in facts_of(read.camera_day(own), LIMITS)]:
            for rate, told in sums.items():
                told.append(AreaSum(fact.area_id, str(day.day), fact.tallies.get(rate, Tally())))
    for areas in ({"north"}, {"south"}, {"north", "south"}):
        belonging = Belonging([DaysBelow("2000-01-01", "2100-01-01", frozenset(areas))])
        for rate in TIMED:
            wanted = [seconds * drawn.US for seconds in counted(cameras, known, (0, last), areas, rate.value)]
            assert list(Sums(sums[rate]).of(belonging)) == wanted, (rate, areas)
        days = [edge - origin for edge in edges]
        assert Sums(sums[Rate.NETWORKING]).of(belonging) == networked(cameras, known, days, areas)


def day_of(**told: object) -> CameraDay:
    """A day from 0 to 24 h in one area, heard and switched on throughout."""
    whole = [(0, DAY)]
    return CameraDay(**{"camera_id": "c", "stays": [Stay("a", (0, DAY))], "known": whole, "enabled": whole, **told})


def test_a_day_by_hand() -> None:
    """Live for 18 h of which the main stream 16 h, frozen for 1 h, recorded for 12 h of 24 h with a break of 2 s."""
    camera = day_of(
        live=[(0, 18 * HOUR)],
        main_live=[(2 * HOUR, 18 * HOUR)],
        broken=[(3 * HOUR, 4 * HOUR)],
        faulty=[(3 * HOUR, 5 * HOUR)],
        diagnosed=[(1 * HOUR, DAY)],
        planned=[(0, DAY)],
        recorded=[(0, 6 * HOUR - 2_000_000), (6 * HOUR, 12 * HOUR), (11 * HOUR, 12 * HOUR)],
        offset_s=-10.0,
        ledgered=Ledgered(20, 25),
        is_used=True,
    )
    (fact,) = facts_of(camera, LIMITS)
    assert fact.tallies[Rate.ONLINE] == (18 * HOUR, DAY, DAY)
    assert fact.tallies[Rate.STREAM_INTACT] == (15 * HOUR, DAY, DAY)
    # 18 h on, of which the diagnosis vouches for 17 h, 2 h of them with a finding; what was off has no picture.
    assert fact.tallies[Rate.PICTURE_INTACT] == (15 * HOUR, 17 * HOUR, 18 * HOUR)
    assert fact.tallies[Rate.RECORDING] == (12 * HOUR, DAY, DAY)
    assert fact.tallies[Rate.CLOCK] == (1, 1, 1)
    assert fact.tallies[Rate.LEDGER] == (20, 25, 25)
    assert fact.tallies[Rate.NETWORKING] == (1, 1, 1)
    assert fact.tallies[Rate.PURPOSED_USE] == (1, 1, 1)


@pytest.mark.parametrize(("known_h", "is_insufficient"), [(22.7, True), (22.8, False)])
def test_too_little_known_is_no_number(known_h: float, is_insufficient: bool) -> None:
    """94.6 % known is insufficient data, 95 % is enough; numerator and denominator are told all the same."""
    heard = [(0, int(known_h * HOUR))]
    (fact,) = facts_of(day_of(known=heard, live=[(0, DAY)]), LIMITS)
    value = value_of(Rate.ONLINE, fact.tallies[Rate.ONLINE], JUDGING)
    assert (value.numerator, value.denominator) == (known_h * 3600, 86400)
    assert value.insufficient is is_insufficient
    assert value.value == (None if is_insufficient else pytest.approx(0.95))


def test_switched_off_is_not_online_unless_approved() -> None:
    """A camera that somebody switched off counts as not online; approved time is left out and listed with who did."""
    dark = day_of(enabled=[(0, 12 * HOUR)], live=[(0, DAY)])
    (fact,) = facts_of(dark, LIMITS)
    assert fact.tallies[Rate.ONLINE] == (12 * HOUR, DAY, DAY)
    overlapping = [ExcludedSpan((12 * HOUR, 20 * HOUR), "power", "Li"), ExcludedSpan((18 * HOUR, DAY), "retired", "Wu")]
    (fact,) = facts_of(day_of(enabled=[(0, 12 * HOUR)], live=[(0, DAY)], excluded=overlapping), LIMITS)
    assert fact.tallies[Rate.ONLINE] == (12 * HOUR, 12 * HOUR, 12 * HOUR)
    assert fact.excluded == (("power", "Li", 8 * HOUR), ("retired", "Wu", 4 * HOUR))


def test_excluded_all_day_is_expected_nowhere() -> None:
    """Nothing is counted of it, and dividing by nothing is no number and no fault."""
    (fact,) = facts_of(day_of(excluded=[ExcludedSpan((0, DAY), "retired", "Li")], offset_s=0.0), LIMITS)
    assert all(tally == (0, 0, 0) for tally in fact.tallies.values())
    value = value_of(Rate.ONLINE, fact.tallies[Rate.ONLINE], JUDGING)
    assert (value.value, value.insufficient, value.coverage) == (None, False, 1.0)


def test_moved_at_noon_counts_to_each() -> None:
    """Twelve hours to each area; what is counted once a day counts to the second one."""
    stays = [Stay("a", (0, 12 * HOUR)), Stay("b", (12 * HOUR, DAY))]
    first, second = facts_of(day_of(stays=stays, live=[(0, 18 * HOUR)], offset_s=0.0), LIMITS)
    assert (first.area_id, first.tallies[Rate.ONLINE]) == ("a", (12 * HOUR, 12 * HOUR, 12 * HOUR))
    assert (second.area_id, second.tallies[Rate.ONLINE]) == ("b", (6 * HOUR, 12 * HOUR, 12 * HOUR))
    assert Rate.CLOCK not in first.tallies
    assert second.tallies[Rate.CLOCK] == (1, 1, 1)


@pytest.mark.parametrize(
    ("oldest_days", "planned_days", "held", "expected"),
    [
        (30, 40, False, Tally(1, 1, 1)),
        (29, 40, False, Tally(1, 1, 1)),
        (28, 40, False, Tally(0, 1, 1)),
        (28, 29, False, Tally(0, 0, 0)),
        (None, 40, False, Tally(0, 1, 1)),
        (92, 200, False, Tally(0, 1, 1)),
        (92, 200, True, Tally(1, 1, 1)),
    ],
)
def test_retention_has_a_floor_and_a_ceiling(
    oldest_days: int | None, planned_days: int, *, held: bool, expected: Tally
) -> None:
    """Floor of 30 days, ceiling of 90, a day of slack; a hold may keep more, a young camera owes nothing yet."""
    at = 400 * DAY
    kept = Kept(
        at, None if oldest_days is None else at - oldest_days * DAY, at - planned_days * DAY, 30 * DAY, 90 * DAY, held
    )
    (fact,) = facts_of(day_of(kept=kept), LIMITS)
    assert fact.tallies[Rate.RETENTION] == expected


def test_unseen_is_unknown() -> None:
    """Nobody looked at clock, ledger and recordings: one camera is expected, none is known."""
    (fact,) = facts_of(day_of(ledgered=Ledgered(None, 25)), LIMITS)
    assert fact.tallies[Rate.CLOCK] == fact.tallies[Rate.RETENTION] == (0, 0, 1)
    assert fact.tallies[Rate.LEDGER] == (0, 0, 25)
    value = value_of(Rate.CLOCK, fact.tallies[Rate.CLOCK], JUDGING)
    assert (value.value, value.insufficient, value.coverage) == (None, True, 0.0)


def test_drawn_camera_reads_as_it_was_drawn() -> None:
    """The rig itself: two moves and a time switched off are four placements."""
    camera = DrawnCamera("c", [(0, "north"), (3600, "south")], off=[(1800, 5400)])
    rows = drawn.placements_of(camera, 0, 7200)
    assert [(row.area_id, row.is_enabled, row.since_us // drawn.US) for row in rows] == [
        ("north", True, 0),
        ("north", False, 1800),
        ("south", False, 3600),
        ("south", True, 5400),
    ]
