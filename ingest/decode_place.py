"""Where a camera's pictures are decoded, and why not on the GPU."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable


class GpuRefusal(StrEnum):
    """Why a camera that was to be decoded on the GPU is not. The words are stable: they go to API, metrics and page."""

    ABSENT = "absent"
    """No GPU, or no driver that can be used."""
    FORMAT = "format"
    """The GPU does not decode this codec, profile or size."""
    FULL = "full"
    """The GPU decodes this format for another camera, and takes no more: of sessions, or for want of memory."""
    BUDGET = "budget"
    """The memory that a site gives to decoding is spoken for."""
    MASKED = "masked"
    """The camera has privacy masks, and these are painted in the memory of the processor."""
    BROKEN = "broken"
    """It decoded there, and then failed many packets in a row."""


class GpuRefused(Exception):
    """The GPU does not take this stream."""

    def __init__(self, cause: GpuRefusal, detail: str = "") -> None:
        super().__init__(detail or cause.value)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class DecodePlace:
    """`gpu_bytes` is what its pictures are reckoned to take of the GPU's memory, 0 on the processor.

    `refusal` is why it is on the processor now, None where that was never another's to decide; `refusals` counts what
    drove it there since the node started.
    """

    on_gpu: bool = False
    gpu_bytes: int = 0
    refusal: GpuRefusal | None = None
    refusals: Mapping[GpuRefusal, int] = field(default_factory=dict)


ON_PROCESSOR = DecodePlace()


@runtime_checkable
class Placed(Protocol):
    """A decoder that has a choice of place."""

    @property
    def place(self) -> DecodePlace:
        """Where it decodes now. May be read from any thread."""
        ...
