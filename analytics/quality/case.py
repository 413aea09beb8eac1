"""All that a category's judge may look at."""

from dataclasses import dataclass

from analytics.quality.baseline import Baseline, Usual
from analytics.quality.category import Category
from analytics.quality.features import Features
from analytics.quality.finding import Limit
from analytics.quality.reference import Reference
from analytics.quality.sample import Sample
from analytics.quality.view import View

_DEVIATIONS = 5.0  # mean deviations from what is usual that are still nothing


@dataclass(frozen=True, slots=True)
class Case:
    """One picture that could be measured, with what is known of its camera."""

    sample: Sample
    view: View
    features: Features
    baseline: Baseline
    reference: Reference | None = None

    def usual(self, name: str) -> Usual | None:
        """What is usual of a number at this hour in this light."""
        return self.baseline.usual(name, self.sample.local_hour, self.features.light)

    def above(self, category: Category, usual: Usual, margin: float, floor: float = 0.0) -> Limit:
        """A limit beyond what is usual, by the margin or by the camera's own wavering, and not below the floor."""
        step = max(margin, _DEVIATIONS * usual.spread) * self.baseline.margin(category)
        return Limit(usual.mean, max(usual.mean + step, floor * self.baseline.margin(category)))
