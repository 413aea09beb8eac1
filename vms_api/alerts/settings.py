"""What an operator may set about alerts."""

from pydantic import BaseModel, ConfigDict, Field


class AlertSettings(BaseModel):
    """How alerts of one cause are folded into one card."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    incident_gap_minutes: float = Field(
        default=5.0,
        ge=0,
        le=60,
        description="An alert so many minutes after the last one of the same rule still belongs to its incident.",
    )
    incident_hours: float = Field(
        default=2.0,
        gt=0,
        le=24,
        description="Longest incident; what comes later is a new card, whoever has the old one.",
    )
    storm_per_minute: int = Field(
        default=30,
        ge=1,
        le=10_000,
        description="Alerts of one rule within a minute above which pages hear a count in place of each.",
    )
