"""Graphs run by ONNX Runtime on the processor."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as faults

from analytics.model import ModelRefused, RefusalCode
from analytics.session import SessionFailed, Tensor, TensorForm

# What a run can end in: ONNX Runtime's own exceptions, which derive from nothing closer, and its argument checks.
_FAULTS = (
    *(faults.Fail, faults.EPFail, faults.InvalidArgument, faults.NotImplemented, faults.RuntimeException),
    *(RuntimeError, ValueError),
)
_TYPES: Mapping[str, np.dtype[Any]] = {
    "tensor(float)": np.dtype(np.float32),
    "tensor(float16)": np.dtype(np.float16),
    "tensor(double)": np.dtype(np.float64),
    "tensor(uint8)": np.dtype(np.uint8),
    "tensor(int32)": np.dtype(np.int32),
    "tensor(int64)": np.dtype(np.int64),
}


class OnnxSession:
    """Implements `Session`. It frees itself with its last reference."""

    def __init__(self, session: ort.InferenceSession) -> None:
        self._session = session
        self.inputs = tuple(_form(tensor) for tensor in session.get_inputs())
        self.outputs = tuple(_form(tensor) for tensor in session.get_outputs())

    @property
    def words(self) -> Sequence[str]:
        """As the seam says."""
        meta = self._session.get_modelmeta()
        custom = (text for pair in meta.custom_metadata_map.items() for text in pair)
        tensors = (form.name for form in (*self.inputs, *self.outputs))
        return (meta.graph_name, meta.description, meta.domain, *custom, *tensors)

    def run(self, tensor: Tensor) -> Sequence[Tensor]:
        """As the seam says."""
        try:
            return list(self._session.run(None, {self.inputs[0].name: tensor}))
        except _FAULTS as error:
            raise SessionFailed(str(error)) from error


def open_onnx(path: Path, model: bytes, threads: int) -> OnnxSession:
    """One session on so many threads.

    Raises:
        ModelRefused: UNREADABLE.

    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # idle threads would burn a whole core
    options.log_severity_level = 3  # errors; the runtime's own log goes to stderr past ours
    try:
        return OnnxSession(ort.InferenceSession(model, options, providers=["CPUExecutionProvider"]))
    except Exception as error:  # ONNX Runtime documents no exception classes for a file that is no model
        raise ModelRefused(RefusalCode.UNREADABLE, f"{path.name} is no ONNX model: {type(error).__name__}") from error


def _form(tensor: ort.NodeArg) -> TensorForm:
    """As declared; a size that has only a name, or none, is open."""
    sizes = tuple(size if isinstance(size, int) else None for size in tensor.shape)
    return TensorForm(tensor.name, sizes, _TYPES.get(tensor.type))
