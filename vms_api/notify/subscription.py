"""What one person wants to hear of, and how."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from vms_api.notify.receiver import ALL_SEVERITIES, AreaId, QuietTime, Severities
from vms_api.notify.target import MailAddress


class Subscription(BaseModel):
    """A person's choice. No `areas`: wherever the person sees alerts; `email` null: no mail.

    In quiet hours (of the site's zone) there is neither sound nor browser notice nor mail; the desk shows all alerts.
    """

    model_config = ConfigDict(extra="forbid")

    areas: Annotated[list[AreaId], Field(max_length=200)] = []
    severities: Severities = ALL_SEVERITIES
    quiet: Annotated[list[QuietTime], Field(max_length=10)] = []
    sound: bool = True
    browser: bool = False
    email: MailAddress | None = None
