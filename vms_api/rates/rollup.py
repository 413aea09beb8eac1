"""From what areas and days have to the rates of an area with all below it, its children ranked, and its days. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel

from vms_api.areas.area import Area, AreaTree
from vms_api.rates.fact_store import AreaSum, CameraUse
from vms_api.rates.purposed_use import used_in_window
from vms_api.rates.rate import NOTHING, Judging, Rate, RateValue, Tally, value_of


class TrendPoint(BaseModel, frozen=True):
    """A rate on one day."""

    day: date
    value: RateValue


class Standing(BaseModel, frozen=True):
    """An area among its siblings: `rank` 1 is the best, null without a number; `change` against the window before."""

    area_id: str
    name: str
    kind: str
    rank: int | None
    value: RateValue
    before: float | None
    change: float | None
    days: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Sums:
    """What was counted in a window: sums of areas and days, and which cameras were used."""

    areas: Sequence[AreaSum]
    uses: Sequence[CameraUse]

    def of(self, rate: Rate, area_ids: frozenset[str]) -> Tally:
        """All of the rate that these areas have."""
        if rate is Rate.PURPOSED_USE:
            return used_in_window((one.camera_id, one.tally) for one in self.uses if one.area_id in area_ids)
        total = NOTHING
        for one in self.areas:
            if one.rate is rate and one.area_id in area_ids:
                total = total.plus(one.tally)
        return total

    def by_day(self, rate: Rate, area_ids: frozenset[str]) -> Mapping[date, Tally]:
        """The same day by day; of the purposed use there is nothing, as it is not a sum of days."""
        found: defaultdict[str, Tally] = defaultdict(Tally)
        for one in self.areas:
            if one.rate is rate and one.area_id in area_ids:
                found[one.day] = found[one.day].plus(one.tally)
        return {date.fromisoformat(day): tally for day, tally in found.items()}


def with_below(tree: AreaTree, area: Area) -> frozenset[str]:
    """The area and everything under it."""
    return frozenset(other.id for other in tree.below(area))


def standings(
    children: Iterable[tuple[Area, frozenset[str]]],
    rate: Rate,
    sums: tuple[Sums, Sums],
    days: Iterable[date],
    judging: Judging,
) -> list[Standing]:
    """The children ranked; equal values share a rank, those without a number come last. `sums`: now and before."""
    now, before = sums
    shown = list(days)
    rows = []
    for area, area_ids in children:
        daily = now.by_day(rate, area_ids)
        rows.append(
            (
                area,
                value_of(rate, now.of(rate, area_ids), judging),
                value_of(rate, before.of(rate, area_ids), judging).value,
                [value_of(rate, daily.get(day, NOTHING), judging).value for day in shown],
            )
        )
    rows.sort(key=lambda row: (row[1].value is None, -(row[1].value or 0.0), row[0].name))
    values = [value.value for _, value, _, _ in rows]
    return [
        Standing(
            area_id=area.id,
            name=area.name,
            kind=area.kind,
            rank=None if value.value is None else values.index(value.value) + 1,
            value=value,
            before=former,
            change=None if former is None or value.value is None else value.value - former,
            days=daily_values,
        )
        for area, value, former, daily_values in rows
    ]
