"""What people send about a round. `lease_epoch` is that of the round as their screen has it."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from vms_api.patrols.presence import Report
from vms_api.patrols.round_stop import Answers, Note, StopVerdict

Id = Annotated[str, Field(max_length=64)]
Epoch = Annotated[int, Field(ge=0, le=1_000_000)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LeaseIn(_Body):
    """An act of whoever has the round in hand."""

    lease_epoch: Epoch


class PresenceIn(LeaseIn):
    """What is on the screen, every two seconds. `input`: it was touched since the last report."""

    visible: bool
    playing: bool
    input: bool

    def report(self) -> Report:
        """As it is counted."""
        return Report(self.visible, self.playing, self.input)


class VerdictIn(LeaseIn):
    """What was found at a stop; an answer for each question, or none at all."""

    verdict: StopVerdict
    answers: Answers = []
    note: Note = ""


class StopNoteIn(LeaseIn):
    """What is added to a stop, judged or not."""

    note: Annotated[Note, Field(min_length=1)]


class ExtraStopIn(LeaseIn):
    """A camera that is looked at beside those of the plan."""

    camera_id: Id


class HandOverIn(_Body):
    """Who goes on with the round."""

    user_id: Id
    note: Note = ""


class AbortIn(_Body):
    """Why the round ends before its end."""

    note: Annotated[Note, Field(min_length=1)]
