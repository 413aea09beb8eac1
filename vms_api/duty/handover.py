"""What one shift hands over to the next. Values; none is changed once it is made."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from vms_api.alerts.alert import Alert, Stage
from vms_api.alerts.lifecycle import AlertState
from vms_api.cameras.health import CameraHealth, CameraState
from vms_api.cameras.rule import Severity
from vms_api.patrols.round import RoundSummary
from vms_api.patrols.round_lifecycle import RoundState

Trouble = Literal["offline", "frozen", "not-recording"]
Note = Annotated[str, Field(max_length=4000)]
MOST_LISTED = 200
"""So many alerts and cameras are named; all of them are counted."""


class HandoverIn(BaseModel):
    """What the person who leaves, or the one who signs, has to say."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    note: Note = ""


class OpenAlert(BaseModel):
    """An alert that is still to be handled, as it stood at the handover."""

    id: str
    camera_name: str
    rule_name: str
    severity: Severity
    state: AlertState
    raised_at: datetime
    overdue: Stage | None
    owner: str | None

    @classmethod
    def of(cls, alert: Alert) -> "OpenAlert":
        """As much of the alert."""
        return cls.model_validate(alert.model_dump(include=set(cls.model_fields)))


class FaultyCamera(BaseModel):
    """A camera that does not do what it should."""

    id: str
    name: str
    state: CameraState
    troubles: list[Trouble]
    since: datetime


class OpenPatrol(BaseModel):
    """A patrol round that is not over; nobody has begun it where `user_name` is null."""

    id: str
    name: str
    state: RoundState
    due_at: datetime
    deadline_at: datetime
    late: bool
    user_name: str | None
    done_count: int
    stop_count: int

    @classmethod
    def of(cls, patrol: RoundSummary) -> "OpenPatrol":
        """As much of the round."""
        return cls.model_validate(patrol.model_dump(include=set(cls.model_fields)))


class HandoverRecord(BaseModel):
    """What the system found at that moment: open alerts of the centre, faulty cameras of its area, who was on duty.

    And the patrol rounds of the centre that are not over; handovers of old have none.
    """

    open_count: int
    overdue_count: int
    open_alerts: list[OpenAlert]
    faulty_count: int
    faulty_cameras: list[FaultyCamera]
    on_duty: list[str]
    patrol_count: int = 0
    open_patrols: list[OpenPatrol] = []


class Signature(BaseModel):
    """Who took over."""

    at: datetime
    user_id: str
    username: str
    note: str


class Handover(BaseModel):
    """One handover; `signature` is null until the next person has signed."""

    id: str
    centre_id: str
    centre_name: str
    at: datetime
    user_id: str
    username: str
    shift: str | None
    note: str
    record: HandoverRecord
    signature: Signature | None = None


def troubles(health: CameraHealth) -> list[Trouble]:
    """What is wrong with a camera; one that is switched off is not faulty."""
    if health.state == "disabled":
        return []
    found: list[Trouble] = [] if health.state == "live" else ["offline"]
    if health.frozen:
        found.append("frozen")
    if health.recording is not None and health.recording.state == "waiting":
        found.append("not-recording")
    return found
