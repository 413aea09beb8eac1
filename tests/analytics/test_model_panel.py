"""Several models at once: who is asked about which camera, and whose word counts."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from analytics.detector import DetectorFailed, ModelInfo
from analytics.detector_choice import select_detector
from analytics.model import Catalogue
from analytics.model_panel import ModelPanel
from analytics.pipeline import AnalysisPipeline
from analytics.rule import CameraPlan, FireRule
from analytics.settings import AnalyticsSettings
from ingest.camera import CameraId
from ingest.frame import Frame
from tests.fakes.clock import ManualClock
from tests.fakes.detector import ScriptedDetector, Sighted
from tests.fakes.onnx_file import entry_of, silent_output, write_constant_model
from tests.fakes.picture import frame_at
from tests.fakes.tracks import area_rule, box_at, intrusion

_YARD, _STORE = CameraId("yard"), CameraId("store")
_FIRE = area_rule(FireRule, labels=frozenset({"fire", "smoke"}))


class _Model(ScriptedDetector):
    """Sees one of each class that it knows."""

    def __init__(self, *labels: str) -> None:
        super().__init__(self._all)
        self._labels = labels

    @property
    def model(self) -> ModelInfo:
        return ModelInfo("-".join(self._labels), "none", self._labels, "MIT", 0, 0)

    def _all(self, _: Frame) -> Sequence[Sighted]:
        return [(box_at(0.5, 0.5), label, 0.9) for label in self._labels]


def _frames() -> list[Frame]:
    return [frame_at(0.0, camera_id=camera_id) for camera_id in (_YARD, _STORE)]


def _panel() -> tuple[ModelPanel, _Model, _Model]:
    first, smoke = _Model("person", "car"), _Model("smoke", "person")
    panel = ModelPanel(first, [smoke])
    panel.follow({_YARD: CameraPlan(_YARD, (intrusion(),)), _STORE: CameraPlan(_STORE, (intrusion(), _FIRE))})
    return panel, first, smoke


def test_a_further_model_looks_where_its_classes_are_wanted() -> None:
    """And tells only what the first does not know."""
    panel, first, smoke = _panel()
    yard, store = panel.detect(_frames())
    assert (first.batches, smoke.batches) == ([(_YARD, _STORE)], [(_STORE,)])
    assert (yard.labels, store.labels) == (("person", "car"), ("person", "car", "smoke"))
    assert len(store.boxes) == len(store.scores) == 3
    assert panel.model.labels == ("car", "person", "smoke")
    assert panel.model.name == "person-car + smoke-person"


def test_nobody_wants_it_nobody_pays_for_it() -> None:
    """Without plans only the first model is asked."""
    first, smoke = _Model("person"), _Model("smoke")
    ModelPanel(first, [smoke]).detect(_frames())
    assert smoke.batches == []


def test_a_further_model_that_fails_fails_its_cameras_alone() -> None:
    """Through the pipeline, which learns of the plans by itself: the other camera is judged."""
    first, smoke, clock = _Model("person"), _Model("smoke"), ManualClock()
    pipeline = AnalysisPipeline(ModelPanel(first, [smoke]), AnalyticsSettings(), clock, lambda _: None, lambda _: None)
    pipeline.apply([CameraPlan(_YARD, (intrusion(),)), CameraPlan(_STORE, (_FIRE,))])
    smoke.failing = True
    for frame in _frames():
        pipeline.offer(frame)
    pipeline.step(0)
    judged = {camera_id: pipeline.stats(camera_id).counts for camera_id in (_YARD, _STORE)}
    assert {key: (counts["analysed"], counts["failed"]) for key, counts in judged.items()} == {
        _YARD: (1, 0),
        _STORE: (0, 1),
    }


def test_an_answer_that_is_missing_is_a_failure() -> None:
    """Whose it was cannot be told."""
    panel, _, smoke = _panel()
    smoke.detect = lambda frames: []  # type: ignore[method-assign]
    with pytest.raises(DetectorFailed):
        panel.detect(_frames())


def test_all_are_closed() -> None:
    """With the panel."""
    panel, first, smoke = _panel()
    panel.close()
    assert first.closed
    assert smoke.closed


def test_the_settings_name_further_models(tmp_path: Path) -> None:
    """One that is not here is the reason shown, and costs nobody the first."""
    path = write_constant_model(tmp_path / "constant.onnx", silent_output())
    catalogue = Catalogue((entry_of(path), entry_of(path, name="smoke", labels=("smoke", "fire", "kite"))))
    settings = AnalyticsSettings(detector="constant", also=("smoke", "missing"))
    choice = select_detector(settings, catalogue, (tmp_path,))
    assert choice.detector.model.name == "constant + smoke"
    assert "smoke" in choice.detector.model.labels
    assert choice.reason is not None
    assert choice.reason.code == "model-unknown"
