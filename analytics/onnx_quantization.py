"""ONNX detectors with weights and activations of eight bits, made from pictures of the place itself.

Weights are rounded per channel, because the depthwise layers of small models spread by orders of magnitude between
channels; activations by the ranges that the pictures lead to. The first layers with their activations, and what lies
behind the last ones, scores and sizes of boxes, stay in full precision: `docs/accuracy.md` says what each is worth.
"""

import logging
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import onnx
from onnx import version_converter

from analytics.model import ModelRefused, RefusalCode
from analytics.session import Tensor

LAYERS = frozenset({"Conv", "ConvTranspose", "Gemm", "MatMul"})
SPARED_FIRST = 2
"""The pixels' own layer, and the depthwise one after it: whatever is lost there is missing in all that follows."""
_PER_CHANNEL_OPSET = 13  # QuantizeLinear has an axis since then (ONNX operators, change log)


def write_quantized(source: Path, target: Path, pictures: Iterable[Tensor], spared_layers: int) -> None:
    """Writes the eight-bit twin of `source`; `pictures` are its inputs, as the detector feeds them.

    The first SPARED_FIRST layers with their activations stay as they are, and so do the last `spared_layers` before
    each output with all that follows them.

    Raises:
        ModelRefused: UNREADABLE, no ONNX model; SCHEMA, one that cannot be quantized.

    """
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        prepared = Path(folder) / "prepared.onnx"
        spared = _prepare(source, prepared, spared_layers)
        with _told_quietly(source):
            _quantize(prepared, target, pictures, spared)


def first_nodes(graph: onnx.GraphProto, spared_layers: int) -> frozenset[str]:
    """The names of the nodes that can be reached from the input through no more than that many layers."""
    depths = {graph.input[0].name: 0}  # by value: through how many layers it came, at least
    found = set()
    for node in graph.node:  # in an order in which everything is made before it is used (ONNX IR, graphs)
        known = [depths[name] for name in node.input if name in depths]
        if known:
            depth = min(known) + (node.op_type in LAYERS)
            depths.update(dict.fromkeys(node.output, depth))
            if depth <= spared_layers:
                found.add(node.name)
    return frozenset(found)


def last_nodes(graph: onnx.GraphProto, spared_layers: int) -> frozenset[str]:
    """The names of the nodes from which an output can be reached through fewer than that many further layers."""
    makers = {name: node for node in graph.node for name in node.output}
    left: dict[str, int] = {}  # by node: how many layers may still be spared from here towards the input
    waiting = [(output.name, spared_layers) for output in graph.output]
    while waiting:
        name, budget = waiting.pop()
        node = makers.get(name)
        if node is None or budget == 0 or left.get(node.name, -1) >= budget:
            continue
        left[node.name] = budget
        further = budget - (node.op_type in LAYERS)
        waiting.extend((earlier, further) for earlier in node.input)
    return frozenset(left)


class _Pictures:
    """Hands one picture after the other to the calibration, which asks by this method's name."""

    def __init__(self, name: str, pictures: Iterable[Tensor]) -> None:
        self._feeds: Iterator[dict[str, Tensor]] = ({name: picture} for picture in pictures)

    def get_next(self) -> dict[str, Tensor] | None:
        """The next one, None after the last."""
        return next(self._feeds, None)


def _prepare(source: Path, prepared: Path, spared_layers: int) -> frozenset[str]:
    """Folds what can be folded, gives every node a name and raises the operator set where that is needed."""
    from onnxruntime.quantization.shape_inference import quant_pre_process  # noqa: PLC0415 - slow, and only used here

    try:
        with _told_quietly(source):
            quant_pre_process(source, prepared, skip_symbolic_shape=True)
        model = onnx.load(prepared)
    except ModelRefused as refused:
        raise ModelRefused(RefusalCode.UNREADABLE, str(refused)) from refused
    if _opset(model) < _PER_CHANNEL_OPSET:
        with _told_quietly(source):
            model = version_converter.convert_version(model, _PER_CHANNEL_OPSET)
    for index, node in enumerate(model.graph.node):
        node.name = node.name or f"{node.op_type}_{index}"
    onnx.save(model, prepared)
    return first_nodes(model.graph, SPARED_FIRST) | last_nodes(model.graph, spared_layers)


def _quantize(prepared: Path, target: Path, pictures: Iterable[Tensor], spared: frozenset[str]) -> None:
    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static  # noqa: PLC0415

    name = onnx.load(prepared).graph.input[0].name
    quantize_static(
        prepared,
        target,
        _Pictures(name, pictures),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        nodes_to_exclude=sorted(spared),
        calibrate_method=CalibrationMethod.MinMax,
    )


def _opset(model: Any) -> int:
    return max((one.version for one in model.opset_import if one.domain in {"", "ai.onnx"}), default=0)


@contextmanager
def _told_quietly(source: Path) -> Iterator[None]:
    """Neither advice of the library on our log, nor its many exceptions on a person's screen."""
    logger = logging.getLogger()
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    except Exception as error:  # protobuf, converter and quantizer raise what they like for a graph they do not know
        reason = f"{source.name} cannot be quantized: {type(error).__name__}: {error}"
        raise ModelRefused(RefusalCode.SCHEMA, reason[:400]) from error
    finally:
        logger.setLevel(before)
