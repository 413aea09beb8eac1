"""ONNX files whose picture size is written down, opened to any size that their layers can do."""

from pathlib import Path

import onnx

HEIGHT, WIDTH = 2, 3
"""Places in an NCHW shape."""
ANCHORS = 1


def with_free_size(path: Path) -> bytes:
    """The model with height and width of its input, and so the rows of its output, left open.

    A convolutional detector does not care about the size, only the file's declaration does. A model that does care
    fails when it is run at another size: the caller tries it once.

    Raises:
        ValueError: the file is no ONNX model with one NCHW input.

    """
    try:
        model = onnx.load(path)
        shape = model.graph.input[0].type.tensor_type.shape.dim
        shape[HEIGHT].dim_param, shape[WIDTH].dim_param = "height", "width"
        for output in model.graph.output:
            output.type.tensor_type.shape.dim[ANCHORS].dim_param = "anchors"
    except Exception as error:  # protobuf raises what it likes for a file that is none of its own
        raise ValueError(f"{path.name} has no picture input that could be freed") from error
    del model.graph.value_info[:]
    return bytes(model.SerializeToString())
