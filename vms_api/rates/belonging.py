"""Which areas lay below which on the days of a window. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from vms_api.areas.path_store import PathSpan, lineages_at
from vms_api.rates.day import SiteDay, days_between

Lineages = Mapping[str, tuple[str, ...]]
NOWHERE = frozenset[str]()


class DaysBelow(NamedTuple):
    """The areas of a span of days (ISO 8601, both counted); None: all that there were."""

    first: str
    last: str
    area_ids: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Belonging:
    """Which areas count on which days: spans without a gap, in the order of time."""

    spans: Sequence[DaysBelow]

    @property
    def is_empty(self) -> bool:
        """Whether nothing counts on any day."""
        return all(span.area_ids is not None and not span.area_ids for span in self.spans)

    def has(self, area_id: str, day: str) -> bool:
        """Whether the area counts on that day (ISO 8601)."""
        return any(
            span.first <= day <= span.last and (span.area_ids is None or area_id in span.area_ids)
            for span in self.spans
        )


NEVER = Belonging(())
"""No area on any day."""


@dataclass(frozen=True, slots=True)
class PastTrees:
    """The tree of areas in the days of a window: `lineages` by area in each span of days in which nothing moved."""

    spans: Sequence[tuple[str, str, Lineages]]

    @classmethod
    def of(cls, paths: Sequence[PathSpan], first: date, last: date, zone: ZoneInfo) -> "PastTrees":
        """A day is counted by the tree at its end, as cameras are by where they were last."""
        moves = {later.since_us for one, later in pairwise(paths) if one.area_id == later.area_id}
        spans: list[tuple[str, str, Lineages]] = []
        for day in days_between(first, last):
            start, end = SiteDay.of(day, zone).span
            if not spans or any(start <= at < end for at in moves):
                spans.append((day.isoformat(), day.isoformat(), lineages_at(paths, end)))
            else:
                spans[-1] = (spans[-1][0], day.isoformat(), spans[-1][2])
        return cls(spans)

    def below(self, area_id: str, only: frozenset[str] | None = None) -> Belonging:
        """The area with all that lay below it, of `only` these areas where that is given."""
        return Belonging([DaysBelow(first, last, _below(area_id, told, only)) for first, last, told in self.spans])

    def children(self, area_id: str, only: frozenset[str] | None = None) -> Mapping[str, Belonging]:
        """Each area that lay just below on any of the days, with all that lay below it then, on those days."""
        ids = sorted({id_ for _, _, told in self.spans for id_, path in told.items() if path[-2:-1] == (area_id,)})
        return {id_: self._under(id_, area_id, only) for id_ in ids}

    def _under(self, area_id: str, parent_id: str, only: frozenset[str] | None) -> Belonging:
        return Belonging(
            [
                DaysBelow(first, last, _below(area_id, told, only) if _is_under(told, area_id, parent_id) else NOWHERE)
                for first, last, told in self.spans
            ]
        )


def _is_under(lineages: Lineages, area_id: str, parent_id: str) -> bool:
    return lineages.get(area_id, ())[-2:-1] == (parent_id,)


def _below(area_id: str, lineages: Lineages, only: frozenset[str] | None) -> frozenset[str]:
    found = frozenset(id_ for id_, path in lineages.items() if area_id in path)
    return found if only is None else found & only
