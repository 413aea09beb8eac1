"""A link of a rule that is to be carried out for one alert."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from vms_api.linkage.link import Link

LATEST = timedelta(seconds=60)
"""A camera that turns, or a relay that switches, long after an alert, does harm: it is left undone and said so."""


class OrderState(StrEnum):
    """`started` before it is done, so that a killed process does nothing twice."""

    WAITING = "waiting"
    STARTED = "started"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Order:
    """`number` is the link's place in its rule: one alert has each once. `camera_id` is where it is carried out.

    `owner_id` is the person who saved the rule, by whose rights it is done.
    """

    alert_id: str
    number: int
    rule_id: str
    camera_id: str
    link: Link
    owner_id: str
    at: datetime
    state: OrderState = OrderState.WAITING
    fault: str | None = None
