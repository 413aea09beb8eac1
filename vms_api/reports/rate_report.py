"""What a report on rates says: an area and a window, its rates, its children ranked, and the days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from vms_api.rates.fact_store import DayVersion
from vms_api.rates.rate import Rate, RateValue
from vms_api.rates.rollup import Standing, TrendPoint
from vms_api.reports.alert_report import Language


@dataclass(frozen=True, slots=True)
class RateReport:
    """All of it, as values. `cameras` are the names of those that something was excluded of."""

    title: str
    area: str
    first: date
    last: date
    made_at: datetime
    time_zone: str
    language: Language
    values: Sequence[RateValue]
    leagues: Mapping[Rate, Sequence[Standing]]
    trends: Mapping[Rate, Sequence[TrendPoint]]
    cameras: Mapping[str, str]
    counted: Sequence[DayVersion]
    min_coverage: float

    @property
    def missing_days(self) -> int:
        """Days of the window that were never counted."""
        return (self.last - self.first).days + 1 - len(self.counted)
