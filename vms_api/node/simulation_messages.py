"""What a node is told about a simulation, and what it answers."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from vms_api.node.messages import Masks, Message, RuleMessage


class RecordedFileMessage(Message):
    """A recorded file with the time of its first picture by our clock."""

    volume_id: Annotated[str, Field(max_length=64)]
    path: Annotated[str, Field(max_length=300)]
    started_at: AwareDatetime
    duration_s: float


class SimulationMessage(Message):
    """A rule to be tried on what was recorded in [start, end); files are ordered by their start."""

    camera_id: str
    time_zone: str
    masks: Masks
    rule: RuleMessage
    start: AwareDatetime
    end: AwareDatetime
    files: Annotated[tuple[RecordedFileMessage, ...], Field(max_length=2000)]


class WouldRaise(Message):
    """An alert that the rule would have raised."""

    at: AwareDatetime
    label: str
    score: float
    box: tuple[float, float, float, float]


class SimulationReport(Message):
    """How far it has come. `count` goes on when `items` are full; `suppressed` fell into the rule's quiet time.

    `unjudged` are pictures that the detector was asked about and failed on.
    """

    state: Literal["running", "done", "cancelled", "failed"]
    progress: float
    seen_s: float = 0.0
    count: int = 0
    suppressed: int = 0
    unreadable: int = 0
    unjudged: int = 0
    detector: str | None = None
    items: tuple[WouldRaise, ...] = ()
