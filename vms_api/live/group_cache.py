"""The running group of pictures of a stream that is watched, ready to be sent."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Generic, Protocol, TypeVar

from vms_api.live.rtp_unit import RtpUnit

_USUAL_INTERVAL = 3000  # ticks of a picture where the group has only one


def squeezed(group: Sequence[RtpUnit], after_ticks: int) -> Sequence[RtpUnit]:
    """The group between the last picture a viewer was sent and the next live one, for RTP time never runs backwards.

    Empty where there is no room for it.
    """
    interval = group[-1].ticks - group[-2].ticks if len(group) > 1 else _USUAL_INTERVAL
    step = (group[-1].ticks + interval - after_ticks) // (len(group) + 1)
    if step <= 0:
        return ()
    return tuple(replace(unit, ticks=after_ticks + place * step) for place, unit in enumerate(group, 1))


class CachedUnit(Protocol):
    """As much of a picture as the cache must know; `ticks` count 1/90000 s."""

    @property
    def ticks(self) -> int:
        """When it is shown."""
        ...

    @property
    def is_keyframe(self) -> bool:
        """Whether decoding can begin here."""
        ...

    @property
    def epoch(self) -> int:
        """Pictures of different epochs have nothing to do with each other."""
        ...

    @property
    def byte_count(self) -> int:
        """Bytes that it holds."""
        ...


U = TypeVar("U", bound=CachedUnit)


class GroupCache(Generic[U]):
    """Bounded in bytes and media time: a group that outgrows it starts nobody any more, until the next key frame."""

    def __init__(self, max_bytes: int, max_s: float) -> None:
        self._max_bytes = max_bytes
        self._max_ticks = int(max_s * 90_000)
        self._units: list[U] = []
        self._bytes = 0
        self._epoch = -1

    def add(self, unit: U) -> None:
        """The stream's next picture."""
        if unit.is_keyframe or unit.epoch != self._epoch:
            self.clear()
        self._epoch = unit.epoch
        if not unit.is_keyframe and not self._units:
            return
        self._units.append(unit)
        self._bytes += unit.byte_count
        if self._bytes > self._max_bytes or unit.ticks - self._units[0].ticks > self._max_ticks:
            self.clear()

    def units(self) -> Sequence[U]:
        """The running group, key frame first; empty if none is usable."""
        return tuple(self._units)

    @property
    def byte_count(self) -> int:
        """Payload bytes that are held."""
        return self._bytes

    def clear(self) -> None:
        """Forgets the group; the next key frame begins another."""
        self._units = []
        self._bytes = 0
