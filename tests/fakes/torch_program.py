"""Programs of torch.export whose output a test chooses; needs the gpu extra."""

from pathlib import Path

import numpy as np


def write_constant_program(path: Path, output: np.ndarray) -> Path:
    """A model that answers each picture of a batch with `output`, of shape (1, ...)."""
    import torch  # noqa: PLC0415 - an optional extra

    class Constant(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("answer", torch.from_numpy(output.astype(np.float32)))

        def forward(self, pictures):  # type: ignore[no-untyped-def]
            return self.answer + 0 * pictures.mean(dim=(1, 2, 3))[:, None, None]

    batch = torch.export.Dim("batch", min=1, max=32)
    example = (torch.zeros(2, 3, 64, 64),)
    torch.export.save(torch.export.export(Constant(), example, dynamic_shapes=({0: batch},)), path)
    return path
