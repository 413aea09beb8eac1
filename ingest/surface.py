"""Decoded pictures where they lie: in the memory of a GPU, or in our own."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

CUDA = 2
"""`kDLCUDA` of DLPack (dlpack.h, DLDeviceType)."""


class Exported(Protocol):
    """A plane that hands its memory on without a copy (DLPack)."""

    def __dlpack__(self, *, stream: int | None = None) -> object:
        """A capsule "dltensor"; it keeps the picture alive."""
        ...

    def __dlpack_device__(self) -> tuple[int, int]:
        """Kind and number of the device."""
        ...


@dataclass(frozen=True, slots=True)
class Surface:
    """A picture as NV12: brightness (height, width) and colour (height/2, width/2, 2), bytes; or P010, 16 bits each.

    `full_range`: brightness goes from 0 to 255 and not from 16 to 235. `wide_gamut`: colours are those of BT.709, not
    of BT.601 (Rec. ITU-T H.273 table 4). `owner` keeps the memory as long as the surface is kept.
    """

    luma: Exported
    chroma: Exported
    full_range: bool
    wide_gamut: bool
    owner: object

    @property
    def is_on_gpu(self) -> bool:
        """Whether the processor cannot read it."""
        return self.luma.__dlpack_device__()[0] == CUDA


@runtime_checkable
class Surfaced(Protocol):
    """A picture that may be read where it lies."""

    @property
    def surface(self) -> Surface | None:
        """Its planes; None for any other layout than NV12 and P010."""
        ...


def gpu_surface(picture: object) -> Surface | None:
    """The picture's planes in a GPU's memory; None for what lies in ours."""
    surface = picture.surface if isinstance(picture, Surfaced) else None
    return surface if surface is not None and surface.is_on_gpu else None
