"""A rule tried on the past, as the API takes and tells it."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from vms_api.cameras.rule import RuleIn
from vms_api.nodes.simulation_client import SimulationState

LONGEST = timedelta(hours=1)


class SimulationIn(BaseModel):
    """The rule as it would be armed, and what of the recording it is to look at: at most an hour."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    rule: RuleIn
    start: Annotated[AwareDatetime, Field(alias="from")]
    end: Annotated[AwareDatetime, Field(alias="to")]

    @model_validator(mode="after")
    def _is_a_span(self) -> Self:
        if not timedelta(0) < self.end - self.start <= LONGEST:
            raise PydanticCustomError("simulation_range", "`to` must be after `from`, by at most an hour")
        return self


class SimulationOut(SimulationState):
    """A simulation. `recorded_s` is what the index knows of the range: the rest of it was not recorded."""

    id: str
    recorded_s: float
