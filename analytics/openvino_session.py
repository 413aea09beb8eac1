"""ONNX graphs run by OpenVINO, an optional extra: on Intel's processors it is often the quicker of the two."""

import importlib.util
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from analytics.model import ModelRefused, RefusalCode
from analytics.session import SessionFailed, Tensor, TensorForm


def has_openvino() -> bool:
    """Whether the extra is installed."""
    return importlib.util.find_spec("openvino") is not None


class OpenvinoSession:
    """Implements `Session`. It frees itself with its last reference."""

    def __init__(self, compiled: Any, words: Sequence[str]) -> None:
        self._request = compiled.create_infer_request()
        self.inputs = tuple(_form(port) for port in compiled.inputs)
        self.outputs = tuple(_form(port) for port in compiled.outputs)
        self.words = (*words, *(form.name for form in (*self.inputs, *self.outputs)))

    def run(self, tensor: Tensor) -> Sequence[Tensor]:
        """As the seam says."""
        try:
            self._request.infer([tensor])
            # Copies: the runtime writes the next answer into the same memory.
            return [self._request.get_output_tensor(place).data.copy() for place in range(len(self.outputs))]
        except RuntimeError as error:
            raise SessionFailed(str(error)) from error


def open_openvino(path: Path, model: bytes, threads: int) -> OpenvinoSession:
    """One session on so many threads, at the precision of the file: no rounding to half precision behind our back.

    Raises:
        ModelRefused: RUNTIME, UNREADABLE.

    """
    try:
        import openvino  # noqa: PLC0415 - an optional extra, imported only where it is used
    except ImportError as error:
        raise ModelRefused(RefusalCode.RUNTIME, "the openvino package is not installed") from error
    settings = {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32"}
    core = openvino.Core()
    try:
        graph = core.read_model(BytesIO(model))
        return OpenvinoSession(core.compile_model(graph, "CPU", settings), [graph.get_friendly_name()])
    except RuntimeError as error:
        raise ModelRefused(RefusalCode.UNREADABLE, f"{path.name} is no model for OpenVINO") from error


def _form(port: Any) -> TensorForm:
    shape = port.get_partial_shape()
    sizes = tuple(size.get_length() if size.is_static else None for size in shape)
    name = port.get_any_name() if port.get_names() else ""
    return TensorForm(name, sizes, np.dtype(port.get_element_type().to_dtype()))
