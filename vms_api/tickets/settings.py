"""What an operator may set about repair tickets."""

from pydantic import BaseModel, ConfigDict, Field


class TicketSettings(BaseModel):
    """When a fault has a ticket, until when it is to be mended, and when the ticket is over."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    high_hours: float = Field(default=24.0, gt=0, le=8760, description="Time to mend what is bad, in hours.")
    medium_hours: float = Field(default=72.0, gt=0, le=8760, description="Time to mend what is middling, in hours.")
    low_hours: float = Field(default=168.0, gt=0, le=8760, description="Time to mend what is slight, in hours.")
    after_minutes: float = Field(
        default=10.0, ge=0, le=1440, description="A fault that lasts so long without a break has a ticket."
    )
    clear_minutes: float = Field(
        default=5.0, ge=0, le=1440, description="A fault that stays away so long without a break is gone."
    )
    clock_limit_s: float = Field(
        default=10.0, gt=0, le=3600, description="A camera's clock further off than this has a ticket."
    )
    reopen_hours: float = Field(
        default=24.0, ge=0, le=720, description="A fault back within so many hours opens its closed ticket again."
    )
    repeat_days: float = Field(
        default=30.0, ge=0, le=366, description="A fault that was there within so many days before is a repeated one."
    )
    confirm_hours: float = Field(
        default=4.0,
        gt=0,
        le=168,
        description="Something reported as mended that is not seen to be well by then goes back.",
    )
    forget_hours: float = Field(
        default=24.0,
        gt=0,
        le=720,
        description="A ticket nobody has taken on is closed when its fault was gone so long.",
    )
    keep_days: int = Field(
        default=1095,
        ge=366,
        le=7300,
        description="A closed ticket goes after so many days, with its history and photos.",
    )
    fold_cameras: int = Field(
        default=5, ge=2, le=1000, description="So many cameras of one place that go together have one ticket."
    )
    fold_share: float = Field(
        default=0.8, gt=0.5, le=1, description="Share of a place's cameras that must be away for the same."
    )
