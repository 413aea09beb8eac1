"""What travels between the control process and a media node, as both sides spell it in JSON."""

from datetime import time
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from analytics.alert import RuleKind, Severity
from analytics.rule import Direction
from analytics.settings import AnalyticsSettings
from ingest.camera import StreamRole, Transport
from ingest.recording.plan import RecordingMode
from ingest.settings import IngestSettings
from vms_api.diagnosis.settings import DiagnosisSettings
from vms_api.live.settings import LiveSettings
from vms_api.recordings.settings import RecordingSettings


class Message(BaseModel):
    """Nothing in it changes, and unknown fields are refused: both sides are of one version."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class MseWish(Message):
    """What a player that takes fragments can do: play H.265, and draw boxes."""

    h265: bool = False
    tracks: bool = False


class StreamMessage(Message):
    """One stream of a camera."""

    role: StreamRole
    address: str
    transport: Transport


class ZoneMessage(Message):
    """An area (polygon) or a line, points normalised to the picture."""

    id: str
    name: str
    kind: Literal["area", "line"]
    points: tuple[tuple[float, float], ...]


class WindowMessage(Message):
    """A span of the week, local time of the site; Monday is 0."""

    days: frozenset[int]
    start: time
    end: time


class ScheduleMessage(Message):
    """When a rule is armed."""

    windows: tuple[WindowMessage, ...] = ()


class SizeMessage(Message):
    """Heights of objects, as shares of the picture's height."""

    min_height: float = 0.0
    max_height: float = 1.0
    closely: bool = False


class RuleParameters(Message):
    """What only one kind of rule has."""

    reach: float = 0.1


class RuleMessage(Message):
    """One enabled rule with the zone it looks at."""

    id: str
    name: str
    kind: RuleKind
    labels: frozenset[str]
    direction: Direction = Direction.ANY
    dwell_s: float = 0.0
    schedule: ScheduleMessage | None = None
    severity: Severity
    cooldown_s: float
    size: SizeMessage = SizeMessage()
    parameters: RuleParameters = RuleParameters()
    zone: ZoneMessage


Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Corners = Annotated[tuple[tuple[Share, Share], ...], Field(min_length=3)]


class MasksMessage(Message):
    """The privacy masks of a camera. `version` 0 with no polygons is a camera that nobody has ever masked."""

    version: Annotated[int, Field(ge=0)]
    polygons: tuple[Corners, ...]


def _unreadable_is_unavailable(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    """Masks that cannot be read hide their camera, and cost no other camera its place in the state."""
    try:
        return read(value)
    except ValidationError:
        return "unavailable"


Masks = Annotated[MasksMessage | Literal["unavailable"], WrapValidator(_unreadable_is_unavailable)]


class RecordingMessage(Message):
    """When a camera is recorded, and from which stream. Without `volumes` any volume will do.

    The schedule is that of `scheduled`, and of `event` where it has one; pre- and post-roll are those of `event`.
    """

    mode: RecordingMode
    schedule: ScheduleMessage | None = None
    pre_roll_s: Annotated[float, Field(ge=0, le=60, allow_inf_nan=False)] = 5.0
    post_roll_s: Annotated[float, Field(ge=0, le=600, allow_inf_nan=False)] = 10.0
    stream: StreamRole = StreamRole.MAIN
    audio: bool = True
    volumes: tuple[str, ...] = ()


class VolumeMessage(Message):
    """The identity that is expected under a volume's name. None: the volume is new and may be given one."""

    name: str
    volume_id: str | None


class GarbageMessage(Message):
    """A file that the index no longer knows. `path` is relative to the volume."""

    recording_id: str
    volume_id: str
    path: str


class DeletionMessage(Message):
    """Files to delete."""

    items: Annotated[tuple[GarbageMessage, ...], Field(max_length=10_000)]


class CameraMessage(Message):
    """One camera as the node shall run it. One without masks shows nothing; one without a plan is not recorded.

    `reference_id` names the picture that shows how it should point.
    """

    id: str
    name: str
    enabled: bool
    analysed: bool
    streams: tuple[StreamMessage, ...] = Field(min_length=1)
    username: str | None = None
    password: SecretStr | None = None
    rules: tuple[RuleMessage, ...] = ()
    masks: Masks = "unavailable"
    recording: RecordingMessage | None = None
    reference_id: str | None = None


class DesiredState(Message):
    """Everything a node shall do. Applied as a whole; a version not above the present one changes nothing.

    A volume of the site file that is not among `volumes` is not written to.
    """

    version: int
    time_zone: str
    cameras: tuple[CameraMessage, ...] = ()
    volumes: tuple[VolumeMessage, ...] = ()


class LaunchSettings(Message):
    """The parts of the site file that a node needs."""

    ingest: IngestSettings
    analytics: AnalyticsSettings
    live: LiveSettings
    recording: RecordingSettings = RecordingSettings()
    diagnosis: DiagnosisSettings = DiagnosisSettings()


class Launch(Message):
    """What the control process hands a node on its standard input, as one line of JSON."""

    node_id: str
    epoch: int
    token: SecretStr
    control_url: str
    data_dir: str
    settings: LaunchSettings
