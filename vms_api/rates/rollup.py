"""From what areas and days have to the rates of an area with all below it, its children ranked, and its days. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from pydantic import BaseModel

from vms_api.areas.area import Area, AreaTree
from vms_api.rates.belonging import Belonging
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
    """What was counted of one rate in a window: by area and day, and (of the purposed use) which cameras were used."""

    areas: Sequence[AreaSum]
    uses: Sequence[CameraUse] | None = None

    def of(self, where: Belonging) -> Tally:
        """All that these areas have on their days."""
        if self.uses is not None:
            return used_in_window((one.camera_id, one.tally) for one in self.uses if where.has(one.area_id, one.day))
        total = NOTHING
        for one in self.areas:
            if where.has(one.area_id, one.day):
                total = total.plus(one.tally)
        return total

    def by_day(self, where: Belonging) -> Mapping[date, Tally]:
        """The same day by day."""
        found: defaultdict[str, Tally] = defaultdict(Tally)
        for one in self.areas:
            if where.has(one.area_id, one.day):
                found[one.day] = found[one.day].plus(one.tally)
        return {date.fromisoformat(day): tally for day, tally in found.items()}


def with_below(tree: AreaTree, area: Area) -> frozenset[str]:
    """The area and everything under it."""
    return frozenset(other.id for other in tree.below(area))


def standings(
    children: Iterable[tuple[Area, Belonging, Belonging]],
    rate: Rate,
    now: tuple[Sums, Judging],
    before: tuple[Sums, Judging],
    days: Sequence[date],
) -> list[Standing]:
    """The children ranked; equal values share a rank, those without a number come last.

    With each child comes what lay below it on the days of the window, and of the window `before`.
    """
    rows, of_a_day = [], replace(now[1], counted_share=1.0)
    for area, here, earlier in children:
        daily = now[0].by_day(here)
        value = value_of(rate, now[0].of(here), now[1])
        former = value_of(rate, before[0].of(earlier), before[1])
        rows.append((area, value, former, [value_of(rate, daily.get(day, NOTHING), of_a_day).value for day in days]))
    rows.sort(key=lambda row: (row[1].value is None, -(row[1].value or 0.0), row[0].name))
    ranked = [value.value for _, value, _, _ in rows]
    return [
        Standing(
            area_id=area.id,
            name=area.name,
            kind=area.kind,
            rank=None if value.value is None else ranked.index(value.value) + 1,
            value=value,
            before=former.value,
            change=None if former.value is None or value.value is None else value.value - former.value,
            days=shown,
        )
        for area, value, former, shown in rows
    ]
