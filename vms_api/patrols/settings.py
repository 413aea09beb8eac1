"""Settings of online patrol."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field


class PatrolSettings(BaseModel):
    """What the system does about rounds by itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    abandoned_hours: float = Field(
        default=4.0,
        gt=0,
        le=720,
        description="A late round with which nobody goes on for so many hours is recorded as abandoned.",
    )

    @property
    def patience(self) -> timedelta:
        """The same as a span of time."""
        return timedelta(hours=self.abandoned_hours)
