"""A repair ticket as people see it, and what finds it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from vms_api.tickets.cause import Cause, Severity
from vms_api.tickets.lifecycle import RUNNING, TicketState

Facts = Mapping[str, str | float]


class PauseReason(StrEnum):
    """Why a repair has to wait."""

    POWER_CUT = "power-cut"
    ROAD_WORKS = "road-works"
    WAITING_FOR_PARTS = "waiting-for-parts"
    WEATHER = "weather"
    OTHER = "other"


class Contractor(BaseModel):
    """A firm that repairs and has no account: its name, and how it is reached."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    name: Annotated[str, Field(min_length=1, max_length=80)]
    contact: Annotated[str, Field(max_length=120)] = ""


class Pause(BaseModel, frozen=True):
    """Why the repair waits, since when, and until when as far as that is known."""

    reason: PauseReason
    note: str = ""
    since: datetime
    until: datetime | None = None


class Ticket(BaseModel):
    """What is wrong at one place, and how far its repair has come.

    `subject` names the place: `camera:ID`, `host:ADDRESS` or `area:ID` for cameras that went together, `volume:NAME`,
    `node:ID`; `name` is what people call it, `camera_count` how many cameras it is about. Its area is where it is now.

    `repeats`: how often the fault came back, or had been there in the weeks before; `repeated` says that it did at all.
    `cleared_at`: since when the fault is gone, as far as anybody can see. `due_at` stands still in a pause; `paused_s`
    is how long that was. `evidence` is the id of a picture, `source` of the patrol round,
    `duplicate_of` of the ticket as whose duplicate it was closed.
    """

    id: str
    number: int
    subject: str
    camera_id: str | None
    camera_name: str
    camera_count: int = 1
    area_id: str
    cause: Cause
    severity: Severity
    state: TicketState = TicketState.OPEN
    opened_at: datetime
    found_at: datetime
    due_at: datetime
    overdue: bool = False
    assignee_id: str | None = None
    assignee: str | None = None
    contractor: Contractor | None = None
    repeats: int = 0
    repeated: bool = False
    evidence: str | None = None
    proof: str | None = None
    source: str | None = None
    facts: dict[str, str | float] = {}
    cleared_at: datetime | None = None
    fixed_at: datetime | None = None
    closed_at: datetime | None = None
    pause: Pause | None = None
    paused_s: float = 0.0
    parts: list[str] = []
    duplicate_of: str | None = None

    def at(self, now: datetime) -> "Ticket":
        """As it is to be shown now: whether its time is over depends on the time."""
        return self.model_copy(update={"overdue": self.state in RUNNING and self.due_at < now})

    def resumed(self, now: datetime) -> dict[str, Any]:
        """What changes when a pause ends: the time that it took is given back."""
        if self.pause is None:
            return {}
        waited = max(now - self.pause.since, timedelta(0))
        return {"pause": None, "due_at": self.due_at + waited, "paused_s": self.paused_s + waited.total_seconds()}


class TicketEntry(BaseModel, frozen=True):
    """One step of its history; the system itself has neither user id nor name."""

    at: datetime
    act: str
    state: TicketState
    user_id: str | None = None
    username: str | None = None
    note: str = ""
    detail: dict[str, Any] = {}


class TicketDetail(Ticket):
    """A ticket with what was done about it, the oldest first, and the cameras it is about."""

    history: list[TicketEntry]
    camera_ids: list[str]


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault of one camera, as a watcher, the diagnosis of pictures or a patrol found it.

    `evidence` is the id of a picture, `source` what it was found by (a round's id).
    """

    camera_id: str
    cause: Cause
    at: datetime
    severity: Severity
    facts: Facts = field(default_factory=dict)
    evidence: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What a ticket is about. `camera_ids`: those that share the fault."""

    key: str
    name: str
    area_id: str
    camera_id: str | None = None
    camera_ids: tuple[str, ...] = ()

    @classmethod
    def of_camera(cls, camera_id: str, name: str, area_id: str) -> "Subject":
        """One camera."""
        return cls(f"camera:{camera_id}", name, area_id, camera_id, (camera_id,))


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of some subject, about to have its ticket."""

    subject: Subject
    cause: Cause
    at: datetime
    severity: Severity
    facts: Facts = field(default_factory=dict)
    evidence: str | None = None
    source: str | None = None
