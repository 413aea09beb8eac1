"""How good a rule is by what people found. One definition, for a camera's page and for the statistics.

Counted are cards, the first alerts of incidents: what somebody looked at and judged once. A repeat takes the verdict of
its first along, so that counting alerts would let one parked car that was told forty times weigh as forty mistakes.
Duplicates and tests say nothing about a rule, and neither does what nobody has judged.
"""

from collections.abc import Mapping
from typing import NamedTuple

from vms_api.alerts.handling import Verdict


class Judgement(NamedTuple):
    """Cards found true, and found false."""

    true: int
    false: int

    @property
    def total(self) -> int:
        """Those that say something about the rule."""
        return self.true + self.false

    @property
    def precision(self) -> float | None:
        """The share found true; None while none was judged so."""
        return self.true / self.total if self.total else None


def judgement_of(verdicts: Mapping[str, int] | Mapping[Verdict, int]) -> Judgement:
    """From the number of cards by verdict."""
    return Judgement(verdicts.get(Verdict.TRUE, 0), verdicts.get(Verdict.FALSE, 0))
