"""Which way of running a model is taken, and for how long that is remembered."""

import importlib.util
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.detector import Detector, DetectorFailed, ModelInfo, Shrinking
from analytics.detector_choice import efforts_of, select_detector
from analytics.effort import SHARES, Effort, EffortBook, choose, measure
from analytics.model import Catalogue, ModelRefused, RefusalCode, Runtime
from analytics.onnx_detector import OnnxDetector
from analytics.settings import AnalyticsSettings
from tests.fakes.detector import ScriptedDetector
from tests.fakes.onnx_file import entry_of, silent_output, write_constant_model
from tests.fakes.onnx_graph import write_graph
from tests.fakes.picture import frame_at

_EFFORTS = st.lists(
    st.builds(Effort, st.sampled_from(Runtime), st.sampled_from(SHARES), st.floats(0.1, 1000)), min_size=1, max_size=6
)


@given(_EFFORTS, st.floats(0.1, 1000))
def test_nothing_larger_would_have_been_affordable(efforts: list[Effort], budget_ms: float) -> None:
    """Nor cheaper at the same size; and where nothing is affordable, nothing would have been cheaper."""
    chosen = choose(efforts, budget_ms)
    if chosen.cpu_ms > budget_ms:
        assert chosen.cpu_ms == min(effort.cpu_ms for effort in efforts)
        return
    rivals = [effort for effort in efforts if effort.cpu_ms <= budget_ms]
    assert chosen.share == max(effort.share for effort in rivals)
    assert chosen.cpu_ms == min(effort.cpu_ms for effort in rivals if effort.share == chosen.share)


def test_a_book_remembers_until_machine_or_model_changes(tmp_path: Path) -> None:
    """By the model's hash, for one machine; a damaged file is a book without entries."""
    path, effort = tmp_path / "cache" / "timings.json", Effort(Runtime.ONNXRUNTIME, 0.77, 12.5)
    EffortBook(path, "machine").note("a" * 64, [effort])
    EffortBook(path, "machine").note("b" * 64, [effort, effort])
    assert EffortBook(path, "machine").find("a" * 64) == (effort,)
    assert len(EffortBook(path, "machine").find("b" * 64)) == 2
    assert EffortBook(path, "machine").find("c" * 64) == ()
    assert EffortBook(path, "another").find("a" * 64) == ()
    path.write_text('{"machine": "machine", "models": {"' + "a" * 64 + '": [{"runtime": "abacus"}]}}')
    assert EffortBook(path, "machine").find("a" * 64) == ()
    path.write_text("no json")
    assert EffortBook(path, "machine").find("a" * 64) == ()


def test_a_folder_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    """It is only measured again."""
    (tmp_path / "file").write_text("not a folder")
    book = EffortBook(tmp_path / "file" / "timings.json")
    book.note("a" * 64, [Effort(Runtime.ONNXRUNTIME, 1.0, 1.0)])
    assert book.find("a" * 64) == ()


class _Broken(ScriptedDetector):
    """Opens, and fails at its first picture."""

    def detect(self, frames):  # type: ignore[no-untyped-def]
        raise DetectorFailed("no such layer")


def test_a_runtime_that_cannot_run_the_model_is_left_out() -> None:
    """Refused at opening, or failing at the first picture."""

    def open_with(runtime: Runtime) -> Detector:
        if runtime is Runtime.OPENVINO:
            raise ModelRefused(RefusalCode.RUNTIME, "not installed")
        return _Broken()

    assert measure(open_with, list(Runtime), count=1) == ()


def test_every_size_is_measured_and_the_chosen_one_is_kept(tmp_path: Path) -> None:
    """The first start writes the book, the second reads it; what is shown is the size that is used."""
    path = write_constant_model(tmp_path / "constant.onnx", silent_output())
    entry, book = entry_of(path), EffortBook(tmp_path / "timings.json", "machine")
    efforts = efforts_of(entry, (tmp_path,), AnalyticsSettings(), count=1)
    assert {effort.share for effort in efforts} == set(SHARES)
    settings = AnalyticsSettings(budget_ms=10_000)
    choice = select_detector(settings, Catalogue((entry,)), (tmp_path,), book)
    assert [effort.share for effort in book.find(entry.sha256) if effort.runtime is Runtime.ONNXRUNTIME] == list(SHARES)
    assert (choice.detector.model.name, choice.detector.model.input_width) == ("constant", 64)
    book.note(entry.sha256, [Effort(Runtime.ONNXRUNTIME, 1.0, 900.0), Effort(Runtime.ONNXRUNTIME, 0.62, 20.0)])
    tight = select_detector(AnalyticsSettings(budget_ms=50), Catalogue((entry,)), (tmp_path,), book)
    assert isinstance(tight.detector, Shrinking)
    assert len(tight.detector.detect([frame_at(0.0)])) == 1


def test_without_a_budget_nothing_is_measured(tmp_path: Path) -> None:
    """Full size on its own runtime, as before."""
    path = write_constant_model(tmp_path / "constant.onnx", silent_output())
    book = EffortBook(tmp_path / "timings.json", "machine")
    select_detector(AnalyticsSettings(budget_ms=0), Catalogue((entry_of(path),)), (tmp_path,), book)
    assert book.find(entry_of(path).sha256) == ()


@pytest.mark.skipif(importlib.util.find_spec("openvino") is None, reason="the openvino extra is not installed")
def test_openvino_answers_as_onnx_runtime_does(tmp_path: Path) -> None:
    """The same graph, the same boxes, at the declared size and at smaller ones."""
    output = silent_output()
    output[0, 70, :6] = (0.5, 0.5, 0.0, 0.0, 1.0, 0.8)
    path = write_graph(tmp_path / "constant.onnx", {"output": output}, poisoned_by_white=True)
    told = []
    for runtime in (Runtime.ONNXRUNTIME, Runtime.OPENVINO):
        detector = OnnxDetector(entry_of(path), path, 0.25, runtime=runtime)
        (found,) = detector.detect([frame_at(0.0)])
        told.append((found.boxes.tolist(), found.labels))
        assert isinstance(detector.model, ModelInfo)
        assert detector.model.runtime == runtime.value
    assert told[0] == told[1]
