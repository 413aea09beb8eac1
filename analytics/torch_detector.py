"""Detectors run by PyTorch, an optional extra for machines with a GPU; on the processor it does the same, only slower.

Pictures go to the device as bytes, those that a GPU decoded are there already; they are letterboxed and scaled there,
and run in batches of a few fixed sizes. On a GPU each size is recorded once as a CUDA graph and then replayed. The file
is a program saved by `torch.export.save`, its batch dimension dynamic (TorchScript, which came before it, is
deprecated).
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from analytics.detection import Detections
from analytics.detector import DetectorFailed, DetectorFault, ModelInfo
from analytics.head import Floats
from analytics.letterbox import PADDING, Letterbox
from analytics.model import ModelEntry, ModelRefused, RefusalCode, refuse_purpose
from analytics.output_reader import OutputReader
from analytics.torch_picture import fitted_colour
from ingest.array_picture import ArrayPicture
from ingest.camera import CameraId
from ingest.frame import Frame, Picture
from ingest.surface import gpu_surface

BUCKETS = (1, 2, 4, 8, 16, 32)
"""Batch sizes: a batch is filled up to the next one, so that only so many graphs are ever recorded."""
_WARM_UP_RUNS = 3

Model = Callable[[Any], Any]
"""From pictures (n, 3, height, width) to the head's one output (n, ...), both on the model's device."""


class TorchDetector:
    """One model on one device; half precision on a GPU. Used by one thread.

    What does not fit into the device's memory fails as MEMORY, and from then on batches are half as large.
    """

    def __init__(self, entry: ModelEntry, model: Model, min_score: float, device: str = "cpu") -> None:
        self._entry = entry
        self._torch = _torch()
        self._device = self._torch.device(device)
        self._type = self._torch.float16 if self._is_gpu else self._torch.float32
        self._reader = OutputReader(entry, min_score)
        self._model = model
        self._graphs: dict[int, _Graph] = {}
        self._most = BUCKETS[-1]

    @property
    def model(self) -> ModelInfo:
        """The entry's words."""
        entry = self._entry
        return ModelInfo(entry.name, f"torch {self._device.type}", entry.allowed_labels, entry.licence, *entry.input)

    def detect(self, frames: Sequence[Frame]) -> Sequence[Detections]:
        """One answer per frame, in as few batches as the device has room for.

        Raises:
            DetectorFailed: the runtime failed, its output is absurd, or the device is full or gone.

        """
        parts = [frames[start : start + self._most] for start in range(0, len(frames), self._most)]
        return [found for part in parts for found in self._batch(part)]

    def close(self) -> None:
        """Frees the graphs and the device's memory."""
        self._graphs.clear()
        if self._is_gpu:
            self._torch.cuda.empty_cache()

    @property
    def _is_gpu(self) -> bool:
        return bool(self._device.type == "cuda")

    def _batch(self, frames: Sequence[Frame]) -> Sequence[Detections]:
        boxes = [Letterbox(frame.picture.width, frame.picture.height, *self._entry.input) for frame in frames]
        outputs = self._infer(frames, boxes)
        pairs = enumerate(zip(frames, boxes, strict=True))
        size = self._entry.input
        return [self._reader.read(frame, box, [outputs[row : row + 1]], size) for row, (frame, box) in pairs]

    def _infer(self, frames: Sequence[Frame], boxes: Sequence[Letterbox]) -> Floats:
        torch = self._torch
        try:
            with torch.inference_mode():
                answer = self._run(self._pictures(frames, boxes))
                return np.asarray(answer[: len(frames)].float().cpu().numpy(), np.float32)
        except torch.OutOfMemoryError as error:
            self._shed()
            raise DetectorFailed(f"{self._entry.name}: {error}", DetectorFault.MEMORY) from error
        except RuntimeError as error:
            # After an error of the device itself every later call fails too: only a new start helps.
            fault = DetectorFault.LOST if "CUDA error" in str(error) else DetectorFault.RUN
            raise DetectorFailed(f"{self._entry.name}: {error}", fault) from error

    def _pictures(self, frames: Sequence[Frame], boxes: Sequence[Letterbox]) -> Any:
        """The frames, and blanks up to the next bucket, as the model takes them, made on the device."""
        torch, entry = self._torch, self._entry
        width, height = entry.input
        count = next(bucket for bucket in BUCKETS if bucket >= len(frames))
        canvas = torch.full((count, height, width, 3), PADDING, dtype=torch.uint8, device=self._device)
        for row, (frame, box) in enumerate(zip(frames, boxes, strict=True)):
            across, down = box.fitted
            canvas[row, :down, :across] = self._fitted(frame.picture, box.fitted)
        channels = canvas.flip(-1) if entry.colour == "rgb" else canvas
        planes = channels.permute(0, 3, 1, 2).to(self._type)
        if any(entry.mean):
            planes = planes - torch.tensor(entry.mean, dtype=self._type, device=self._device)[:, None, None]
        return (planes * entry.scale).contiguous()

    def _fitted(self, picture: Picture, size: tuple[int, int]) -> Any:
        """The picture as (height, width, 3) bytes, blue first, on the device; one that lies there does not leave it."""
        surface = gpu_surface(picture)
        if surface is None:
            image = self._torch.from_numpy(np.ascontiguousarray(picture.bgr(size)))
            return image.to(self._device, non_blocking=True)
        colours = fitted_colour(self._torch, surface, size).round().to(self._torch.uint8)
        return colours.flip(0).permute(1, 2, 0).to(self._device)

    def _run(self, pictures: Any) -> Any:
        if not self._is_gpu:
            return self._model(pictures)
        count = len(pictures)
        if count not in self._graphs:
            self._graphs[count] = _Graph(self._torch, self._model, pictures)
        return self._graphs[count].run(pictures)

    def _shed(self) -> None:
        """Gives up memory: no recorded graphs, and smaller batches from now on."""
        self._graphs.clear()
        self._most = max(self._most // 2, 1)
        if self._is_gpu:
            self._torch.cuda.empty_cache()


class _Graph:
    """A run of the model recorded once: replaying it costs one launch instead of hundreds (CUDA graphs)."""

    def __init__(self, torch: Any, model: Model, example: Any) -> None:
        self._input = example.clone()
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(_WARM_UP_RUNS):
                model(self._input)
        torch.cuda.current_stream().wait_stream(side)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph):
            self._output = model(self._input)

    def run(self, pictures: Any) -> Any:
        """The output, which the next run writes over."""
        self._input.copy_(pictures)
        self._graph.replay()
        return self._output


def open_torch(entry: ModelEntry, path: Path, min_score: float) -> TorchDetector:
    """The model on the first GPU, else on the processor.

    Raises:
        ModelRefused: RUNTIME, UNREADABLE, SCHEMA, PURPOSE.

    """
    torch = _torch()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        program = torch.export.load(path)
    except Exception as error:  # torch documents no exception classes for a file that is no program
        raise ModelRefused(RefusalCode.UNREADABLE, f"{path.name} is no exported program of torch") from error
    refuse_purpose([*program.state_dict, *program.graph_signature.user_outputs, *program.graph_signature.user_inputs])
    if device == "cuda":
        program = torch.export.passes.move_to_device_pass(program, device)
    model = program.module()
    if device == "cuda":
        model = model.half()
    detector = TorchDetector(entry, model, min_score, device)
    _try(detector, entry)
    return detector


def _try(detector: TorchDetector, entry: ModelEntry) -> None:
    """A blank picture shows whose model it is, and whether it takes any number of them at once."""
    try:
        for count in BUCKETS[:3]:
            detector.detect([_blank(entry)] * count)
    except DetectorFailed as failed:
        raise ModelRefused(RefusalCode.SCHEMA, f"{entry.file}: {failed}") from failed


def _blank(entry: ModelEntry) -> Frame:
    width, height = entry.input
    picture = ArrayPicture(np.zeros((height, width, 3), np.uint8))
    return Frame(CameraId("trial"), 0, 0, 0.0, datetime.now(UTC), 0.0, picture)


def _torch() -> Any:
    try:
        import torch  # noqa: PLC0415 - an optional extra, imported only where it is used
    except ImportError as error:
        raise ModelRefused(RefusalCode.RUNTIME, "the torch package is not installed") from error
    return torch
