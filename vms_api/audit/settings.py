"""What an operator may set about the audit log."""

from pydantic import BaseModel, ConfigDict, Field


class AuditSettings(BaseModel):
    """The audit log. Nothing about it can be switched off."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sign_every_s: float = Field(
        default=300.0,
        ge=1,
        le=86400,
        description="Seconds between signatures of the log: rows that were signed cannot be cut off unnoticed.",
    )
