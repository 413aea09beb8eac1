"""Refused attempts. Each is recorded, but one who tries a thousand times a minute does not write a thousand rows."""

import asyncio
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ingest.clock import Clock
from vms_api.audit.entry import NOWHERE, Actor, AuditEntry, AuditKind, Outcome, Place
from vms_api.audit.log import AuditLog

WINDOW_S = 60.0
MAX_KEYS = 2000
"""More different attempts than this within one window share what is left of it by their code."""


@dataclass(frozen=True, slots=True)
class Denial:
    """One attempt that was refused. `code` is that of the problem, `route` the method and template of the path."""

    actor: Actor
    code: str
    route: str
    kind: AuditKind = AuditKind.REQUEST_DENIED
    place: Place = NOWHERE

    def entry(self, repeats: int = 0) -> AuditEntry:
        """As it is recorded; `repeats` are the same attempts that were only counted."""
        detail: Mapping[str, Any] = {"code": self.code, "route": self.route}
        detail = {**detail, "repeats": repeats} if repeats else detail
        return AuditEntry(self.kind, self.actor, self.place, detail=detail, outcome=Outcome.DENIED)


@dataclass(slots=True)
class _Count:
    denial: Denial
    until_s: float
    repeats: int = 0


@dataclass(slots=True)
class DenialCounter:
    """Lets the first of equal attempts through and counts the others for WINDOW_S seconds."""

    _counts: dict[Hashable, _Count] = field(default_factory=dict)

    def admit(self, denial: Denial, now_s: float) -> bool:
        """Whether this one is to be recorded by itself."""
        key: Hashable = denial if len(self._counts) < MAX_KEYS or denial in self._counts else denial.code
        count = self._counts.get(key)
        if count is None:
            self._counts[key] = _Count(denial, now_s + WINDOW_S)
            return True
        count.repeats += 1
        return False

    def take_over(self, now_s: float) -> list[tuple[Denial, int]]:
        """What was only counted in windows that are over; those are forgotten."""
        over = [key for key, count in self._counts.items() if count.until_s <= now_s]
        taken = [self._counts.pop(key) for key in over]
        return [(count.denial, count.repeats) for count in taken if count.repeats]


class DenialLog:
    """Records refused attempts."""

    def __init__(self, audit: AuditLog, clock: Clock) -> None:
        self._audit = audit
        self._clock = clock
        self._counter = DenialCounter()

    async def record(self, denial: Denial) -> None:
        """Returns once the attempt is recorded, or counted with others like it."""
        if self._counter.admit(denial, self._clock.monotonic_s()):
            await self._audit.record_alone(denial.entry())

    async def flush(self, *, is_last: bool = False) -> None:
        """Records what was counted in windows that are over; at the end in all of them."""
        now_s = float("inf") if is_last else self._clock.monotonic_s()
        for denial, repeats in self._counter.take_over(now_s):
            await self._audit.record_alone(denial.entry(repeats))

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(WINDOW_S / 4)
            await self.flush()
