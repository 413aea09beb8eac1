"""An alert as operators see it."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from vms_api.alerts.lifecycle import AlertState
from vms_api.cameras.rule import RuleKind

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Box = tuple[Share, Share, Share, Share]


class Alert(BaseModel):
    """Raised by a rule. `box` is left, top, right, bottom in 0 to 1; `acknowledged_by` is a user name.

    Area, names and instructions are those of the moment it was stored: later changes do not rewrite what happened.
    """

    id: str
    area_id: str
    camera_id: str
    camera_name: str
    rule_id: str
    rule_name: str
    kind: RuleKind
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
    has_evidence: bool
    evidence_url: str | None = None
    instructions: str
