"""When disks are full: reckoned by hand."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vms_api.overview.storage_forecast import Limits, StorageForecast, Written, forecast
from vms_api.recordings.volume import VolumeState

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
DAY = timedelta(days=1)
TB, GB = 10**12, 10**9
LIMITS = Limits(quota_bytes=None, reserve_bytes=0, floor=30 * DAY, ceiling=90 * DAY)


def volume(free: int | None, used: int | None) -> VolumeState:
    return VolumeState(name="disk", state="ok", free_bytes=free, used_bytes=used, at=NOW)


def told(
    free: int | None, used: int | None, a_day: int, limits: Limits = LIMITS, oldest: timedelta = 5 * DAY
) -> StorageForecast:
    return forecast(volume(free, used), limits, Written(a_day, NOW - DAY, NOW, NOW - oldest, NOW))


def test_a_disk_that_fills_up() -> None:
    """900 GB at 100 GB a day last nine days; with the 500 GB that are there it holds fourteen, of thirty needed."""
    found = told(900 * GB, 500 * GB, 100 * GB)
    assert found.full_at == NOW + 9 * DAY
    assert (found.holds_days, found.needed_days, found.enough) == (14, 30, False)
    assert found.per_day_bytes == 100 * GB


def test_a_disk_that_never_fills_up() -> None:
    """What is ninety days old goes before there is no room: 100 days of room, the oldest is five days old."""
    found = told(10 * TB, 500 * GB, 100 * GB)
    assert (found.full_at, found.enough) == (None, True)
    assert found.holds_days == 105


def test_old_recordings_make_room_in_time() -> None:
    """In three days the oldest are ninety days old; the room would last for ten."""
    assert told(1 * TB, 9 * TB, 100 * GB, oldest=87 * DAY).full_at is None


def test_reserve_and_quota_are_no_room() -> None:
    """300 GB free, 100 of them in reserve, and the quota leaves 50: half a day at 100 GB a day."""
    limits = Limits(quota_bytes=550 * GB, reserve_bytes=100 * GB, floor=30 * DAY, ceiling=90 * DAY)
    found = told(300 * GB, 500 * GB, 100 * GB, limits)
    assert (found.room_bytes, found.full_at) == (50 * GB, NOW + DAY / 2)


def test_the_first_hours_count_for_what_they_are() -> None:
    """10 GB in the first two hours are 120 GB a day."""
    assert told(900 * GB, 10 * GB, 10 * GB, oldest=timedelta(hours=2)).per_day_bytes == 120 * GB


@pytest.mark.parametrize(
    "found",
    [
        told(None, None, 100 * GB),
        told(900 * GB, 5, 5, oldest=timedelta(minutes=1)),
        told(900 * GB, 0, 0),
        forecast(volume(900 * GB, 0), LIMITS, Written(0, NOW - DAY, NOW, None, None)),
    ],
)
def test_nothing_is_made_up(found: StorageForecast) -> None:
    """Unknown figures, a minute of recording, nothing recorded: no forecast, and no claim that it is enough."""
    assert (found.full_at, found.holds_days, found.enough) == (None, None, None)


def test_a_disk_that_stands_by() -> None:
    """Nothing was written to it for two hours: what was written this morning is no measure of days to come."""
    for ago, is_idle in ((timedelta(minutes=59), False), (timedelta(hours=2), True)):
        found = forecast(volume(900 * GB, 5), LIMITS, Written(GB, NOW - DAY, NOW, NOW - 5 * DAY, NOW - ago))
        assert found.idle is is_idle
        assert (found.holds_days is None) is is_idle


@given(st.integers(0, 10 * TB), st.integers(0, 10 * TB), st.integers(1, TB), st.integers(0, TB), st.integers(1, 120))
def test_a_forecast_lies_ahead_and_more_room_is_never_worse(
    free: int, used: int, a_day: int, more: int, age_days: int
) -> None:
    """Whatever the figures are."""
    poor, rich = (told(free + extra, used, a_day, oldest=age_days * DAY) for extra in (0, more))
    assert poor.full_at is None or poor.full_at >= NOW
    assert rich.full_at is None or (poor.full_at is not None and rich.full_at >= poor.full_at) or more == 0
    assert poor.holds_days is not None
    assert rich.holds_days is not None
    assert rich.holds_days >= poor.holds_days
