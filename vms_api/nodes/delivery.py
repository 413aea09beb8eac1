"""What a media node sends: registration, heartbeats, deliveries of its outbox."""

import base64
import binascii
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from vms_api.alerts.alert import Alert, Box, Share, evidence_url
from vms_api.alerts.checklist import checklist_of
from vms_api.alerts.lifecycle import AlertState
from vms_api.cameras.health import CameraHealth, Fault
from vms_api.cameras.rule import RuleKind
from vms_api.diagnosis.verdict import QualityReport
from vms_api.recordings.gap import Gap
from vms_api.recordings.segment import Segment
from vms_api.recordings.volume import VolumeState

Identifier = Annotated[str, Field(min_length=1, max_length=64)]
_JPEG_START = b"\xff\xd8\xff"


def _jpeg(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        data = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data.startswith(_JPEG_START):
        raise PydanticCustomError("evidence_invalid", "not a JPEG in base64")
    return data


class DetectorInfo(BaseModel):
    """Which detector the node runs, and why if it is not the wanted one; `twin` is a `TwinCode` where it has a twin.

    `labels` are the classes that it tells; null where the node does not say.
    """

    name: str
    runtime: str | None = None
    labels: list[str] | None = None
    fallback: bool = False
    reason: str | None = None
    twin: str | None = None


class Registration(BaseModel):
    """A node that has started."""

    address: Annotated[str, Field(pattern=r"^http://[A-Za-z0-9.\[\]:-]+$", max_length=200)]
    pid: int
    epoch: int
    version: str
    detector: DetectorInfo | None = None


class CameraReport(BaseModel):
    """One camera in a heartbeat."""

    camera_id: Identifier
    health: CameraHealth


class NodeLoad(BaseModel):
    """What the node takes of its machine: share of all cores (0 to 1) since the heartbeat before, bytes of memory."""

    cpu_share: float | None = None
    cores: int | None = None
    memory_bytes: int | None = None
    memory_total_bytes: int | None = None


class NodeReport(BaseModel):
    """What a heartbeat says about the node itself; what else it says is for the node's own metrics."""

    detector: DetectorInfo | None = None
    volumes: list[VolumeState] = []
    load: NodeLoad | None = None


class Heartbeat(BaseModel):
    """Sent each second with the health of all cameras of the node. `view_ids` are the live views that are open.

    `key_frame_wishes` are cameras of which viewers wait for a key frame that the node has not got.
    """

    epoch: int
    view_ids: list[Identifier] | None = None
    key_frame_wishes: list[Identifier] = []
    cameras: list[CameraReport]
    node: NodeReport = NodeReport()


class AlertPayload(BaseModel):
    """An alert with its picture. `id` stays the same through every delivery."""

    model_config = ConfigDict(extra="forbid")

    id: Identifier
    camera_id: Identifier
    rule_id: Identifier
    rule_name: str
    kind: RuleKind
    severity: Literal["low", "medium", "high"]
    label: str
    score: Share
    box: Box
    frame_received_at: AwareDatetime
    raised_at: AwareDatetime
    evidence: Annotated[bytes | None, BeforeValidator(_jpeg), Field(repr=False)] = None
    epoch: int = 0

    def alert(self, *, area_id: str, camera_name: str, instructions: str, stored_at: datetime) -> Alert:
        """The alert as it is stored: new, with the names of this moment."""
        return Alert(
            **self.model_dump(exclude={"evidence", "epoch"}),
            area_id=area_id,
            camera_name=camera_name,
            state=AlertState.NEW,
            stored_at=stored_at,
            has_evidence=self.evidence is not None,
            evidence_url=evidence_url(self.id) if self.evidence is not None else None,
            instructions=instructions,
            checklist=checklist_of(instructions),
            incident_id=self.id,
            last_at=self.raised_at,
        )


class BetterViewPayload(BaseModel):
    """A better picture of an alert that was delivered before. `id` stays the same through every delivery."""

    model_config = ConfigDict(extra="forbid")

    id: Identifier
    alert_id: Identifier
    seen_at: AwareDatetime
    score: Share
    box: Box
    evidence: Annotated[bytes, BeforeValidator(_jpeg), Field(repr=False)]


class CameraStatePayload(BaseModel):
    """A stream changed its state: the history that availability is counted from."""

    model_config = ConfigDict(extra="forbid")

    id: Identifier
    camera_id: Identifier
    role: Literal["main", "sub"]
    state: Annotated[str, Field(max_length=20)]
    at: AwareDatetime
    fault: Fault | None = None


class AlertDelivery(BaseModel):
    """One entry of the outbox: an alert."""

    id: Identifier
    kind: Literal["alert"]
    payload: AlertPayload


class BetterViewDelivery(BaseModel):
    """One entry of the outbox: a better picture of an alert."""

    id: Identifier
    kind: Literal["better_view"]
    payload: BetterViewPayload


class CameraStateDelivery(BaseModel):
    """One entry of the outbox: a change of a stream's state."""

    id: Identifier
    kind: Literal["camera_state"]
    payload: CameraStatePayload


class SegmentDelivery(BaseModel):
    """One entry of the outbox: a file is whole, on disk, and flushed. `id` is the recording's."""

    id: Identifier
    kind: Literal["segment"]
    payload: Segment


class GapDelivery(BaseModel):
    """One entry of the outbox: a gap has begun, or ended. The gap keeps its id, the entries have their own."""

    id: Identifier
    kind: Literal["gap"]
    payload: Gap


class GarbageDone(BaseModel):
    """Files that are gone, their folders flushed."""

    model_config = ConfigDict(extra="forbid")

    id: Identifier
    recording_ids: Annotated[list[Identifier], Field(max_length=1000)]


class GarbageDelivery(BaseModel):
    """One entry of the outbox: files are gone."""

    id: Identifier
    kind: Literal["garbage_done"]
    payload: GarbageDone


class VolumeDelivery(BaseModel):
    """One entry of the outbox: a volume has changed its state."""

    id: Identifier
    kind: Literal["volume_state"]
    payload: VolumeState


class QualityDelivery(BaseModel):
    """One entry of the outbox: a look at a camera's pictures."""

    id: Identifier
    kind: Literal["quality"]
    payload: QualityReport


Delivery = Annotated[
    AlertDelivery
    | BetterViewDelivery
    | CameraStateDelivery
    | SegmentDelivery
    | GapDelivery
    | GarbageDelivery
    | VolumeDelivery
    | QualityDelivery,
    Field(discriminator="kind"),
]
