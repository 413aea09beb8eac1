"""What stands of a camera, picture after picture: one odd picture is no fault, and one good one no repair."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from analytics.quality.category import Category
from analytics.quality.finding import Finding, State

Change = tuple[Category, State, State]
"""A category, what it stood at, and what it stands at now."""

WELL_S, ABNORMAL_S, SOONEST_S = 3600.0, 900.0, 300.0
_OK_TIMES = 2  # so many good pictures in a row end a fault
_DOUBTFUL = 72.0  # a score below which a good picture is no proof: nearly at the threshold


@dataclass(frozen=True, slots=True)
class Patience:
    """So many abnormal pictures in a row, and so long from the first to the last of them, make a fault."""

    times: int
    lasting_s: float


_PATIENCE: Final[Mapping[Category, Patience]] = {
    Category.LOSS: Patience(2, 0.0),
    Category.FREEZE: Patience(3, 600.0),
    Category.DARK: Patience(3, 900.0),
    Category.BRIGHT: Patience(3, 1200.0),
    Category.BLUR: Patience(3, 1800.0),
    Category.OCCLUSION: Patience(4, 7200.0),  # a lorry that unloads for an hour is no fault
    Category.CAST: Patience(3, 1800.0),
    Category.SNOW: Patience(3, 1200.0),
    Category.STRIPES: Patience(3, 1200.0),
    Category.SHIFT: Patience(3, 900.0),
    Category.STUTTER: Patience(3, 900.0),
}


@dataclass(frozen=True, slots=True)
class Stand:
    """One category: where it stands, and the pictures in a row, since when, that speak for another state."""

    state: State = State.UNKNOWN
    against: int = 0
    against_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Of one camera. What is not in `stands` has never been judged."""

    stands: Mapping[Category, Stand]

    def state(self, category: Category) -> State:
        """Where a category stands; `unknown` until a first good picture or a whole row of bad ones."""
        return self.stands.get(category, Stand()).state

    def judged(self, findings: Iterable[Finding], at: datetime) -> tuple["Standing", tuple[Change, ...]]:
        """After the findings of one picture taken at that time, with what changed by them.

        Unknown findings count for nothing, neither for nor against.
        """
        stands, changes = dict(self.stands), list[Change]()
        for finding in findings:
            if finding.state is State.UNKNOWN:
                continue
            before = stands.get(finding.category, Stand())
            after = _after(before, finding, at)
            stands[finding.category] = after
            if after.state is not before.state:
                changes.append((finding.category, before.state, after.state))
        return Standing(stands), tuple(changes)

    def rearmed(self, category: Category) -> "Standing":
        """After somebody says it is mended: what is still wrong is told again, as if for the first time."""
        return replace(self, stands={**self.stands, category: Stand()})

    def as_json(self) -> dict[str, Any]:
        """The standing for machines."""
        return {
            category.value: [
                stand.state.value,
                stand.against,
                None if stand.against_since is None else stand.against_since.isoformat(),
            ]
            for category, stand in self.stands.items()
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Standing":
        """The standing of `as_json`.

        Raises:
            ValueError: a category, a state or a time is none.

        """
        return cls(
            {
                Category(category): Stand(
                    State(state), int(against), None if since is None else datetime.fromisoformat(since)
                )
                for category, (state, against, since) in content.items()
            }
        )


NO_STANDING = Standing({})
"""Of a camera that nobody has looked at yet."""


def next_check_s(standing: Standing) -> float:
    """How long to wait for the next picture: an hour when all is well, minutes when something is suspected."""
    waits = (_wait_s(category, stand) for category, stand in standing.stands.items())
    return min(waits, default=WELL_S)


def _wait_s(category: Category, stand: Stand) -> float:
    """Suspicions are looked into no more often than their patience needs."""
    if stand.state is State.ABNORMAL:
        return ABNORMAL_S if stand.against == 0 else SOONEST_S
    patience = _PATIENCE[category]
    return max(patience.lasting_s / max(patience.times - 1, 1), SOONEST_S) if stand.against > 0 else WELL_S


def _after(stand: Stand, finding: Finding, at: datetime) -> Stand:
    if finding.state is State.OK and finding.score is not None and finding.score < _DOUBTFUL and stand != Stand():
        return stand
    if finding.state is stand.state:
        return Stand(stand.state)
    since = at if stand.against_since is None else min(stand.against_since, at)  # clocks are set back
    against = stand.against + 1
    if _is_enough(stand.state, finding, against, (at - since).total_seconds()):
        return Stand(finding.state)
    return Stand(stand.state, against, since)


def _is_enough(state: State, finding: Finding, times: int, lasting_s: float) -> bool:
    if finding.state is State.ABNORMAL:
        patience = _PATIENCE[finding.category]
        return times >= patience.times and lasting_s >= patience.lasting_s
    return state is State.UNKNOWN or times >= _OK_TIMES
