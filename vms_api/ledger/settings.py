"""What an operator may set about the ledger."""

from pydantic import BaseModel, ConfigDict, Field


class LedgerSettings(BaseModel):
    """What the site requires of a camera."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sign_required: bool = Field(
        default=False,
        description="Whether a camera goes into service only when its ledger says where its sign stands.",
    )
