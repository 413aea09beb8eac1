"""A bounded hand-off between threads that prefers fresh things to old ones."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class MailboxStatistics:
    """What went through a mailbox. At any moment `put_count == taken_count + dropped_count + length`."""

    capacity: int
    length: int
    put_count: int
    taken_count: int
    dropped_count: int


class Mailbox(Generic[T]):
    """Holds at most `capacity` things; a thing too many drops the oldest, and the drop is counted.

    Thread-safe, never blocks. `on_put` is called after every `put`, on the putting thread and outside the lock, so
    that a sleeping reader can be woken.
    """

    def __init__(self, capacity: int, on_put: Callable[[], None] | None = None) -> None:
        if capacity < 1:
            raise ValueError("a mailbox holds at least one thing")
        self._capacity = capacity
        self._on_put = on_put
        self._lock = Lock()
        self._things: deque[T] = deque()
        self._put_count = 0
        self._dropped_count = 0

    def put(self, thing: T) -> None:
        """Leaves a thing, at the cost of the oldest when the box is full."""
        with self._lock:
            self._put_count += 1
            if len(self._things) == self._capacity:
                self._things.popleft()
                self._dropped_count += 1
            self._things.append(thing)
        if self._on_put is not None:
            self._on_put()

    def take(self) -> T | None:
        """The oldest thing, None when the box is empty."""
        with self._lock:
            return self._things.popleft() if self._things else None

    def statistics(self) -> MailboxStatistics:
        """Counts since the mailbox was made."""
        with self._lock:
            length = len(self._things)
            return MailboxStatistics(
                capacity=self._capacity,
                length=length,
                put_count=self._put_count,
                taken_count=self._put_count - self._dropped_count - length,
                dropped_count=self._dropped_count,
            )
