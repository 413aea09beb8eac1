"""What an operator may set about the diagnosis of pictures."""

from pydantic import BaseModel, ConfigDict, Field


class DiagnosisSettings(BaseModel):
    """How often pictures are looked at, and what is kept of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = Field(default=True, description="Whether the cameras' pictures are judged at all.")
    every_s: float = Field(
        default=3600.0,
        ge=5,
        le=86_400,
        description="Longest time between two looks at a camera's pictures; suspicious ones are looked at sooner.",
    )
    pair_s: float = Field(
        default=8.0,
        ge=1,
        le=120,
        description="Time between the two pictures of one look; a picture that stays the same for so long is frozen.",
    )
    speed: float = Field(
        default=1.0,
        ge=1,
        le=600,
        description="For trials alone: so many times faster are looks repeated and faults believed. 1 in earnest.",
    )
    keep_days: int = Field(default=400, ge=31, le=3650, description="Days for which changes are kept.")
    keep_pictures: int = Field(
        default=12, ge=2, le=200, description="Pictures of changes that are kept of each camera, the latest apart."
    )
