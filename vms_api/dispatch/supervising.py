"""What dispatchers do with an alert between the centres, and which centre's dispatcher may, as a table."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from vms_api.alerts.due import DueTime
from vms_api.alerts.handling import ActIn
from vms_api.dispatch.plan import Rung


class SuperviseAct(StrEnum):
    """One such act. Commenting is a note, which whoever may handle the alert may write."""

    ESCALATE = "escalate"
    URGE = "urge"
    TAKE_OVER = "take-over"
    SEND_BACK = "send-back"


Seat = Literal["here", "above"]

SEATS: Mapping[SuperviseAct, Seat] = MappingProxyType(
    {
        # Whoever has it passes it up, or gives it back to whom it came from.
        SuperviseAct.ESCALATE: "here",
        SuperviseAct.SEND_BACK: "here",
        # Whoever is above watches over it.
        SuperviseAct.URGE: "above",
        SuperviseAct.TAKE_OVER: "above",
    }
)
"""Where the act takes the right to dispatch: at the centre that answers now, or at the next one up."""


def seat_of(act: SuperviseAct, ladder: Sequence[Rung]) -> Rung:
    """The centre whose dispatcher may do it; the topmost one urges itself, there being nobody else."""
    return ladder[1] if SEATS[act] == "above" and len(ladder) > 1 else ladder[0]


class UrgeIn(ActIn):
    """What is said with the urging, and by when it is to be handled, if not by the time that it has."""

    resolve_by: DueTime | None = None
