"""What follows from one look at a camera's pictures: pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from analytics.quality.category import Category
from vms_api.diagnosis.verdict import QualityFinding, QualityReport, QualityState
from vms_api.tickets.cause import Cause, Severity

SEVERITIES: Mapping[Category, Severity] = MappingProxyType(
    {
        Category.LOSS: "high",
        Category.FREEZE: "high",
        Category.DARK: "medium",
        Category.BRIGHT: "low",
        Category.BLUR: "medium",
        Category.OCCLUSION: "high",
        Category.CAST: "low",
        Category.SNOW: "medium",
        Category.STRIPES: "medium",
        Category.SHIFT: "medium",
        Category.STUTTER: "low",
    }
)
"""How bad a fault is for its ticket: high where nothing of the place is seen."""

_MORNING, _EVENING = 9, 16


@dataclass(frozen=True, slots=True)
class Outcome:
    """Categories that have become abnormal, those that are well again, and how the camera is as a whole."""

    begun: Sequence[QualityFinding]
    ended: Sequence[QualityFinding]
    state: QualityState


def outcome_of(report: QualityReport, faults: Collection[Category]) -> Outcome:
    """What is new in the report against the categories that were abnormal so far.

    A fault ends when its category is well again. What cannot be judged, or is just being judged anew, ends nothing.
    """
    begun = [one for one in report.findings if one.standing is QualityState.ABNORMAL and one.category not in faults]
    ended = [one for one in report.findings if one.standing is QualityState.OK and one.category in faults]
    return Outcome(begun, ended, report.state)


def cause_of(category: Category) -> Cause:
    """The cause of a ticket about that category."""
    return Cause(f"quality-{category.value}")


def facts_of(finding: QualityFinding) -> dict[str, str | float]:
    """What a ticket tells of the finding: how far the picture is from what is usual."""
    numbers = ("score", "value", "threshold", "usual", "confidence")
    facts: dict[str, str | float] = {
        name: round(number, 3) for name in numbers if (number := getattr(finding, name)) is not None
    }
    return facts | ({"reason": finding.reason} if finding.reason else {})


def is_proposal(report: QualityReport, zone: ZoneInfo) -> bool:
    """Whether the picture may be proposed to show how the camera should point: a good one, by daylight."""
    hour = _local(report.checked_at, zone).hour
    return report.picture is not None and report.is_good and _MORNING <= hour < _EVENING


def _local(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone)
