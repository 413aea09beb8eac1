"""What waits to be written to one volume: bounded in bytes and in seconds, so that a slow disk costs no memory."""

from collections import deque
from collections.abc import Callable
from threading import Condition
from typing import Generic, TypeVar

from ingest.clock import Clock

T = TypeVar("T")


class WriteQueue(Generic[T]):
    """Jobs in order, each with its size. Putting never blocks: while there is no room, something is to be taken out.

    A job without bytes, such as the end of a file, is always taken.
    """

    def __init__(self, longest_bytes: int, longest_s: float, clock: Clock) -> None:
        self._longest_bytes = longest_bytes
        self._longest_s = longest_s
        self._clock = clock
        self._news = Condition()
        self._jobs: deque[tuple[T, int, float]] = deque()
        self._bytes = 0

    def has_room(self) -> bool:
        """Whether the backlog is below what is allowed."""
        with self._news:
            return self._load() < 1.0

    def oldest(self) -> T | None:
        """The job with bytes that waits longest."""
        with self._news:
            return next((job for job, size, _ in self._jobs if size), None)

    def put(self, job: T, size: int = 0) -> None:
        """Appends a job."""
        with self._news:
            self._jobs.append((job, size, self._clock.monotonic_s()))
            self._bytes += size
            self._news.notify()

    def replace(self, is_in: Callable[[T], bool], by: T) -> None:
        """Takes these jobs out and puts another, without bytes, before all that wait."""
        with self._news:
            kept = [entry for entry in self._jobs if not is_in(entry[0])]
            self._jobs = deque([(by, 0, self._clock.monotonic_s()), *kept])
            self._bytes = sum(size for _, size, _ in kept)
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
        since_s = next((at_s for _, size, at_s in self._jobs if size), None)
        if since_s is None:
            return 0.0
        age_s = self._clock.monotonic_s() - since_s
        return max(self._bytes / self._longest_bytes, age_s / self._longest_s)
