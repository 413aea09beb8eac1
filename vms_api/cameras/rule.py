"""What is to be watched for, as the API takes it."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from analytics.detection import ALLOWED_LABELS
from vms_api.cameras.zone import Zone
from vms_api.errors import FieldError, ZoneKindWrong

RuleName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
RuleKind = Literal["intrusion", "line_crossing"]
Direction = Literal["any", "left_to_right", "right_to_left"]
Severity = Literal["low", "medium", "high"]
ClockTime = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Day = Annotated[int, Field(ge=0, le=6)]


def _known_labels(labels: list[str]) -> list[str]:
    unknown = sorted(set(labels) - ALLOWED_LABELS)
    if unknown:
        raise PydanticCustomError("label_unknown", "not a class that may be analysed")
    return sorted(set(labels))


Labels = Annotated[list[str], Field(min_length=1, max_length=32), AfterValidator(_known_labels)]
Dwell = Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False, description="Seconds inside the zone (intrusion).")]
Cooldown = Annotated[float, Field(ge=0, le=86400, allow_inf_nan=False, description="Quiet seconds after an alert.")]
Instructions = Annotated[str, Field(max_length=4000, description="What the operator is to do.")]


class Window(BaseModel):
    """A daily span; days count from Monday as 0; an end at or before the start lies on the next day."""

    model_config = ConfigDict(extra="forbid")

    days: Annotated[list[Day], Field(min_length=1, max_length=7)]
    start: ClockTime
    end: ClockTime


class Schedule(BaseModel):
    """When the rule is armed, in the site's time zone."""

    model_config = ConfigDict(extra="forbid")

    windows: Annotated[list[Window], Field(min_length=1, max_length=50)]


class RuleIn(BaseModel):
    """A rule to be made. Intrusion looks at an area, line crossing at a line."""

    model_config = ConfigDict(extra="forbid")

    name: RuleName
    kind: RuleKind
    zone_id: str
    labels: Labels
    direction: Direction = "any"
    dwell_s: Dwell = 0
    schedule: Schedule | None = None
    severity: Severity = "medium"
    cooldown_s: Cooldown = 30
    enabled: bool = True
    instructions: Instructions = ""


class RulePatch(BaseModel):
    """Any part of a rule; `schedule` null arms it always."""

    model_config = ConfigDict(extra="forbid")

    name: RuleName | None = None
    kind: RuleKind | None = None
    zone_id: str | None = None
    labels: Labels | None = None
    direction: Direction | None = None
    dwell_s: Dwell | None = None
    schedule: Schedule | None = None
    severity: Severity | None = None
    cooldown_s: Cooldown | None = None
    enabled: bool | None = None
    instructions: Instructions | None = None


class Rule(RuleIn):
    """A rule of a camera."""

    id: str


def check_zone_kind(rule: RuleIn, zone: Zone | None) -> None:
    """The zone must exist on the rule's camera and be of the kind the rule reads.

    Raises:
        ZoneKindWrong: it is missing or of the other kind.

    """
    needed = "area" if rule.kind == "intrusion" else "line"
    if zone is None or zone.kind != needed:
        message = f"{rule.kind} needs a zone of kind {needed} on the same camera"
        raise ZoneKindWrong(errors=[FieldError("zone_id", "zone-kind-wrong", message)])
