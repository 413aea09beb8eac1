"""By when a fault is to be mended: hours by severity, of an area or what it inherits. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from vms_api.tickets.cause import Severity
from vms_api.tickets.settings import TicketSettings

Hours = Annotated[float | None, Field(gt=0, le=8760, allow_inf_nan=False)]


class TicketTimes(BaseModel):
    """Hours that an area gives by severity; null: those of the area above."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    area_id: Annotated[str, Field(min_length=1, max_length=64)]
    high_hours: Hours = None
    medium_hours: Hours = None
    low_hours: Hours = None


def hours_of(
    times: Mapping[str, TicketTimes], lineage: Sequence[str], severity: Severity, settings: TicketSettings
) -> float:
    """What the nearest area says; `lineage` begins with the area above all. Where none says it, the settings do."""
    name = f"{severity}_hours"
    for area_id in reversed(lineage):
        found: float | None = getattr(times[area_id], name) if area_id in times else None
        if found is not None:
            return found
    fallback: float = getattr(settings, name)
    return fallback


def due_after(at: datetime, hours: float) -> datetime:
    """The time by which it is to be mended."""
    return at + timedelta(hours=hours)
