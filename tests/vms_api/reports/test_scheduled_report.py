"""Which days a scheduled report is of."""

from datetime import date

import pytest

from vms_api.reports.scheduled_report import Period, last_period


@pytest.mark.parametrize(
    ("period", "today", "first", "last"),
    [
        ("day", "2026-03-01", "2026-02-28", "2026-02-28"),
        ("week", "2026-11-22", "2026-11-09", "2026-11-15"),  # a Sunday: its own week is not over
        ("week", "2026-11-23", "2026-11-16", "2026-11-22"),
        ("month", "2026-11-30", "2026-10-01", "2026-10-31"),
        ("month", "2027-01-01", "2026-12-01", "2026-12-31"),
        ("month", "2028-03-01", "2028-02-01", "2028-02-29"),
    ],
)
def test_a_report_is_of_the_latest_period_that_is_over(period: Period, today: str, first: str, last: str) -> None:
    """Whole days, weeks from Monday on, months of any length, across years."""
    days = tuple(day.isoformat() for day in last_period(period, date.fromisoformat(today)))
    assert days == (first, last)
