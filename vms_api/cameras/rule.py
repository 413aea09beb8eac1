"""What is to be watched for, as the API takes it."""

from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from analytics.detection import ALLOWED_LABELS
from vms_api.cameras.zone import Zone
from vms_api.errors import FieldError, ZoneKindWrong
from vms_api.linkage.link import Links

RuleName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
RuleKind = Literal[
    "intrusion",
    "line_crossing",
    "loitering",
    "stopped_vehicle",
    "wrong_way",
    "abandoned_object",
    "object_removed",
    "fire",
]
LINE_KINDS = frozenset({"line_crossing", "wrong_way"})
"""These look at a line, all others at an area."""
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
Dwell = Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False, description="Seconds that it must last.")]
Height = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Cooldown = Annotated[float, Field(ge=0, le=86400, allow_inf_nan=False, description="Quiet seconds after an alert.")]
Instructions = Annotated[str, Field(max_length=4000, description="What the operator is to do.")]


class SizeRange(BaseModel):
    """How high an object must be, as shares of the picture's height.

    `closely`: small ones are looked for in crops of the picture as it is, which costs more processor time.
    """

    model_config = ConfigDict(extra="forbid")

    min_height: Height = 0.0
    max_height: Height = 1.0
    closely: bool = False

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.min_height >= self.max_height:
            raise PydanticCustomError("size_range", "the least height must be below the greatest")
        return self


class NoParameters(BaseModel):
    """This kind has none."""

    model_config = ConfigDict(extra="forbid")


class WrongWayParameters(BaseModel):
    """How far from the line, as a share of the picture, an object still goes along it."""

    model_config = ConfigDict(extra="forbid")

    reach: Annotated[float, Field(ge=0.01, le=0.5, allow_inf_nan=False)] = 0.1


_PARAMETERS: dict[str, type[BaseModel]] = {"wrong_way": WrongWayParameters}
"""What only one kind of rule has; a kind that is not here has none."""


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
    """A rule to be made. Line crossing and wrong way look at a line, the others at an area.

    `parameters` are those of the kind alone: `reach` of wrong way. `links` are done beside raising an alert.
    """

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
    size: SizeRange = SizeRange()
    parameters: dict[str, Any] = {}
    links: Links = []

    @model_validator(mode="after")
    def _reads_parameters(self) -> Self:
        """Checks the parameters and fills in what was left out."""
        model = _PARAMETERS.get(self.kind, NoParameters)
        try:
            self.parameters = model.model_validate(self.parameters).model_dump()
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(step) for step in first["loc"])
            raise PydanticCustomError(
                "rule_parameters", "{where}: {what}", {"where": where, "what": first["msg"]}
            ) from None
        return self


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
    size: SizeRange | None = None
    parameters: dict[str, Any] | None = None
    links: Links | None = None

    def changed(self, current: RuleIn) -> dict[str, Any]:
        """The fields that change. A rule of another kind leaves the parameters of the old one behind."""
        fields = self.model_dump(exclude_unset=True)
        if fields.get("kind", current.kind) != current.kind:
            fields.setdefault("parameters", {})
        return fields


class Rule(RuleIn):
    """A rule of a camera."""

    id: str


def check_zone_kind(rule: RuleIn, zone: Zone | None) -> None:
    """The zone must exist on the rule's camera and be of the kind the rule reads.

    Raises:
        ZoneKindWrong: it is missing or of the other kind.

    """
    needed = "line" if rule.kind in LINE_KINDS else "area"
    if zone is None or zone.kind != needed:
        message = f"{rule.kind} needs a zone of kind {needed} on the same camera"
        raise ZoneKindWrong(errors=[FieldError("zone_id", "zone-kind-wrong", message)])
