"""Whose turn it is to send: many viewers on one event loop, none of whom may hold it up."""

import asyncio
import math
import time
from collections import deque
from typing import Protocol

import structlog

log = structlog.get_logger()

SLICE_S = 0.004
"""How long one turn sends before everything else on the loop gets its own."""


class Outlet(Protocol):
    """Somebody who has something to send."""

    def advance(self, now_s: float) -> float | None:
        """Sends a little. Returns when to be asked again, in seconds from now; None when nothing is left."""
        ...

    def fail(self) -> None:
        """It could not send, and is not asked again."""
        ...


class SendPump:
    """Asks outlets in turn, in slices of the loop's time. Lives on one event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._turns: deque[Outlet] = deque()
        self._known: set[Outlet] = set()
        self._next: asyncio.Handle | None = None
        self._is_soon = False

    def ready(self, outlet: Outlet) -> None:
        """The outlet has something to send."""
        if outlet not in self._known:
            self._known.add(outlet)
            self._turns.append(outlet)
        if not self._is_soon:
            self._schedule(0.0)

    def forget(self, outlet: Outlet) -> None:
        """The outlet sends nothing more."""
        if outlet in self._known:
            self._known.remove(outlet)
            self._turns.remove(outlet)

    def _schedule(self, wait_s: float) -> None:
        if self._next is not None:
            self._next.cancel()
        self._is_soon = wait_s <= 0
        self._next = self._loop.call_soon(self._turn) if self._is_soon else self._loop.call_later(wait_s, self._turn)

    def _turn(self) -> None:
        self._next, self._is_soon = None, True  # who becomes ready meanwhile has a turn below, or in the next slice
        began_s = now_s = time.perf_counter()
        wait_s = math.inf
        for _ in range(len(self._turns)):
            if now_s - began_s > SLICE_S:
                wait_s = 0.0
                break
            outlet = self._turns.popleft()
            again_s = self._advanced(outlet, now_s)
            if again_s is None:
                self._known.remove(outlet)
            else:
                self._turns.append(outlet)
                wait_s = min(wait_s, again_s)
            now_s = time.perf_counter()
        self._is_soon = False
        if self._turns:
            self._schedule(wait_s)

    def _advanced(self, outlet: Outlet, now_s: float) -> float | None:
        try:
            return outlet.advance(now_s)
        except Exception:
            # One viewer's boundary: whatever it is, the others are sent to.
            log.exception("viewer cannot be sent to")
            self._loop.call_soon(outlet.fail)
            return None
