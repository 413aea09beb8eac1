"""What an operator may set about the times in which alerts are answered."""

from pydantic import BaseModel, ConfigDict, Field, model_validator

from vms_api.dispatch.dispatch_rule import plan_of
from vms_api.dispatch.plan import Plan


class DispatchSettings(BaseModel):
    """The times for alerts of which no dispatch rule speaks. The nearest centre answers for them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    acknowledge_within_s: float = Field(
        default=300.0, ge=10, le=604800, description="Time to take an alert on before it goes a centre up."
    )
    resolve_within_s: float = Field(
        default=14400.0, ge=60, le=7776000, description="Time to handle an alert before it goes a centre up."
    )
    remind_every_s: float = Field(
        default=1800.0,
        ge=60,
        le=604800,
        description="Time to the first reminder of an overdue alert; each next one takes twice as long, up to a day.",
    )

    @model_validator(mode="after")
    def _is_in_order(self) -> "DispatchSettings":
        if self.resolve_within_s < self.acknowledge_within_s:
            raise ValueError("resolve_within_s must not be less than acknowledge_within_s")
        return self

    @property
    def plan(self) -> Plan:
        """The times as a plan."""
        return plan_of(self.acknowledge_within_s, self.resolve_within_s, self.remind_every_s)
