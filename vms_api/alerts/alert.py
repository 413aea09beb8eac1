"""An alert as operators see it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from vms_api.alerts.checklist import ChecklistStep, checklist_of
from vms_api.alerts.handling import Verdict
from vms_api.alerts.lifecycle import AlertState
from vms_api.cameras.rule import RuleKind

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Box = tuple[Share, Share, Share, Share]
HereKind = Literal["device_notice", "camera_offline", "patrol"]
"""What the control process raises itself: by a rule about a device, or because somebody on a round found it."""
AlertKind = RuleKind | HereKind
Stage = Literal["acknowledge", "resolve"]
"""What an open alert waits for: that somebody takes it on, then that it is handled."""


class BestView(BaseModel):
    """The object as it was seen best, before or shortly after the alert: another picture, with its own time and box."""

    seen_at: datetime
    score: float
    box: Box
    url: str


class Alert(BaseModel):
    """Raised by a rule. `box` is left, top, right, bottom in 0 to 1; `acknowledged_by` and `owner` are user names.

    The owner has it in hand. The centre answers for it, by the times `acknowledge_by` and `resolve_by`; `level` is how
    many centres up it has come, `overdue` the time that was missed, `urged_at` when its centre was last urged or
    reminded. One that no picture raised (`device_notice`, `camera_offline`) has no evidence, and a box
    of zeros; `label` is then what was noticed. One of a `patrol` has the picture that the patroller kept, if any; its
    rule is the plan.

    Area, names and instructions are those of the moment it was stored: later changes do not rewrite what happened.

    Alerts of one incident have the `incident_id` of its first. `repeats` is how many have followed the first, or as the
    how many-th another one came; `last_at` of the first is when the latest was raised. `checklist` is what the
    instructions say, step by step.
    """

    id: str
    area_id: str
    camera_id: str
    camera_name: str
    rule_id: str
    rule_name: str
    kind: AlertKind
    severity: Literal["low", "medium", "high"]
    label: str
    score: float
    box: Box
    state: AlertState
    raised_at: datetime
    frame_received_at: datetime
    stored_at: datetime
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    owner_id: str | None = None
    owner: str | None = None
    verdict: Verdict | None = None
    duplicate_of: str | None = None
    centre_id: str | None = None
    centre_name: str | None = None
    level: int = 0
    acknowledge_by: datetime | None = None
    resolve_by: datetime | None = None
    overdue: Stage | None = None
    urged_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    has_evidence: bool
    evidence_url: str | None = None
    best_view: BestView | None = None
    instructions: str
    checklist: list[ChecklistStep] = []
    incident_id: str
    repeats: int = 0
    last_at: datetime


def evidence_url(alert_id: str) -> str:
    """The address of an alert's picture."""
    return f"/api/v1/alerts/{alert_id}/evidence.jpg"


@dataclass(frozen=True, slots=True)
class RaisedHere:
    """What the control process itself raises; `noticed_at` is when the cause came about."""

    id: str
    camera_id: str
    rule_id: str
    rule_name: str
    kind: HereKind
    severity: Literal["low", "medium", "high"]
    label: str
    noticed_at: datetime
    raised_at: datetime
    instructions: str

    def alert(self, *, area_id: str, camera_name: str, stored_at: datetime, has_evidence: bool) -> Alert:
        """The alert as it is stored: new."""
        return Alert(
            id=self.id,
            area_id=area_id,
            camera_id=self.camera_id,
            camera_name=camera_name,
            rule_id=self.rule_id,
            rule_name=self.rule_name,
            kind=self.kind,
            severity=self.severity,
            label=self.label,
            score=1.0,
            box=(0.0, 0.0, 0.0, 0.0),
            state=AlertState.NEW,
            raised_at=self.raised_at,
            frame_received_at=self.noticed_at,
            stored_at=stored_at,
            has_evidence=has_evidence,
            evidence_url=evidence_url(self.id) if has_evidence else None,
            instructions=self.instructions,
            checklist=checklist_of(self.instructions),
            incident_id=self.id,
            last_at=self.raised_at,
        )
