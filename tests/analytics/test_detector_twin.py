"""When a model's twin in fewer bits runs in its place."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.detector_choice import select_detector
from analytics.detector_twin import TwinCode, compared, standing
from analytics.effort import SHARES, Effort, EffortBook, this_processor
from analytics.model import Catalogue, ModelEntry, Runtime, Twin
from analytics.settings import AnalyticsSettings
from tests.fakes.onnx_file import entry_of, silent_output, write_constant_model

_SETTINGS = AnalyticsSettings(budget_ms=80)


def _full(folder: Path) -> ModelEntry:
    return entry_of(write_constant_model(folder / "constant.onnx", silent_output()), name="full")


def _twin(folder: Path, full: ModelEntry, **changes: object) -> ModelEntry:
    path = write_constant_model(folder / "twin.onnx", silent_output(), metadata={"bits": "8"})
    facts = {
        "of": full.name,
        "sha256": full.sha256,
        "processor": this_processor(),
        "pictures": 100,
        "objects": 200,
        "kept": 0.97,
        "confirmed": 0.98,
    }
    return entry_of(path, name="full-int8", twin={**facts, **changes})


def _effort(cpu_ms: float, share: float = 1.0) -> Effort:
    return Effort(Runtime.ONNXRUNTIME, share, cpu_ms)


def _choose(folder: Path, twin: ModelEntry, full_ms: float, twin_ms: float) -> tuple[str, TwinCode | None]:
    full, book = _full(folder), EffortBook(folder / "timings.json", "machine")
    book.note(full.sha256, [_effort(full_ms)])
    book.note(twin.sha256, [_effort(twin_ms)])
    choice = select_detector(_SETTINGS, Catalogue((full, twin)), (folder,), book)
    choice.detector.close()
    return choice.detector.model.name, choice.twin.code if choice.twin else None


@pytest.mark.parametrize(
    ("twin_ms", "expected"),
    [
        (8.0, ("full-int8", TwinCode.TAKEN)),
        (9.0, ("full", TwinCode.NOT_QUICKER)),
        (12.0, ("full", TwinCode.NOT_QUICKER)),
    ],
)
def test_the_twin_runs_where_it_is_clearly_quicker(tmp_path: Path, twin_ms: float, expected: tuple) -> None:
    """Beside 10 ms: 8 ms are worth it, 9 ms are not."""
    assert _choose(tmp_path, _twin(tmp_path, _full(tmp_path)), 10.0, twin_ms) == expected


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kept": 0.94}, TwinCode.INEXACT),
        ({"confirmed": 0.5}, TwinCode.INEXACT),
        ({"objects": 10}, TwinCode.INEXACT),
        ({"sha256": "0" * 64}, TwinCode.OUTDATED),
        ({"processor": "another one"}, TwinCode.OUTDATED),
    ],
)
def test_a_comparison_that_does_not_hold_is_no_reason_to_run_it(tmp_path: Path, changes: dict, code: TwinCode) -> None:
    """However quick it is: too little found again or seen at all, another file, another processor."""
    assert _choose(tmp_path, _twin(tmp_path, _full(tmp_path), **changes), 10.0, 1.0) == ("full", code)


def test_a_twin_whose_file_is_gone_or_changed_is_left_alone(tmp_path: Path) -> None:
    """The model itself runs, though the times of both are known."""
    twin = _twin(tmp_path, _full(tmp_path))
    (tmp_path / twin.file).write_bytes(b"another file")
    assert _choose(tmp_path, twin, 10.0, 1.0) == ("full", TwinCode.UNUSABLE)
    (tmp_path / twin.file).unlink()
    assert _choose(tmp_path, twin, 10.0, 1.0) == ("full", TwinCode.UNUSABLE)


def test_a_model_without_a_twin_has_no_verdict(tmp_path: Path) -> None:
    """Nor has one whose times nobody wants to know."""
    full = _full(tmp_path)
    book = EffortBook(tmp_path / "timings.json", "machine")
    book.note(full.sha256, [_effort(5.0)])
    assert select_detector(_SETTINGS, Catalogue((full,)), (tmp_path,), book).twin is None
    untimed = Catalogue((full, _twin(tmp_path, full)))
    assert select_detector(AnalyticsSettings(budget_ms=0), untimed, (tmp_path,), book).twin is None


def test_a_twin_is_no_model_of_its_own_unless_it_is_asked_for(tmp_path: Path) -> None:
    """With the full model's file gone the motion detector stands in; by its name it runs all the same."""
    full = _full(tmp_path)
    catalogue = Catalogue((full, _twin(tmp_path, full)))
    (tmp_path / full.file).unlink()
    assert select_detector(AnalyticsSettings(), catalogue, (tmp_path,)).fallback
    named = select_detector(AnalyticsSettings(detector="full-int8"), catalogue, (tmp_path,))
    assert (named.detector.model.name, named.fallback) == ("full-int8", False)


@given(st.sampled_from(SHARES), st.floats(0.1, 500), st.sampled_from(SHARES), st.floats(0.1, 500))
def test_a_smaller_input_is_never_taken_for_time(share: float, ms: float, other_share: float, other_ms: float) -> None:
    """A larger one always is; on the same size it must save 15 of 100."""
    taken = compared(_effort(ms, share), _effort(other_ms, other_share)).code is TwinCode.TAKEN
    if other_share != share:
        assert taken == (other_share > share)
    else:
        assert taken == (other_ms <= 0.85 * ms)


def test_a_comparison_that_holds_has_no_objection(tmp_path: Path) -> None:
    """For this file on this processor."""
    full = _full(tmp_path)
    twin = _twin(tmp_path, full).twin
    assert isinstance(twin, Twin)
    assert standing(full, twin, this_processor()) is None
