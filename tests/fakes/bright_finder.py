"""A small convolutional detector that finds what is bright, as an ONNX file: it can be rounded to eight bits."""

from pathlib import Path

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

from tests.fakes.onnx_file import ANCHORS, LABELS, SIDE

_CELLS = SIDE // 8
_FIELDS = 5 + len(LABELS)
_FACTORS = (0.5, 2.0, 0.25, 4.0, 1.0)  # of the layers between the first and the last: together one
_LAYERS = len(_FACTORS) + 2


def write_bright_finder(path: Path, *, loud: float = 1.0) -> Path:
    """A YOLOX head over the mean brightness of each 8 x 8 cell: a person where it is bright, nothing elsewhere.

    Beside the brightness a second channel runs through all layers but the last, `loud` times as large and of no
    consequence: a layer of 256 steps that must hold both loses the quieter one.
    """
    mean = np.full((1, 3, 8, 8), 1 / (3 * 64 * 255), np.float32)
    weights = [np.concatenate((loud * mean, mean))]
    weights += [factor * np.eye(2, dtype=np.float32).reshape(2, 2, 1, 1) for factor in _FACTORS]
    last, bias = np.zeros((_FIELDS, 2, 1, 1), np.float32), np.zeros(_FIELDS, np.float32)
    last[4, 1] = 3.0
    bias[[0, 1, 4, 5]] = (0.5, 0.5, -1.5, 1.0)
    weights.append(last)
    nodes, given = [], "images"
    for index in range(_LAYERS):
        strides = [8, 8] if index == 0 else [1, 1]
        further = ["bias"] if index == _LAYERS - 1 else []
        nodes.append(helper.make_node("Conv", [given, f"w{index}", *further], [f"c{index}"], strides=strides))
        given = f"c{index}"
    nodes += [
        helper.make_node("Clip", [given, "low", "high"], ["chances"]),
        helper.make_node("Reshape", ["chances", "flat"], ["rows"]),
        helper.make_node("Concat", ["rows", "rest"], ["all"], axis=2),
        helper.make_node("Transpose", ["all"], ["output"], perm=[0, 2, 1]),
    ]
    values = {
        **{f"w{index}": weight for index, weight in enumerate(weights)},
        "bias": bias,
        "low": np.array(0, np.float32),
        "high": np.array(1, np.float32),
        "flat": np.array((1, _FIELDS, _CELLS * _CELLS), np.int64),
        "rest": np.zeros((1, _FIELDS, ANCHORS - _CELLS * _CELLS), np.float32),
    }
    graph = helper.make_graph(
        nodes,
        "bright",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, SIDE, SIDE])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, ANCHORS, _FIELDS])],
        [numpy_helper.from_array(value, name) for name, value in values.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=8)
    checker.check_model(model)
    path.write_bytes(model.SerializeToString())
    return path
