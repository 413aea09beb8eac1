"""What waits to be written to one volume: bounded in bytes and in seconds, so that a slow disk costs no memory."""

from collections import deque
from threading import Condition
from typing import Generic, TypeVar

from ingest.clock import Clock

T = TypeVar("T")


class WriteQueue(Generic[T]):
    """Jobs in order, each with its size. Putting never blocks: `has_room` says whether more bytes are wanted.

    A job without bytes, such as the end of a file, is always taken.
    """

    def __init__(self, longest_bytes: int, longest_s: float, clock: Clock) -> None:
        self._longest_bytes = longest_bytes
        self._longest_s = longest_s
        self._clock = clock
        self._news = Condition()
        self._jobs: deque[tuple[T, int, float]] = deque()
        self._bytes = 0

    def has_room(self, share: float = 1.0) -> bool:
        """Whether the backlog is below that share of what is allowed."""
        with self._news:
            return self._load() < share

    def put(self, job: T, size: int = 0) -> None:
        """Appends a job."""
        with self._news:
            self._jobs.append((job, size, self._clock.monotonic_s()))
            self._bytes += size
            self._news.notify()

    def take(self, timeout_s: float) -> T | None:
        """The oldest job, None when none came in time."""
        with self._news:
            if not self._jobs:
                self._news.wait(timeout_s)
            if not self._jobs:
                return None
            job, size, _at_s = self._jobs.popleft()
            self._bytes -= size
            return job

    def _load(self) -> float:
        if not self._jobs:
            return 0.0
        age_s = self._clock.monotonic_s() - self._jobs[0][2]
        return max(self._bytes / self._longest_bytes, age_s / self._longest_s)
