"""What an operator may set about rates. The definitions themselves, with reasons, are in docs/rates.md."""

from pydantic import BaseModel, ConfigDict, Field


class RateSettings(BaseModel):
    """How the rates are counted, and how long what they are counted from is kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    count_at: str = Field(
        default="00:20",
        pattern=r"^([01]\d|2[0-3]):[0-5]\d$",
        description="When the day before is counted, on the clocks of the site.",
    )
    count_again_days: int = Field(
        default=3, ge=0, le=30, description="Days before that one which are counted again each night, for late data."
    )
    min_coverage: float = Field(
        default=0.95, gt=0, le=1, description="Share that must be known; below it there is no number."
    )
    clock_limit_s: float = Field(default=10.0, gt=0, le=3600, description="How far a camera's clock may be off.")
    keep_reports_days: int = Field(default=400, ge=1, le=3650, description="Days for which report files are kept.")
