"""ONNX files of a few hundred bytes whose output a test chooses (protobuf by hand: onnx.proto, IR version 8)."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from analytics.model import ModelEntry
from analytics.model_store import file_sha256

SIDE = 64
ANCHORS = 8 * 8 + 4 * 4 + 2 * 2
LABELS = ("person", "car", "kite")


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*encoded, value))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes | str) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _value_info(name: str, shape: Sequence[int]) -> bytes:
    dims = b"".join(_bytes(1, _number(1, size)) for size in shape)
    return _bytes(1, name) + _bytes(2, _bytes(1, _number(1, 1) + _bytes(2, dims)))


def write_constant_model(
    path: Path,
    output: np.ndarray,
    *,
    input_shape: Sequence[int] = (1, 3, SIDE, SIDE),
    metadata: Mapping[str, str] | None = None,
) -> Path:
    """A model that answers every picture with `output`."""
    values = output.astype("<f4")
    tensor = b"".join(_number(1, size) for size in values.shape) + _number(2, 1)
    tensor += _bytes(8, "answer") + _bytes(9, values.tobytes())
    node = _bytes(1, "answer") + _bytes(2, "output") + _bytes(4, "Identity")
    graph = _bytes(1, node) + _bytes(2, "constant") + _bytes(5, tensor)
    graph += _bytes(11, _value_info("images", input_shape)) + _bytes(12, _value_info("output", values.shape))
    model = _number(1, 8) + _bytes(7, graph) + _bytes(8, _bytes(1, "") + _number(2, 13))
    for key, value in (metadata or {}).items():
        model += _bytes(14, _bytes(1, key) + _bytes(2, value))
    path.write_bytes(model)
    return path


def silent_output() -> np.ndarray:
    """Nothing found anywhere."""
    return np.zeros((1, ANCHORS, 5 + len(LABELS)), np.float32)


def entry_of(path: Path, **changes: object) -> ModelEntry:
    """The catalogue entry that fits such a file."""
    facts = {
        "name": "constant",
        "file": path.name,
        "runtime": "onnxruntime",
        "head": "yolox",
        "input": (SIDE, SIDE),
        "layout": "nchw",
        "colour": "bgr",
        "scale": 1.0,
        "fit": "letterbox",
        "labels": LABELS,
        "licence": "AGPL-3.0-or-later",
        "size_bytes": path.stat().st_size,
        "sha256": file_sha256(path),
    }
    return ModelEntry.model_validate({**facts, **changes})
