"""The seam between a detector and the library that runs its graph."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Tensor = NDArray[np.generic]


class SessionFailed(Exception):
    """The runtime gave up on this input."""


@dataclass(frozen=True, slots=True)
class TensorForm:
    """An input or output as a file declares it. Sizes are None where they are open; `type` where numpy has none."""

    name: str
    sizes: tuple[int | None, ...]
    type: np.dtype[Any] | None

    def __str__(self) -> str:
        sizes = ", ".join("?" if size is None else str(size) for size in self.sizes)
        return f"({sizes}) {self.type or 'of another type'}"


class Session(Protocol):
    """One graph, ready to run on one thread."""

    @property
    def inputs(self) -> Sequence[TensorForm]:
        """What goes in."""
        ...

    @property
    def outputs(self) -> Sequence[TensorForm]:
        """What comes out, in the file's order."""
        ...

    @property
    def words(self) -> Sequence[str]:
        """What the file says of itself: names, descriptions, metadata."""
        ...

    def run(self, tensor: Tensor) -> Sequence[Tensor]:
        """All outputs for the only input.

        Raises:
            SessionFailed: the runtime gave up.

        """
        ...


SessionOpener = Callable[[Path, bytes, int], Session]
"""From a path (for messages), the file's bytes and a number of threads; raises ModelRefused: UNREADABLE, RUNTIME."""
