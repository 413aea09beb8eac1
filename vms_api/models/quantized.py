"""An eight-bit twin of a model, made and judged with pictures of the place that it will watch.

The pictures stay in memory: what is left of them in the file are the smallest and the largest value of each layer.
"""

import random
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from analytics.detector import Detector
from analytics.detector_agreement import Agreement, agreement, together
from analytics.detector_choice import open_detector
from analytics.detector_twin import LEAST_OBJECTS, agreement_text, is_exact
from analytics.effort import this_processor
from analytics.letterbox import Letterbox
from analytics.model import ModelEntry, ModelRefused, RefusalCode, Runtime, read_entry
from analytics.model_store import file_sha256, find_model
from analytics.onnx_detector import OnnxDetector
from analytics.onnx_quantization import write_quantized
from analytics.settings import AnalyticsSettings
from ingest.array_picture import ArrayPicture
from ingest.camera import CameraId
from ingest.errors import IngestError
from ingest.frame import Frame
from ingest.mask import NO_MASKS
from vms_api.models.added import keep_model
from vms_api.node.recorded_frames import RecordedFile, RecordedFrames

SURER = 0.1
"""Sure is what scores so much more than a new track needs: who only just reaches that may miss it after rounding."""
_PICTURES_PER_S = 2.0
_STRETCH_S = 10.0  # neighbouring pictures are alike, so whole stretches are kept apart for the judgement
_HELD_OUT_EVERY = 3
_SPARED_LAYERS = (1, 2, 3)
_BEGIN = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Pictures:
    """Some to find the ranges of the layers with, others to judge the result by."""

    ranging: Sequence[Frame]
    judging: Sequence[Frame]


def read_pictures(files: Sequence[Path], entry: ModelEntry, count: int) -> Pictures:
    """At most `count` pictures of the files, drawn evenly from all of their length, as small as the model sees them.

    Raises:
        ModelRefused: PICTURES, a file cannot be played or there is nothing in it.

    """
    drawn: list[Frame] = []
    rng = random.Random(entry.sha256)  # noqa: S311 - a sample, not a secret
    for seen, frame in enumerate(_frames(files), start=1):
        place = len(drawn) if len(drawn) < count else rng.randrange(seen)
        if place < count:
            drawn[place : place + 1] = [_small(frame, entry)]
    judging = [frame for frame in drawn if _is_held_out(frame)]
    ranging = [frame for frame in drawn if not _is_held_out(frame)]
    if not ranging or not judging:
        text = f"{len(drawn)} pictures are too few: footage of {_HELD_OUT_EVERY * _STRETCH_S:.0f} s and more is needed"
        raise ModelRefused(RefusalCode.PICTURES, text)
    return Pictures(ranging, judging)


def quantize_model(
    entry: ModelEntry, folders: Sequence[Path], pictures: Pictures, cache: Path, say: Callable[[str], None]
) -> ModelEntry:
    """The entry of the twin, declared and kept in the cache. Each step is told to `say` in a sentence for a person.

    Raises:
        ModelRefused: the model has no file or cannot be quantized; PICTURES, too little is in the pictures to judge;
            INEXACT, the twin does not agree well enough. Nothing was kept.

    """
    full = open_detector(entry, folders, AnalyticsSettings())
    if entry.runtime is not Runtime.ONNXRUNTIME or entry.twin is not None or not isinstance(full, OnnxDetector):
        raise ModelRefused(RefusalCode.RUNTIME, f"{entry.name}: only ONNX files in full precision are quantized")
    cache.mkdir(parents=True, exist_ok=True)
    inputs = [full.declared_input(frame.picture) for frame in pictures.ranging]
    refusal = ModelRefused(RefusalCode.INEXACT, f"{entry.name} was not tried")
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        file = Path(folder) / f"{Path(entry.file).stem}-int8.onnx"
        for spared_layers in _SPARED_LAYERS:
            write_quantized(find_model(entry, folders), file, inputs, spared_layers)
            twin = _judged(entry, file, full, pictures.judging)
            say(f"{twin.name}, the last {spared_layers} layers in full precision: {_told(twin)}")
            if twin.twin is not None and is_exact(twin.twin):
                keep_model(twin, file, cache)
                return twin
            refusal = ModelRefused(RefusalCode.INEXACT, f"{twin.name}: {_told(twin)}")
    raise refusal


def _judged(entry: ModelEntry, file: Path, full: Detector, frames: Sequence[Frame]) -> ModelEntry:
    """The twin's entry with the result of looking at the same pictures by both."""
    facts = {
        "name": f"{entry.name}-int8",
        "file": file.name,
        "size_bytes": file.stat().st_size,
        "sha256": file_sha256(file),
        "address": None,
        "package": None,
    }
    values = entry.model_dump(exclude={"twin"}) | facts
    name = str(values.pop("name"))
    twin = open_detector(read_entry(name, values), (file.parent,), AnalyticsSettings())
    found = together(_compared(full, twin, frames))
    twin.close()
    if found.objects < LEAST_OBJECTS:
        text = (
            f"{entry.name} is sure of {found.objects} objects in {found.pictures} pictures, {LEAST_OBJECTS} are needed"
        )
        raise ModelRefused(RefusalCode.PICTURES, text)
    told = {
        "of": entry.name,
        "sha256": entry.sha256,
        "processor": this_processor(),
        "pictures": found.pictures,
        "objects": found.objects,
        "kept": round(found.kept_share, 4),
        "confirmed": round(found.confirmed_share, 4),
    }
    return read_entry(name, {**values, "twin": told})


def _compared(full: Detector, twin: Detector, frames: Iterable[Frame]) -> Iterator[Agreement]:
    settings = AnalyticsSettings()
    for frame in frames:
        (first,), (second,) = full.detect([frame]), twin.detect([frame])
        yield agreement(first, second, settings.min_score + SURER, settings.min_score)


def _told(twin: ModelEntry) -> str:
    return "" if twin.twin is None else agreement_text(twin.twin)


def _frames(files: Sequence[Path]) -> Iterator[Frame]:
    for file in files:
        # No masks: nothing of these pictures is shown or kept, and a file does not say which camera's it is.
        frames = RecordedFrames(CameraId(file.stem), NO_MASKS, _BEGIN, _PICTURES_PER_S)
        try:
            yield from frames.of(RecordedFile(file.resolve(), _BEGIN, 0.0))
        except IngestError as failure:
            raise ModelRefused(RefusalCode.PICTURES, f"{file.name}: {failure}") from failure


def _small(frame: Frame, entry: ModelEntry) -> Frame:
    """The picture in its own proportions, no larger than the model's input."""
    picture = frame.picture
    fitted = Letterbox(picture.width, picture.height, *entry.input).fitted
    return replace(frame, picture=ArrayPicture(picture.bgr(fitted)))


def _is_held_out(frame: Frame) -> bool:
    return int(frame.media_time_s / _STRETCH_S) % _HELD_OUT_EVERY == _HELD_OUT_EVERY - 1
