"""From RTP payloads to access units: where one ends and the next begins."""

from collections import Counter, deque
from dataclasses import dataclass
from typing import Protocol

from ingest.drops import DropCause

MAX_UNIT_BYTES = 8 * 1024 * 1024
"""No camera's picture is larger; what grows beyond is given up."""


@dataclass(frozen=True, slots=True)
class EncodedUnit:
    """An access unit as the camera sent it. `timestamp` is the RTP timestamp, unwrapped."""

    data: bytes
    timestamp: int
    is_keyframe: bool = False


class Assembler(Protocol):
    """Takes the payloads of one RTP stream in order. Nothing that a payload holds makes it raise.

    Finished units wait in `ready` until the reader takes them, which it does after every payload.
    """

    ready: deque[EncodedUnit]
    drops: Counter[DropCause]

    def push(self, payload: memoryview, timestamp: int, *, is_marked: bool) -> None:
        """One payload; its memory belongs to the caller. `is_marked`: the packet's marker bit."""
        ...

    def lose(self) -> None:
        """Packets are missing before the next payload."""
        ...


class PictureDepacketiser(Protocol):
    """The payload format of one video codec: collects one access unit after another.

    `has_picture` says whether the unit that is being collected holds (part of) a picture, not parameter sets alone;
    `is_continuation` whether its first part is not a picture's first; `is_damaged` whether a part of it is missing;
    `size` how many bytes it has.
    """

    has_picture: bool
    is_continuation: bool

    @property
    def is_damaged(self) -> bool:
        """Whether a part is missing."""
        ...

    @property
    def size(self) -> int:
        """Bytes collected."""
        ...

    def push(self, payload: memoryview) -> None:
        """One payload that is not empty."""
        ...

    def lose(self) -> None:
        """Packets are missing: closes what they cut off."""
        ...

    def take(self) -> tuple[bytes, bool]:
        """The unit's bytes, and whether a decoder can begin with it. Starts the next one."""
        ...


class PictureAssembler:
    """Puts pictures together. Implements `Assembler`.

    A picture is over at its marker bit (RFC 6184 clause 5.1), so nothing waits for the next one; where a camera forgets
    the marker, at the next timestamp. A camera that sets it within pictures is found out by the rest that follows with
    the same timestamp, and read by its timestamps from then on. Parameter sets that come as a picture of their own, as
    some cameras send them, wait for the picture. A picture with a missing part is handed on without it, for what is
    left may be all that shows an act; but it is counted, and nobody is to start at it.
    """

    def __init__(self, depacketiser: PictureDepacketiser) -> None:
        self._depacketiser = depacketiser
        self._timestamp = 0
        self._finished_timestamp: int | None = None
        self._are_markers_true = True
        self._is_begun = self._is_oversize = self._has_lost = False
        self.ready: deque[EncodedUnit] = deque()
        self.drops: Counter[DropCause] = Counter()

    def push(self, payload: memoryview, timestamp: int, *, is_marked: bool) -> None:
        """One payload."""
        depacketiser = self._depacketiser
        if timestamp != self._timestamp:
            self._finish()
            self._timestamp = timestamp
            if self._has_lost:
                depacketiser.lose()  # what is missing may have been the end of one picture and the start of the next
        self._has_lost = False
        if payload and not self._is_oversize:
            self._is_begun = True
            depacketiser.push(payload)
            if depacketiser.size > MAX_UNIT_BYTES:
                self._is_oversize = True
                depacketiser.take()
        if is_marked and self._are_markers_true:
            self._finish()

    def lose(self) -> None:
        """Packets are missing before the next payload."""
        self._has_lost = True
        self._depacketiser.lose()

    def _finish(self) -> None:
        """Ends the picture, if one has begun."""
        if not self._is_begun:
            return
        if self._is_oversize:
            self._is_begun = self._is_oversize = False
            self.drops[DropCause.OVERSIZE] += 1
            return
        has_picture, is_damaged = self._depacketiser.has_picture, self._depacketiser.is_damaged
        if is_damaged:
            self.drops[DropCause.DAMAGED] += 1
        elif not has_picture:
            return
        self._is_begun = False
        is_rest = self._depacketiser.is_continuation and self._timestamp == self._finished_timestamp
        if is_rest and not is_damaged:
            self._are_markers_true = False
        self._finished_timestamp = self._timestamp
        data, is_keyframe = self._depacketiser.take()
        if has_picture and data:
            self.ready.append(EncodedUnit(data, self._timestamp, is_keyframe and not is_damaged))
