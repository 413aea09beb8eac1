"""A patrol plan: which cameras are looked at in which order, by whom and when. Values.

A plan that is changed gets a new version; a round keeps the version that it began with.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from ingest.identifier import new_identifier
from vms_api.patrols.schedule import PatrolSchedule

Id = Annotated[str, Field(min_length=1, max_length=64)]
PlanName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")
]
QuestionText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
MOST_STOPS = 10_000


class PatrolQuestion(BaseModel):
    """What is to be looked for at a stop; an answer other than the expected one is a finding. Null: either is well."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: QuestionText
    expected: Literal["yes", "no"] | None = None


class PatrolStop(BaseModel):
    """A camera on the route, at one of its presets or as it stands, looked at for at least `dwell_s` seconds.

    `reference_id` is a picture of how it should look. An id that is left out is made; who changes a plan keeps the ids.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Id = Field(default_factory=new_identifier)
    camera_id: Id
    preset: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    dwell_s: Annotated[float, Field(ge=1, le=3600, allow_inf_nan=False)] = 10
    questions: Annotated[tuple[PatrolQuestion, ...], Field(max_length=20)] = ()
    reference_id: Id | None = None


class PatrolByName(BaseModel):
    """These people are asked to patrol."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    user_ids: Annotated[tuple[Id, ...], Field(min_length=1, max_length=200)]


class PatrolByRoster(BaseModel):
    """Whoever is on duty at the centre is asked to patrol."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    roster: Literal[True]


class PatrolPlanContent(BaseModel):
    """All of a plan that people make. The centre of `area_id`, or the nearest above it, answers for its rounds.

    A round is complete when so large a share of its stops has a verdict; it may be taken until `deadline_s` after it
    is due, and what is finished later is late. `grid` cameras are shown at a time.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    area_id: Id
    name: PlanName
    enabled: bool = True
    stops: Annotated[tuple[PatrolStop, ...], Field(min_length=1, max_length=MOST_STOPS)]
    order: Literal["fixed", "shuffled"] = "fixed"
    grid: Literal[1, 4, 9] = 1
    people: PatrolByName | PatrolByRoster
    schedule: PatrolSchedule
    complete_at: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = 1.0
    deadline_s: Annotated[int, Field(ge=300, le=604800)] = 3600

    @model_validator(mode="after")
    def _names_each_stop_once(self) -> Self:
        if len({stop.id for stop in self.stops}) < len(self.stops):
            raise PydanticCustomError("stop_twice", "two stops have the same id")
        return self

    @property
    def camera_ids(self) -> Sequence[str]:
        """The cameras of the route, each once, in its order."""
        return list(dict.fromkeys(stop.camera_id for stop in self.stops))


class PatrolPlanIn(PatrolPlanContent):
    """A plan to be made or replaced; `version` is the one that a change was made from, null asks for no check."""

    version: Annotated[int, Field(ge=1)] | None = None

    @property
    def content(self) -> PatrolPlanContent:
        """The plan itself."""
        return PatrolPlanContent.model_validate(self.model_dump(exclude={"version"}))


class PatrolPlanVersion(BaseModel):
    """A plan as it was made or changed by somebody: what a round goes by."""

    model_config = ConfigDict(frozen=True)

    plan_id: str
    version: int
    content: PatrolPlanContent
    at: datetime
    user_id: str | None
    username: str | None


@dataclass(frozen=True, slots=True)
class PatrolPlanRow:
    """A plan without its stops: what lists, the calendar and the next round need.

    `next_due_at` is None when no round will be due: switched off, or a schedule that is over.
    """

    id: str
    area_id: str
    name: str
    enabled: bool
    version: int
    stop_count: int
    order: Literal["fixed", "shuffled"]
    grid: Literal[1, 4, 9]
    schedule: PatrolSchedule
    people: PatrolByName | PatrolByRoster
    complete_at: float
    deadline_s: int
    next_due_at: datetime | None
    updated_at: datetime
    updated_by: str | None


class PatrolPlanListed(BaseModel):
    """A plan on a list: without its stops, of which there may be ten thousand."""

    id: str
    version: int
    area_id: str
    name: str
    enabled: bool
    stop_count: int
    order: Literal["fixed", "shuffled"]
    grid: Literal[1, 4, 9]
    people: PatrolByName | PatrolByRoster
    schedule: PatrolSchedule
    complete_at: float
    deadline_s: int
    next_due_at: datetime | None
    updated_at: datetime
    updated_by: str | None

    @classmethod
    def of(cls, row: PatrolPlanRow) -> "PatrolPlanListed":
        """As it is shown."""
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class PatrolPlan(PatrolPlanContent):
    """A plan as it is shown. `missing` are the stops whose camera is gone or in another area by now."""

    id: str
    version: int
    next_due_at: datetime | None
    updated_at: datetime
    updated_by: str | None
    time_zone: str
    missing: list[str]

    @classmethod
    def of(cls, row: PatrolPlanRow, content: PatrolPlanContent, time_zone: str, missing: list[str]) -> "PatrolPlan":
        """As it is shown."""
        known: dict[str, Any] = {name: getattr(content, name) for name in PatrolPlanContent.model_fields}
        return cls(
            **known,
            id=row.id,
            version=row.version,
            next_due_at=row.next_due_at,
            updated_at=row.updated_at,
            updated_by=row.updated_by,
            time_zone=time_zone,
            missing=missing,
        )


class PatrolPreviewIn(BaseModel):
    """A schedule that is being made; randomised starts are those of the plan that is named."""

    model_config = ConfigDict(extra="forbid")

    schedule: PatrolSchedule
    plan_id: Id | None = None


class PatrolPreview(BaseModel):
    """The next times at which rounds would be due, and the zone whose clocks the schedule goes by."""

    dues: list[datetime]
    time_zone: str
