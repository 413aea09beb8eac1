"""What an operator may set about the care of devices."""

from pydantic import BaseModel, ConfigDict, Field


class DeviceSettings(BaseModel):
    """How the cameras' ONVIF devices are looked after."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    check_every_s: float = Field(
        default=3600.0, ge=60, le=86400, description="Longest time between two looks at a device."
    )
    checks_at_once: int = Field(default=4, ge=1, le=64, description="Most devices that are looked at at a time.")
