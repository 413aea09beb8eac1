"""The verdict on one category."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from analytics.quality.category import Category

ABNORMAL_BELOW = 60.0
"""The score at the threshold."""


class State(StrEnum):
    """Three, not two: who cannot judge says so."""

    OK = "ok"
    ABNORMAL = "abnormal"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """`score` is 100 where all is as usual and below 60 exactly where the state is abnormal; None where unknown.

    `value`, `threshold` and `usual` are in the category's own unit (its file says which); None where not measured.
    `confidence` is 0 to 1. `reason` is a short key such as `as-usual`, `no-baseline`, `infrared`.
    """

    category: Category
    state: State
    score: float | None
    value: float | None
    threshold: float | None
    usual: float | None
    confidence: float
    reason: str

    def as_json(self) -> dict[str, Any]:
        """The finding for machines."""
        return {
            "category": self.category.value,
            "state": self.state.value,
            "score": _rounded(self.score, 1),
            "value": _rounded(self.value, 4),
            "threshold": _rounded(self.threshold, 4),
            "usual": _rounded(self.usual, 4),
            "confidence": round(self.confidence, 2),
            "reason": self.reason,
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Finding":
        """The finding of `as_json`.

        Raises:
            KeyError: something is missing.
            ValueError: a category or state is unknown.

        """
        return cls(
            Category(content["category"]),
            State(content["state"]),
            score=_number(content["score"]),
            value=_number(content["value"]),
            threshold=_number(content["threshold"]),
            usual=_number(content["usual"]),
            confidence=float(content["confidence"]),
            reason=str(content["reason"]),
        )


def unknown(category: Category, reason: str, value: float | None = None) -> Finding:
    """A finding of one who cannot judge."""
    return Finding(category, State.UNKNOWN, None, value, None, None, 0.0, reason)


@dataclass(frozen=True, slots=True)
class Limit:
    """Where a category's value is `usual` and from which `threshold` on, on the far side of it, it is abnormal."""

    usual: float
    threshold: float

    def excess(self, value: float) -> float:
        """0 as usual or better, 1 at the threshold, more beyond."""
        return max((value - self.usual) / (self.threshold - self.usual), 0.0)


def judged(category: Category, value: float, limit: Limit, reason: str, confidence: float = 1.0) -> Finding:
    """The finding of a value against its limit; `reason` is told where it is abnormal."""
    excess = limit.excess(value)
    is_abnormal = excess > 1.0
    return Finding(
        category,
        State.ABNORMAL if is_abnormal else State.OK,
        score_of(excess),
        value,
        limit.threshold,
        limit.usual,
        confidence * (1.0 - math.exp(-4.0 * abs(excess - 1.0))),
        reason if is_abnormal else "as-usual",
    )


def score_of(excess: float) -> float:
    """100 at an excess of 0, 60 at 1, towards 0 beyond; never rises with the excess."""
    if excess <= 1.0:
        return 100.0 - (100.0 - ABNORMAL_BELOW) * excess
    return ABNORMAL_BELOW * math.exp(1.0 - min(excess, 50.0))


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _rounded(value: float | None, places: int) -> float | None:
    return None if value is None else round(value, places)
