"""What devices tell, as values. Texts are cleaned; every field may be missing."""

from dataclasses import dataclass
from datetime import datetime

from ingest.onvif.topics import Topic


@dataclass(frozen=True, slots=True)
class DeviceClock:
    """The device's clock minus ours, and by how much this may be wrong, in seconds.

    `time_zone` is as the device writes it (POSIX), `source` "NTP" or "Manual"; empty where it does not say.
    """

    offset_s: float
    uncertainty_s: float
    time_zone: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class DeviceInformation:
    """Who the device says it is; empty where it does not."""

    manufacturer: str = ""
    model: str = ""
    firmware: str = ""
    serial: str = ""
    hardware: str = ""


@dataclass(frozen=True, slots=True)
class VideoSettings:
    """What a device says about a stream. Media 1 cannot say H.265, so only the stream itself is to be believed."""

    codec: str
    width: int
    height: int
    frame_rate: float | None
    bitrate_kbps: int | None
    gop_frames: int | None


@dataclass(frozen=True, slots=True)
class MediaProfile:
    """One profile: a stream, and the camera's movement where it has any.

    `source_token` names the lens it looks through, which profiles of an encoder with several channels differ in.
    """

    token: str
    name: str
    video: VideoSettings | None
    has_ptz: bool
    source_token: str = ""


@dataclass(frozen=True, slots=True)
class Preset:
    """A stored position."""

    token: str
    name: str


@dataclass(frozen=True, slots=True)
class PtzStatus:
    """Where the camera points, if it tells: pan and tilt from -1 to 1, zoom from 0 to 1; whether it moves."""

    position: tuple[float, float, float] | None
    is_moving: bool | None


@dataclass(frozen=True, slots=True)
class DeviceEvent:
    """Something the device noticed about a place.

    `state` is None where it told none; `at` is corrected to our clock, None where that is not possible.
    """

    topic: Topic
    source: str
    state: bool | None
    at: datetime | None
    is_initial: bool
