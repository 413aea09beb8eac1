"""The short version of `xueliang bench accuracy`: the real chain against the labelled clips and drawn weather."""

from pathlib import Path

import pytest

from analytics.detector import Detector
from analytics.detector_choice import open_detector
from analytics.model import read_catalogue
from analytics.model_store import model_folders
from analytics.settings import AnalyticsSettings
from benchmarks.accuracy import F1_LOSS_LIMIT, judge, real_trials
from benchmarks.accuracy_page import write_page
from benchmarks.drawn_scenes import crossings, emptiness
from benchmarks.event_score import together
from ingest.virtual_camera.weather import Weather

pytestmark = [pytest.mark.footage, pytest.mark.timeout(300)]  # seconds of work; a shared machine may take minutes

_SETTINGS = AnalyticsSettings()


@pytest.fixture(scope="module")
def detector(footage_dir: Path) -> Detector:
    assert footage_dir.is_dir()
    return open_detector(read_catalogue().entry("yolox-nano"), model_folders(), _SETTINGS)


@pytest.fixture(scope="module")
def real(footage_dir: Path, detector: Detector) -> list:
    return [judge(trial, detector, _SETTINGS) for trial in real_trials(footage_dir)]


def test_what_happens_on_the_real_clips_is_told(real: list) -> None:
    """F1 of the labelled events of both clips together."""
    whole = together([outcome for _, _, outcome in real])
    assert len(whole.hits) + len(whole.missed) == 24
    assert whole.f1 >= 1 - F1_LOSS_LIMIT


def test_every_mistake_has_its_picture(real: list, tmp_path: Path) -> None:
    """The page shows each miss and each false alert of the real clips."""
    page = write_page(tmp_path / "report", real).read_text(encoding="utf-8")
    mistakes = sum(len(outcome.missed) + len(outcome.false) for _, _, outcome in real)
    assert mistakes > 0
    assert page.count("<figure>") == mistakes


@pytest.mark.parametrize(
    "weather", [Weather.NOISE, Weather.FLICKER, Weather.LIGHT_SWITCH, Weather.DAY_AND_NIGHT, Weather.INFRARED_SWITCH]
)
def test_light_and_noise_alone_raise_nothing(weather: Weather, detector: Detector) -> None:
    """Neither a rule for named classes nor one for whatever moves; most pictures do not reach the detector."""
    _, analysis, outcome = judge(emptiness(weather, 65.0), detector, _SETTINGS)
    assert outcome.false == ()
    assert analysis.inference_count < 0.2 * len(analysis.updates)


@pytest.mark.parametrize("weather", [Weather.RAIN, Weather.HEADLIGHTS])
def test_what_moves_in_bad_weather_raises_nothing(weather: Weather, detector: Detector) -> None:
    """Streaks and pools of light move and have no substance; they are no vehicle and no person either."""
    _, _, outcome = judge(emptiness(weather, 25.0), detector, _SETTINGS)
    assert outcome.false == ()


def test_drawn_figures_are_told_at_the_moment_they_cross(detector: Detector) -> None:
    """The truth of a drawn scene is exact: what is told is told within a second of it, and nothing else is."""
    _, _, outcome = judge(crossings(Weather.CLEAR, 60.0), detector, _SETTINGS)
    assert outcome.false == ()
    assert outcome.recall >= 0.7
    assert max(outcome.delays_s) < 1.5
