"""What waits for one viewer: bounded, and never torn."""

from collections import deque
from collections.abc import Iterable
from typing import Generic, Protocol, TypeVar


class Picture(Protocol):
    """As much of a picture as the queue must know."""

    @property
    def is_keyframe(self) -> bool:
        """Whether decoding can begin here."""
        ...

    @property
    def epoch(self) -> int:
        """Pictures of different epochs have nothing to do with each other."""
        ...


P = TypeVar("P", bound=Picture)


class ViewerQueue(Generic[P]):
    """Starts with the cached group of pictures, then follows the camera.

    A viewer that lags more than `most` pictures behind loses what waits and goes on at the next key frame, so a slow
    browser costs bounded memory and never sees torn pictures.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._waiting: deque[P] = deque()
        self._replaying = 0
        self._needs_keyframe = True
        self.dropped_count = 0

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def is_replaying(self) -> bool:
        """Whether the next picture is one of the cached group."""
        return self._replaying > 0

    def replay(self, group: Iterable[P]) -> None:
        """Puts the cached group of pictures behind what waits; it does not count as lag."""
        self._waiting.extend(group)
        self._replaying = len(self._waiting)
        self._needs_keyframe = self._needs_keyframe and not self._waiting

    def push(self, picture: P) -> None:
        """Puts a live picture.

        One of a new epoch takes the place of all that waits: once the masks were changed, or the camera was dialled
        anew, nothing of before is sent any more.
        """
        if self._waiting and picture.epoch != self._waiting[-1].epoch:
            self._skip_ahead(picture)
        elif self._needs_keyframe and not picture.is_keyframe:
            self.dropped_count += 1
        elif len(self._waiting) - self._replaying >= self._most:
            self._skip_ahead(picture)
        else:
            self._needs_keyframe = False
            self._waiting.append(picture)

    def pop(self) -> P:
        """The next picture; raises IndexError when nothing waits."""
        self._replaying = max(0, self._replaying - 1)
        return self._waiting.popleft()

    def clear(self) -> None:
        """Forgets what waits."""
        self._waiting.clear()
        self._replaying = 0

    def _skip_ahead(self, picture: P) -> None:
        self.dropped_count += len(self._waiting)
        self.clear()
        self._needs_keyframe = not picture.is_keyframe
        if picture.is_keyframe:
            self._waiting.append(picture)
        else:
            self.dropped_count += 1
