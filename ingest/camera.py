"""A camera as the media node knows it: where its streams are and how to log in."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

from ingest.mask import MaskSet

CameraId = NewType("CameraId", str)


class StreamRole(StrEnum):
    """What a stream is for: the main stream is recorded, the sub-stream is analysed and shown small."""

    MAIN = "main"
    SUB = "sub"


class Transport(StrEnum):
    """How RTP travels from the camera (RFC 2326 clause 12.39)."""

    TCP = "tcp"
    UDP = "udp"


@dataclass(frozen=True, slots=True)
class Credential:
    """A camera login. The password never shows in repr."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class StreamProfile:
    """One stream of a camera. `address` is free of credentials."""

    role: StreamRole
    address: str
    transport: Transport = Transport.TCP


@dataclass(frozen=True, slots=True)
class Camera:
    """One camera. `streams` holds the main stream first; a camera without a sub-stream has one entry.

    `masks` None means that they are not known: such a camera is connected, and shows nothing to anybody.
    """

    id: CameraId
    name: str
    streams: tuple[StreamProfile, ...]
    credential: Credential | None = None
    enabled: bool = True
    analysed: bool = True
    masks: MaskSet | None = None

    def stream(self, role: StreamRole) -> StreamProfile:
        """The stream of that role, or the main stream where the camera has none."""
        return next((stream for stream in self.streams if stream.role is role), self.streams[0])

    @property
    def analysed_role(self) -> StreamRole | None:
        """The role whose packets are decoded, None when the camera is not analysed."""
        return self.stream(StreamRole.SUB).role if self.analysed else None
