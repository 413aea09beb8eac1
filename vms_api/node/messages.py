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
from ingest.settings import IngestSettings
from vms_api.live.settings import LiveSettings


class Message(BaseModel):
    """Nothing in it changes, and unknown fields are refused: both sides are of one version."""

    model_config = ConfigDict(frozen=True, extra="forbid")


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


class CameraMessage(Message):
    """One camera as the node shall run it. One that comes without masks shows nothing."""

    id: str
    name: str
    enabled: bool
    analysed: bool
    streams: tuple[StreamMessage, ...] = Field(min_length=1)
    username: str | None = None
    password: SecretStr | None = None
    rules: tuple[RuleMessage, ...] = ()
    masks: Masks = "unavailable"


class DesiredState(Message):
    """Everything a node shall do. Applied as a whole; a version not above the present one changes nothing."""

    version: int
    time_zone: str
    cameras: tuple[CameraMessage, ...] = ()


class LaunchSettings(Message):
    """The parts of the site file that a node needs."""

    ingest: IngestSettings
    analytics: AnalyticsSettings
    live: LiveSettings


class Launch(Message):
    """What the control process hands a node on its standard input, as one line of JSON."""

    node_id: str
    epoch: int
    token: SecretStr
    control_url: str
    data_dir: str
    settings: LaunchSettings
