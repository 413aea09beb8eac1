"""Rounding ONNX files to eight bits."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper

from analytics.model import ModelRefused, RefusalCode
from analytics.onnx_quantization import first_nodes, last_nodes, write_quantized
from analytics.onnx_session import open_onnx
from tests.fakes.bright_finder import write_bright_finder
from tests.fakes.onnx_file import SIDE


def _pictures(count: int) -> Sequence[np.ndarray]:
    rng = np.random.default_rng(5)
    return [np.full((1, 3, SIDE, SIDE), level, np.float32) for level in rng.uniform(0, 255, count)]


def test_layers_are_rounded_but_first_and_last_and_the_answer_stays_near(tmp_path: Path) -> None:
    """Four of seven layers hold weights of eight bits; the answers differ by no more than a few of 256 steps."""
    source, target = write_bright_finder(tmp_path / "bright.onnx"), tmp_path / "bright-int8.onnx"
    write_quantized(source, target, _pictures(20), spared_layers=1)
    graph = onnx.load(target).graph
    rounded = {name for node in graph.node if node.op_type == "DequantizeLinear" for name in node.output}
    layers = {node.name: node.input[1] in rounded for node in graph.node if node.op_type == "Conv"}
    assert list(layers.values()) == [False, False, True, True, True, True, False]
    full, twin = (open_onnx(path, path.read_bytes(), 1) for path in (source, target))
    for picture in _pictures(40):
        assert np.allclose(full.run(picture)[0], twin.run(picture)[0], atol=3 * 4 / 256)
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []


def test_what_lies_before_the_later_layers_is_spared() -> None:
    """Two ways from the picture, one through a Slice, an Add behind its first layer, and then the second layer."""
    steps = [
        ("Slice", "images", "a"),
        ("Conv", "a", "b"),
        ("Conv", "images", "c"),
        ("Add", "b", "d"),
        ("Conv", "d", "e"),
    ]
    nodes = [helper.make_node(kind, [given], [made], name=made) for kind, given, made in steps]
    images = helper.make_tensor_value_info("images", onnx.TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "test", [images], [])
    assert first_nodes(graph, 1) == {"a", "b", "c", "d"}
    assert first_nodes(graph, 2) == {"a", "b", "c", "d", "e"}


def test_what_lies_behind_the_last_layers_is_spared() -> None:
    """Of a chain Conv a, Relu b, Conv c, Sigmoid d, and a Conv e that branches off behind b; d and e are told."""
    steps = [("Conv", "images", "a"), ("Relu", "a", "b"), ("Conv", "b", "c"), ("Sigmoid", "c", "d"), ("Conv", "b", "e")]
    nodes = [helper.make_node(kind, [given], [made], name=made) for kind, given, made in steps]
    outputs = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in ("d", "e")]
    graph = helper.make_graph(nodes, "test", [], outputs)
    assert last_nodes(graph, 1) == {"c", "d", "e"}
    assert last_nodes(graph, 2) == {"a", "b", "c", "d", "e"}


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    """By its code, whatever the library says; nothing is left behind."""
    source = tmp_path / "text.onnx"
    source.write_text("no model")
    with pytest.raises(ModelRefused) as refused:
        write_quantized(source, tmp_path / "text-int8.onnx", _pictures(1), spared_layers=1)
    assert refused.value.code is RefusalCode.UNREADABLE
    assert [path.name for path in tmp_path.iterdir()] == ["text.onnx"]
