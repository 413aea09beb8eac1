"""Which centre answers for which alerts, and by when: what people decide for an area."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from analytics.schedule import Schedule as ArmedTimes
from analytics.schedule import Window as ArmedTime
from vms_api.alerts.alert import Alert, AlertKind
from vms_api.cameras.rule import RuleName, Schedule, Severity
from vms_api.dispatch.plan import Plan

AreaId = Annotated[str, Field(min_length=1, max_length=64)]
Acknowledging = Annotated[float, Field(ge=10, le=7 * 86400, allow_inf_nan=False, description="Seconds to take it on.")]
Handling = Annotated[float, Field(ge=60, le=90 * 86400, allow_inf_nan=False, description="Seconds to handle it.")]
Reminding = Annotated[float, Field(ge=60, le=7 * 86400, allow_inf_nan=False, description="Seconds to a reminder.")]


class DispatchRuleIn(BaseModel):
    """A rule for the alerts of an area and of those below it: of these kinds and severities (none named: of all).

    `centre_id` is the area whose centre answers; null: the nearest one at or above the camera's area. Of the rules that
    fit, one of the nearest area wins, and there the one of the lowest position.
    """

    model_config = ConfigDict(extra="forbid")

    name: RuleName
    area_id: AreaId
    kinds: Annotated[list[AlertKind], Field(max_length=32)] = []
    severities: Annotated[list[Severity], Field(max_length=3)] = []
    schedule: Schedule | None = None
    centre_id: AreaId | None = None
    acknowledge_within_s: Acknowledging
    resolve_within_s: Handling
    remind_every_s: Reminding | None = None
    position: Annotated[int, Field(ge=0, le=9999)] = 0

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if self.resolve_within_s < self.acknowledge_within_s:
            raise PydanticCustomError("due_times_crossed", "handling may not be due before taking on")
        return self


class DispatchRule(DispatchRuleIn):
    """A rule of an area."""

    id: str

    @property
    def plan(self) -> Plan:
        """The times that it gives."""
        return plan_of(self.acknowledge_within_s, self.resolve_within_s, self.remind_every_s)

    def fits(self, alert: Alert, at: datetime, zone: ZoneInfo) -> bool:
        """Whether it speaks of such alerts at that instant; whether of their area is another question."""
        is_its_sort = (not self.kinds or alert.kind in self.kinds) and (
            not self.severities or alert.severity in self.severities
        )
        return is_its_sort and self._armed_times(zone).is_armed(at)

    def _armed_times(self, zone: ZoneInfo) -> ArmedTimes:
        windows = self.schedule.windows if self.schedule else []
        times = (ArmedTime(frozenset(w.days), time.fromisoformat(w.start), time.fromisoformat(w.end)) for w in windows)
        return ArmedTimes(zone, tuple(times))


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen for an alert: the rule's times, and its centre if it names one."""

    plan: Plan
    centre_id: str | None


def choose(
    rules: Iterable[DispatchRule], alert: Alert, lineage: Iterable[str], at: datetime, zone: ZoneInfo
) -> Choice | None:
    """The rule that wins for the alert: the nearest area's, then the lowest position's; None: none speaks of it.

    `lineage` holds the ids from the root to the alert's area.
    """
    depth = {area_id: steps for steps, area_id in enumerate(lineage)}
    fitting = [rule for rule in rules if rule.area_id in depth and rule.fits(alert, at, zone)]
    if not fitting:
        return None
    rule = min(fitting, key=lambda rule: (-depth[rule.area_id], rule.position, rule.id))
    return Choice(rule.plan, rule.centre_id)


def plan_of(acknowledge_within_s: float, resolve_within_s: float, remind_every_s: float | None) -> Plan:
    """A plan from seconds."""
    remind_every = None if remind_every_s is None else timedelta(seconds=remind_every_s)
    return Plan(timedelta(seconds=acknowledge_within_s), timedelta(seconds=resolve_within_s), remind_every)
