"""The catalogue of models and the choice among them."""

from pathlib import Path

import pytest

from analytics.detection import ALLOWED_LABELS
from analytics.detector_choice import select_detector
from analytics.model import Catalogue, ModelRefused, RefusalCode, read_catalogue, read_entry, refuse_purpose
from analytics.model_store import cache_folder, find_model, known_models, model_folders
from analytics.settings import AnalyticsSettings
from tests.fakes.onnx_file import entry_of, silent_output, write_constant_model


@pytest.fixture
def model_file(tmp_path: Path) -> Path:
    return write_constant_model(tmp_path / "constant.onnx", silent_output())


def test_the_shipped_catalogue_is_valid_and_begins_with_yolox() -> None:
    """Each entry parses, and none offers only classes that are not allowed."""
    entries = read_catalogue().entries
    assert [entry.name for entry in entries] == ["yolox-nano", "pedestrian-ssdlite"]
    assert all(set(entry.allowed_labels) <= ALLOWED_LABELS for entry in entries)
    assert len(entries[0].labels) == 80


def test_an_unknown_key_names_the_entry_and_the_key(tmp_path: Path) -> None:
    """A typing mistake is found by its place."""
    table = {**read_catalogue().entries[0].model_dump(exclude={"name"}), "colour": "cmyk"}
    with pytest.raises(ModelRefused, match=r"models\.mine\.colour") as refused:
        read_entry("mine", table)
    assert refused.value.code is RefusalCode.ENTRY


@pytest.mark.parametrize("text", ["models = 3 =", "[models.mine]\nfile = 'x.onnx'"])
def test_a_broken_catalogue_is_refused(tmp_path: Path, text: str) -> None:
    """No TOML, or an entry with keys missing."""
    path = tmp_path / "models.toml"
    path.write_text(text)
    with pytest.raises(ModelRefused):
        read_catalogue(path)


@pytest.mark.parametrize(
    "text", ["yolo-face", "FaceNet", "plate", "license_plates", "person_reid", "embedding", "gait"]
)
def test_purposes_about_persons_are_refused(text: str) -> None:
    """Whole words in names, classes and metadata."""
    with pytest.raises(ModelRefused) as refused:
        refuse_purpose(["fine", text])
    assert refused.value.code is RefusalCode.PURPOSE


@pytest.mark.parametrize("text", ["surface", "template", "interface", "platelet", "plateau", "agate"])
def test_harmless_words_are_not(text: str) -> None:
    """What merely contains the letters."""
    refuse_purpose([text])


def test_a_model_is_found_in_the_first_folder_that_has_the_right_file(tmp_path: Path, model_file: Path) -> None:
    """A wrong file of the same name is passed over."""
    wrong = tmp_path / "wrong"
    wrong.mkdir()
    (wrong / model_file.name).write_bytes(b"x" * model_file.stat().st_size)
    assert find_model(entry_of(model_file), (wrong, tmp_path)) == model_file


def test_only_a_wrong_file_is_a_hash_mismatch(tmp_path: Path, model_file: Path) -> None:
    """Said by its code, not as missing."""
    entry = entry_of(model_file)
    model_file.write_bytes(model_file.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelRefused) as refused:
        find_model(entry, (tmp_path,))
    assert refused.value.code is RefusalCode.HASH


def test_folders_come_from_the_environment_in_order(tmp_path: Path) -> None:
    """By hand first, then shared, then the cache."""
    environment = {"XUELIANG_MODELS": "/one", "XUELIANG_SHARED": "/two", "XUELIANG_CACHE": "/three"}
    assert [str(folder) for folder in model_folders(environment)] == ["/one", "/two/models", "/three/models"]
    assert known_models({"XUELIANG_CACHE": str(tmp_path)}).entries == read_catalogue().entries
    assert cache_folder({}).parts[-3:] == (".cache", "xueliang", "models")


def test_the_first_usable_model_is_chosen(tmp_path: Path, model_file: Path) -> None:
    """And why it was not the first of the list is said."""
    missing = entry_of(model_file, name="better", file="better.onnx")
    choice = select_detector(AnalyticsSettings(), Catalogue((missing, entry_of(model_file))), (tmp_path,))
    assert (choice.detector.model.name, choice.fallback) == ("constant", False)
    assert choice.reason is not None
    assert choice.reason.code == "model-missing"


def test_without_a_model_motion_stands_in_and_says_why(tmp_path: Path) -> None:
    """The choice never fails."""
    choice = select_detector(AnalyticsSettings(), read_catalogue(), (tmp_path,))
    assert (choice.detector.model.name, choice.fallback) == ("motion", True)
    assert choice.reason is not None
    assert "yolox_nano.onnx" in choice.reason.text


def test_a_refused_file_is_the_reason_rather_than_a_missing_one(tmp_path: Path) -> None:
    """What is wrong says more than what is not there."""
    (tmp_path / "yolox_nano.onnx").write_text("another file")
    choice = select_detector(AnalyticsSettings(), read_catalogue(), (tmp_path,))
    assert choice.reason is not None
    assert choice.reason.code == "model-hash-mismatch"


@pytest.mark.parametrize(("name", "fallback"), [("motion", False), ("no-such-model", True)])
def test_a_named_detector_is_taken_or_missed(tmp_path: Path, name: str, *, fallback: bool) -> None:
    """Motion on request is no fallback; an unknown name is."""
    choice = select_detector(AnalyticsSettings(detector=name), read_catalogue(), (tmp_path,))
    assert (choice.detector.model.name, choice.fallback) == ("motion", fallback)
    assert (choice.reason and choice.reason.code) == ("model-unknown" if fallback else None)


@pytest.mark.parametrize(
    "changes", [{"head": "ssd", "layout": "nhwc"}, {"layout": "nhwc"}, {"fit": "stretch"}, {"runtime": "openvino"}]
)
def test_an_entry_that_no_detector_understands_is_refused(model_file: Path, changes: dict[str, str]) -> None:
    """What is declared is what is done; nothing is silently ignored."""
    with pytest.raises(ValueError, match="understand only"):
        entry_of(model_file, **changes)
