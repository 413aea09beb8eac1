"""Whether a model's twin in fewer bits runs in its place: where it is quicker, and as good as it was seen to be."""

from dataclasses import dataclass
from enum import StrEnum

from analytics.effort import Effort
from analytics.model import ModelEntry, Twin

AGREEMENT = 0.95
"""Of the boxes that one of the two is sure of, so many must be told by the other as well, both ways.

Between what good rounding reached here (0.985 and more) and poor one (0.86 to 0.95); docs/accuracy.md has both.
"""
LEAST_OBJECTS = 50
"""Fewer say nothing about the agreement."""
QUICKER = 0.85
"""More of the full model's time than this is not worth another rounding."""


class TwinCode(StrEnum):
    """What became of a twin. The words are stable: the page translates them."""

    TAKEN = "twin-taken"
    NOT_QUICKER = "twin-not-quicker"
    INEXACT = "twin-inexact"
    OUTDATED = "twin-outdated"
    """Compared with another file, or on another processor."""
    UNUSABLE = "twin-unusable"
    """Its file is missing or not the right one, or nothing here runs it."""


@dataclass(frozen=True, slots=True)
class TwinVerdict:
    """Whether the twin is taken, and why; the text is for a technician."""

    code: TwinCode
    text: str


def standing(entry: ModelEntry, twin: Twin, processor: str) -> TwinVerdict | None:
    """Why the comparison does not hold for this model on this processor; None when it does."""
    if (twin.sha256, twin.processor) != (entry.sha256, processor):
        return TwinVerdict(TwinCode.OUTDATED, f"compared with another file, or on {twin.processor}")
    if not is_exact(twin):
        return TwinVerdict(TwinCode.INEXACT, agreement_text(twin))
    return None


def is_exact(twin: Twin) -> bool:
    """Whether enough was seen, and enough of it the same."""
    return twin.objects >= LEAST_OBJECTS and min(twin.kept, twin.confirmed) >= AGREEMENT


def compared(full: Effort, twin: Effort) -> TwinVerdict:
    """Which of the two runs here: the best way of running the full model, or the twin's.

    A larger input counts for more than time, because a smaller one sees less.
    """
    text = f"{twin.cpu_ms:.1f} ms at {twin.share:.0%} of the input, {full.cpu_ms:.1f} ms at {full.share:.0%} in full"
    is_better = twin.share > full.share or (twin.share == full.share and twin.cpu_ms <= QUICKER * full.cpu_ms)
    return TwinVerdict(TwinCode.TAKEN if is_better else TwinCode.NOT_QUICKER, text)


def agreement_text(twin: Twin) -> str:
    """The comparison's figures for a person."""
    return (
        f"{twin.kept:.1%} of {twin.objects} objects kept, {twin.confirmed:.1%} of its own confirmed "
        f"({twin.pictures} pictures); at least {AGREEMENT:.0%} of {LEAST_OBJECTS} are wanted"
    )
