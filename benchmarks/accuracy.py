"""accuracy: alerts against what happened, on real clips labelled by eye, drawn scenes and drawn weather."""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from analytics.detector import Detector
from analytics.detector_choice import open_detector
from analytics.model import read_catalogue
from analytics.model_store import local_folders, model_folders
from analytics.settings import AnalyticsSettings
from benchmarks.accuracy_page import write_page
from benchmarks.analysed_footage import Analysis, analyse, footage
from benchmarks.drawn_scenes import (
    ANY_GROUND,
    EMPTY_WEATHERS,
    FIGURE_WEATHERS,
    NAMED_GROUND,
    crossings,
    emptiness,
    parked,
    weathered,
)
from benchmarks.event_score import Score, score, together
from benchmarks.gate_recall import kept_tracks
from benchmarks.labelled_scene import LABELS, Trial, read_labels
from benchmarks.report import Figure, Report, percentile
from ingest.virtual_camera.weather import Weather
from ingest.virtual_camera.weather_look import STANDARD_SEED

F1_LOSS_LIMIT = 0.1
FALSE_PER_HOUR_LIMIT = 0.2
LOST_TRACKS_LIMIT = 0.02
INFERENCES_LIMIT = 0.4
_EMPTY_S = 450.0  # of each weather: eight of them are an hour
_FIGURES_S = 60.0
_STOPS_S = 7.0  # the first car of the car park is wholly in view
_PARKED_S = 1800.0
_HELD_OUT_SEED = 101  # no parameter of the analysis was chosen on its looks
_MODEL = "yolox-nano"

Result = tuple[Trial, Analysis, Score]


def measure(folder: Path | None = None) -> Report:
    """Everything; with a folder, the page with a picture of each mistake is written there."""
    settings = AnalyticsSettings()
    detector = open_detector(read_catalogue().entry(_MODEL), model_folders(), settings)
    real = [judge(trial, detector, settings) for trial in real_trials(media_folder())]
    drawn = [judge(crossings(weather, _FIGURES_S), detector, settings) for weather in FIGURE_WEATHERS]
    wet = [judge(weathered(trial, Weather.RAIN, _HELD_OUT_SEED), detector, settings) for trial, _, _ in real]
    empty, held_out = (
        [judge(emptiness(weather, _EMPTY_S, seed), detector, settings) for weather in EMPTY_WEATHERS]
        for seed in (STANDARD_SEED, _HELD_OUT_SEED)
    )
    car_park = partial(footage, media_folder() / "car-park.mp4")
    standing = analyse(parked(car_park, _STOPS_S, _PARKED_S).frames(), (ANY_GROUND,), detector, settings)
    if folder is not None:
        write_page(folder, [*real, *wet, *drawn, *empty, *held_out])
    return Report(
        "accuracy",
        [
            *_real_figures(real),
            *gate_figures(real, detector),
            Figure("parked car: alerts in 30 min beside the one", abs(len(standing.alerts) - 1), "alerts", 0),
            Figure("real clips in drawn rain: 1 - F1 of events", 1 - together([one for _, _, one in wet]).f1, ""),
            *_empty_figures("weather", empty),
            *_empty_figures("weather of looks held out", held_out),
            *_drawn_figures(drawn),
        ],
        [
            f"{_MODEL}, 5 pictures a second, time is the footage's own; labels in benchmarks/labels",
            "an event is told by one alert of its rule, 1 s before to 5 s after the label and near its place",
        ],
    )


def media_folder() -> Path:
    """Where the real clips are: beside the folder of hand-filled models."""
    return local_folders(os.environ)[-1].parent / "media"


def real_trials(media: Path) -> Iterator[Trial]:
    """The labelled clips."""
    for labels in sorted(LABELS.glob("*.toml")):
        scene = read_labels(labels)
        yield Trial(scene, partial(footage, media / f"{scene.name}.mp4"))


def judge(trial: Trial, detector: Detector, settings: AnalyticsSettings) -> Result:
    """Plays a trial once and scores its alerts."""
    analysis = analyse(trial.frames(), trial.scene.rules, detector, settings)
    scene = trial.scene
    return trial, analysis, score(scene.events, analysis.told, scene.unsure, analysis.duration_s)


def gate_figures(real: list[Result], detector: Detector) -> list[Figure]:
    """The gated runs beside runs in which the detector sees every picture."""
    every = AnalyticsSettings(heartbeat_s=0.001)
    kept = known = 0
    for trial, analysis, _ in real:
        reference = analyse(trial.frames(), trial.scene.rules, detector, every)
        counts = kept_tracks(reference.updates, analysis.updates)
        kept, known = kept + counts[0], known + counts[1]
    looked_at = sum(analysis.inference_count for _, analysis, _ in real)
    shown = sum(len(analysis.updates) for _, analysis, _ in real)
    return [
        Figure("real clips: share of tracks lost by the gate", 1 - kept / known, "", LOST_TRACKS_LIMIT),
        Figure("real clips: share of pictures inferred", looked_at / shown, "", INFERENCES_LIMIT),
    ]


def _real_figures(real: list[Result]) -> Iterator[Figure]:
    whole = together([outcome for _, _, outcome in real])
    yield Figure("real clips: 1 - F1 of events", 1 - whole.f1, "", F1_LOSS_LIMIT)
    for trial, _, outcome in real:
        yield Figure(f"{trial.scene.name}: precision", outcome.precision, "")
        yield Figure(f"{trial.scene.name}: recall", outcome.recall, "")
    yield Figure("real clips: onset to alert, p50", percentile(whole.delays_s, 0.5), "s")
    yield Figure("real clips: onset to alert, p99", percentile(whole.delays_s, 0.99), "s")


def _drawn_figures(drawn: list[Result]) -> Iterator[Figure]:
    for trial, _, outcome in drawn:
        yield Figure(f"{trial.scene.name}: F1", outcome.f1, "")
        yield Figure(f"{trial.scene.name}: recall", outcome.recall, "")


def _empty_figures(what: str, empty: list[Result]) -> Iterator[Figure]:
    hours = sum(outcome.duration_s for _, _, outcome in empty) / 3600
    for rule in (NAMED_GROUND, ANY_GROUND):
        told = sum(one.rule == rule.name for _, _, outcome in empty for one in outcome.false)
        yield Figure(f"{what}, {rule.name}: false alerts", told / hours, "/camera-hour", FALSE_PER_HOUR_LIMIT)
    for trial, _, outcome in empty:
        yield Figure(f"{trial.scene.name}: false alerts of both rules", float(len(outcome.false)), "alerts")
