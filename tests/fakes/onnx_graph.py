"""Small ONNX graphs of any inputs and outputs, made with onnx's own helpers."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

WHITE = 255.0


def write_graph(
    path: Path,
    outputs: Mapping[str, np.ndarray],
    *,
    input_shape: Sequence[int] = (1, 3, 64, 64),
    input_type: int = TensorProto.FLOAT,
    poisoned_by_white: bool = False,
) -> Path:
    """A model that answers every picture with these arrays, in the types they have.

    With `poisoned_by_white` its first output is NaN for a picture that is white all over, and for no other.
    """
    nodes, initialisers = [], []
    for index, (name, values) in enumerate(outputs.items()):
        initialisers.append(numpy_helper.from_array(values, f"{name}_answer"))
        if index == 0 and poisoned_by_white:
            nodes += _doubt(name)
            initialisers += [numpy_helper.from_array(np.array([WHITE], np.float32), "white")]
        else:
            nodes.append(helper.make_node("Identity", [f"{name}_answer"], [name]))
    told = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(values.dtype), values.shape)
        for name, values in outputs.items()
    ]
    pictures = helper.make_tensor_value_info("images", input_type, list(input_shape))
    graph = helper.make_graph(nodes, "test", [pictures], told, initialisers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    checker.check_model(model)
    path.write_bytes(model.SerializeToString())
    return path


def _doubt(name: str) -> list:
    """(mean - 255) / (mean - 255): one for every picture but the white one, and then not a number."""
    return [
        helper.make_node("ReduceMean", ["images"], ["mean"], keepdims=0),
        helper.make_node("Sub", ["mean", "white"], ["shade"]),
        helper.make_node("Div", ["shade", "shade"], ["one"]),
        helper.make_node("Mul", [f"{name}_answer", "one"], [name]),
    ]
