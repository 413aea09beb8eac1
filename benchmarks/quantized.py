"""quantized: the eight-bit twin of the detector, made with the real clips: what it costs, whether it sees as much."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from analytics.detector_choice import efforts_of, open_detector
from analytics.detector_twin import AGREEMENT, QUICKER
from analytics.effort import Effort
from analytics.model import ModelEntry, Runtime, Twin, read_catalogue
from analytics.model_store import model_folders
from analytics.settings import AnalyticsSettings
from benchmarks.accuracy import F1_LOSS_LIMIT, judge, media_folder, real_trials
from benchmarks.event_score import Score, together
from benchmarks.report import Figure, Report
from vms_api.models.quantized import quantize_model, read_pictures

_MODEL = "yolox-nano"
_PICTURES = 300
_TIMED = 40


def measure() -> Report:
    """Makes the twin in a folder of its own, which is removed again."""
    full, settings = read_catalogue().entry(_MODEL), AnalyticsSettings()
    clips = sorted(media_folder().glob("*.mp4"))
    steps: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        twin = quantize_model(full, model_folders(), read_pictures(clips, full, _PICTURES), cache, steps.append)
        folders = (*model_folders(), cache)
        efforts = {one.name: efforts_of(one, folders, settings, _TIMED) for one in (full, twin)}
        scores = {one.name: _score(one, folders, settings) for one in (full, twin)}
    return Report(
        "quantized",
        [
            *_agreement_figures(twin.twin),
            *(figure for name, timed in efforts.items() for figure in _time_figures(name, timed)),
            Figure("twin's time by the full model's, at full size", _share(efforts[twin.name], efforts[full.name]), ""),
            *(
                Figure(f"real clips, {name}: 1 - F1 of events", 1 - one.f1, "", F1_LOSS_LIMIT)
                for name, one in scores.items()
            ),
        ],
        [
            *steps,
            f"{len(clips)} clips; ranges from two of three stretches of 10 s, agreement on the third, F1 on all",
            f"the twin runs where it needs at most {QUICKER:.0%} of the full model's time",
        ],
    )


def _agreement_figures(twin: Twin | None) -> Iterator[Figure]:
    if twin is not None:
        yield Figure("objects of the full model that the twin does not tell", 1 - twin.kept, "", 1 - AGREEMENT)
        yield Figure("objects of the twin that the full model does not tell", 1 - twin.confirmed, "", 1 - AGREEMENT)


def _time_figures(name: str, efforts: Sequence[Effort]) -> Iterator[Figure]:
    for effort in efforts:
        yield Figure(f"{name}, {effort.runtime} at {effort.share:.0%}: processor per picture", effort.cpu_ms, "ms")


def _share(twin: Sequence[Effort], full: Sequence[Effort]) -> float:
    """By ONNX Runtime, which is always there."""
    mine, other = (
        next(one.cpu_ms for one in efforts if one.runtime is Runtime.ONNXRUNTIME and one.share == 1.0)
        for efforts in (twin, full)
    )
    return mine / other


def _score(entry: ModelEntry, folders: Sequence[Path], settings: AnalyticsSettings) -> Score:
    detector = open_detector(entry, folders, settings)
    return together([judge(trial, detector, settings)[2] for trial in real_trials(media_folder())])
