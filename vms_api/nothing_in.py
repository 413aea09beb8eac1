"""The body of a request that says no more than its address does."""

from pydantic import BaseModel, ConfigDict


class NothingIn(BaseModel):
    """An act that needs no particulars."""

    model_config = ConfigDict(extra="forbid")
