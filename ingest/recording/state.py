"""Whether a camera is recorded at this moment; judged apart from whether it is watched."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ingest.recording.gap import GapReason


class RecordingPhase(StrEnum):
    """OFF: not planned now. WAITING: planned, but nothing is written. STANDBY: only kept in memory for an event."""

    OFF = "off"
    RECORDING = "recording"
    WAITING = "waiting"
    STANDBY = "standby"


@dataclass(frozen=True, slots=True)
class RecordingState:
    """One camera's recording. `reason` is set in WAITING alone; `last_written_at` is that of the last bytes given."""

    state: RecordingPhase
    since: datetime
    reason: GapReason | None = None
    last_written_at: datetime | None = None
    volume_id: str | None = None
