"""A camera's device, as it is stored and as the API shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

DeviceStateName = Literal["reachable", "unreachable", "refused", "unknown"]
Role = Literal["main", "sub"]
Fingerprint = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the certificate's DER form.")]


class StreamSettings(BaseModel):
    """How a stream is set up; null where it is not known. `gop_s` seconds lie between two key frames."""

    codec: str | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    bitrate_kbps: int | None = None
    gop_s: float | None = None


class DeviceStream(BaseModel):
    """One stream: how it is wanted, how it was at the last look, and the names of what differs."""

    role: Role
    expected: StreamSettings | None
    actual: StreamSettings | None
    drift: list[str]


class CertificateFacts(BaseModel):
    """What the device showed at the last look."""

    expires_at: datetime
    fingerprint_sha256: str


class DeviceCertificate(CertificateFacts):
    """The same, and whether only one certificate is taken of this device."""

    pinned: bool


class Relay(BaseModel):
    """A relay output; `active` is null until it was switched from here or the device has told."""

    token: str
    active: bool | None = None


class Capabilities(BaseModel):
    """What the device can be asked for."""

    ptz: bool = False
    events: bool = False
    imaging: bool = False
    relays: list[Relay] = []


class Subscription(BaseModel):
    """Whether its events are listened to."""

    state: Literal["held", "none", "failed"] = "none"
    renewed_at: datetime | None = None


class Device(BaseModel):
    """What is known of the device of a camera; `kind` is null for a camera without one.

    `device_url` is null for who does not manage the camera. `fault` is the code of why the last look failed; what was
    seen before stays, with its times. `clock_offset_s` is the device's clock minus ours; `time_source` "NTP" for one
    that follows a time server.
    """

    kind: Literal["onvif"] | None = None
    device_url: str | None = None
    state: DeviceStateName = "unknown"
    fault: str | None = None
    checked_at: datetime | None = None
    manufacturer: str = ""
    model: str = ""
    firmware: str = ""
    serial: str = ""
    clock_offset_s: float | None = None
    clock_checked_at: datetime | None = None
    time_zone: str = ""
    time_source: str = ""
    certificate: DeviceCertificate | None = None
    capabilities: Capabilities = Capabilities()
    streams: list[DeviceStream] = []
    wants_notices: bool = False
    subscription: Subscription = Subscription()


class DeviceFacts(BaseModel):
    """What a device told at a look that went well. `profiles` and `streams` are by role."""

    manufacturer: str = ""
    model: str = ""
    firmware: str = ""
    serial: str = ""
    time_zone: str = ""
    time_source: str = ""
    ptz: bool = False
    events: bool = False
    imaging: bool = False
    relays: list[str] = []
    source_token: str = ""
    profiles: dict[Role, str] = {}
    streams: dict[Role, StreamSettings] = {}


@dataclass(frozen=True, slots=True)
class DeviceState:
    """How the last look at a device ended. Facts and clock may be of an earlier one.

    `login_mark` tells the login that was used: one that was refused is not tried again.
    """

    state: DeviceStateName
    fault: str | None
    checked_at: datetime
    login_mark: str
    facts: DeviceFacts | None = None
    clock_offset_s: float | None = None
    clock_checked_at: datetime | None = None
    certificate: CertificateFacts | None = None

    def after(self, before: "DeviceState | None") -> "DeviceState":
        """This look, with what an earlier one had seen and this one had not."""
        if before is None:
            return self
        names = ("facts", "certificate") if self.facts is None else ()
        kept = {name: getattr(self, name) or getattr(before, name) for name in names}
        if self.clock_offset_s is None:
            kept |= {"clock_offset_s": before.clock_offset_s, "clock_checked_at": before.clock_checked_at}
        return replace(self, **kept)


class PinIn(BaseModel):
    """Which certificate is the only one that is taken of the device; null: whichever its link allows."""

    model_config = ConfigDict(extra="forbid")

    fingerprint_sha256: Fingerprint | None


class RelayIn(BaseModel):
    """How a relay output is to be."""

    model_config = ConfigDict(extra="forbid")

    active: bool


class NoticesIn(BaseModel):
    """Whether the device's notices are wanted even where no rule needs them."""

    model_config = ConfigDict(extra="forbid")

    wanted: bool


Streams = Mapping[Role, StreamSettings]
