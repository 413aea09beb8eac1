"""The one health model: it feeds API, page, events and metrics, so that no two places disagree about a camera."""

from dataclasses import dataclass, field
from datetime import datetime

from ingest.camera import CameraId, StreamRole
from ingest.decode_place import DecodePlace
from ingest.drops import Drops
from ingest.lifecycle import StreamState
from ingest.packet import StreamDescription


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a stream is not live: `code` is stable (errors.py), `message` is for a technician and free of secrets."""

    code: str
    message: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StreamHealth:
    """One stream at one moment. Rates are over the last few seconds; counts are since the node started.

    `fault` is the last one even while the stream is live again; `retry_at` is set only in WAITING and REFUSED.
    `clock_offset_s` is the camera's clock minus ours, None while it is not known. `frozen`: packets come, but the
    picture has stayed the same for long; known of analysed streams alone, as are the place of their `decoding` and
    whether they are `asleep`: nothing moves, and only key frames are decoded.
    """

    role: StreamRole
    state: StreamState
    since: datetime
    epoch: int = 0
    description: StreamDescription | None = None
    has_b_frames: bool = False
    last_packet_at: datetime | None = None
    last_keyframe_at: datetime | None = None
    frame_rate: float = 0.0
    bitrate_bps: float = 0.0
    packet_count: int = 0
    reconnect_count: int = 0
    decode_failed_count: int = 0
    drops: Drops = field(default_factory=dict)
    decoding: DecodePlace | None = None
    asleep: bool = False
    clock_offset_s: float | None = None
    frozen: bool = False
    fault: Fault | None = None
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CameraHealth:
    """A camera's streams, main stream first. The camera's own state is that of its main stream.

    `mask_version` is that of the masks in force, None while they are not known.
    """

    camera_id: CameraId
    streams: tuple[StreamHealth, ...] = field(default=())
    mask_version: int | None = None

    @property
    def state(self) -> StreamState:
        """DISABLED for a camera without an open stream."""
        return self.streams[0].state if self.streams else StreamState.DISABLED
