"""What a simulation asks of detectors: the same as live analysis does."""

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics.detection import Detections
from analytics.detector import Detector, DetectorFailed, ModelInfo
from analytics.model_panel import ModelPanel
from analytics.settings import AnalyticsSettings
from ingest.frame import Frame
from tests.conftest import MakeClip
from tests.fakes.detector import ScriptedDetector
from tests.fakes.recording import write_recording
from tests.fakes.segment import STARTED_AT, clip_packets
from tests.fakes.tracks import box_at
from vms_api.node.recorded_files import RecordedFiles
from vms_api.node.simulation_messages import SimulationMessage, SimulationReport
from vms_api.node.simulations import Simulations

SECONDS = 4.0
WAIT_S = 30.0
_EVERYWHERE = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]


class _Model(ScriptedDetector):
    """Sees one thing of its class in the middle of every picture; `sizes` are those of the pictures it was shown."""

    def __init__(self, label: str, side: int = 0) -> None:
        super().__init__(lambda _: [(box_at(0.5, 0.6), label, 0.9)])
        self._label, self._side = label, side
        self.sizes: set[tuple[int, int]] = set()
        self.fails: Callable[[int], bool] = lambda _: False

    @property
    def model(self) -> ModelInfo:
        return ModelInfo(self._label, "none", (self._label,), "MIT", self._side, self._side)

    def detect(self, frames: Sequence[Frame]) -> Sequence[Detections]:
        self.sizes |= {(frame.picture.width, frame.picture.height) for frame in frames}
        answers = super().detect(frames)
        if self.fails(len(self.batches)):
            raise DetectorFailed("as the test says")
        return answers


@pytest.fixture
def tried(tmp_path: Path, make_clip: MakeClip) -> Callable[..., SimulationReport]:
    """Tries a rule for the whole picture on four recorded seconds of a walking square."""
    volume = tmp_path / "volume"
    clip = make_clip(seconds=SECONDS, fps=10, gop=10, size=(160, 120))
    files = [
        {"volume_id": "volume", "path": info.path, "started_at": info.started_at, "duration_s": info.duration_s}
        for info in write_recording(volume, clip_packets(clip))
    ]

    def run(detector: Detector, **rule: Any) -> SimulationReport:
        zone = {"id": "all", "name": "all", "kind": "area", "points": _EVERYWHERE}
        whole = {"id": "draft", "name": "Try", "kind": "intrusion", "labels": ["person"], "severity": "low"}
        message = {
            "camera_id": "cam",
            "time_zone": "Asia/Shanghai",
            "masks": {"version": 0, "polygons": []},
            "rule": {**whole, "cooldown_s": 0, "zone": zone, **rule},
            "start": STARTED_AT,
            "end": STARTED_AT + timedelta(seconds=SECONDS),
            "files": files,
        }
        simulations = Simulations(RecordedFiles(lambda _: volume), AnalyticsSettings(), 5.0, lambda: detector)
        simulations.start("one", SimulationMessage.model_validate(message))
        return _ended(simulations)

    return run


def _ended(simulations: Simulations) -> SimulationReport:
    until_s = time.monotonic() + WAIT_S
    while (report := simulations.report("one")).state == "running":
        assert time.monotonic() < until_s
        time.sleep(0.01)
    return report


def test_a_further_model_is_asked_where_the_rule_wants_its_class(tried: Callable[..., SimulationReport]) -> None:
    """A rule for smoke is tried with the model that knows smoke, and one for persons costs that model nothing."""
    smoke = _Model("smoke")
    report = tried(ModelPanel(_Model("person"), [smoke]), kind="fire", labels=["smoke"])
    assert (report.state, [item.label for item in report.items]) == ("done", ["smoke"])
    idle = _Model("smoke")
    assert tried(ModelPanel(_Model("person"), [idle])).count == 1
    assert idle.batches == []


@pytest.mark.parametrize("closely", [False, True])
def test_who_is_to_look_closely_does_so_on_recordings(tried: Callable[..., SimulationReport], *, closely: bool) -> None:
    """Crops of what moves, in the size of the model's input, beside the whole pictures."""
    model = _Model("person", side=64)
    tried(model, size={"closely": closely})
    assert model.sizes == ({(160, 120), (64, 64)} if closely else {(160, 120)})


def test_nothing_judged_is_no_quiet_recording(tried: Callable[..., SimulationReport]) -> None:
    """A detector that fails on every picture fails the simulation; one that fails now and then says how often."""
    broken, frail = _Model("person"), _Model("person")
    broken.fails, frail.fails = (lambda _: True), (lambda batch: batch == 2)
    report = tried(broken)
    assert (report.state, report.count) == ("failed", 0)
    assert report.unjudged == len(broken.batches) > 0
    report = tried(frail)
    assert (report.state, report.count, report.unjudged) == ("done", 1, 1)
