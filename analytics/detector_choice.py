"""Which detector a node runs: the best whose model is there, and an honest reason when it is only a stand-in."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analytics.detector import Detector
from analytics.model import Catalogue
from analytics.settings import AnalyticsSettings


@dataclass(frozen=True, slots=True)
class ChoiceReason:
    """Why it is not the detector one would wish for. `code` is stable and translated by the page."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class DetectorChoice:
    """`fallback` is true when the motion detector stands in for a model that is missing or was refused."""

    detector: Detector
    fallback: bool
    reason: ChoiceReason | None


def select_detector(settings: AnalyticsSettings, catalogue: Catalogue, folders: Sequence[Path]) -> DetectorChoice:
    """Opens the configured detector; "auto" takes the first model of the catalogue that is found and fits."""
    raise NotImplementedError
