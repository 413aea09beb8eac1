"""What is wrong with keeping and deleting recordings, told when it begins and when it is over."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from ingest.clock import Clock
from vms_api.database import Database
from vms_api.events import EventLog


class ProblemCode(StrEnum):
    """What the page translates."""

    DELETION_LATE = "deletion-late"
    """Recordings past their ceiling are still there: they may not be kept."""
    ONLY_LOCKED_LEFT = "only-locked-left"
    """A volume is short, and everything on it is held or too young to go: recording is about to stop there."""
    CLOCK_JUMPED = "clock-jumped"
    """Nothing is deleted until somebody has confirmed that the clock is right."""


class RecordingProblem(BaseModel):
    """One problem; `subject` is the name of a volume or empty."""

    code: ProblemCode
    subject: str
    since: datetime
    detail: dict[str, Any]


Found = Mapping[tuple[ProblemCode, str], Mapping[str, Any]]


class ProblemBoard:
    """Kept in memory: each run of the retention finds them anew. `count` hears how many there are of each code."""

    def __init__(
        self, database: Database, events: EventLog, clock: Clock, count: Callable[[Mapping[str, int]], None]
    ) -> None:
        self._database = database
        self._events = events
        self._clock = clock
        self._count = count
        self._problems: dict[tuple[ProblemCode, str], RecordingProblem] = {}

    @property
    def problems(self) -> Sequence[RecordingProblem]:
        """What is wrong now, the oldest first."""
        return sorted(self._problems.values(), key=lambda problem: problem.since)

    async def replace(self, found: Found) -> None:
        """Takes over what was found; tells what is new and what is over."""
        before, self._problems = self._problems, {}
        for (code, subject), detail in found.items():
            known = before.get((code, subject))
            since = known.since if known else self._clock.now()
            problem = RecordingProblem(code=code, subject=subject, since=since, detail=dict(detail))
            self._problems[code, subject] = problem
        self._count({code: sum(key[0] is code for key in self._problems) for code in ProblemCode})
        async with self._database.write() as transaction:
            for key in before.keys() ^ self._problems.keys():
                is_over = key not in self._problems
                told = {**(before | self._problems)[key].model_dump(mode="json"), "is_over": is_over}
                await self._events.record(transaction, "recording.problem", told)
