"""A camera's health as the node reports it and the API shows it."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

CameraState = Literal["disabled", "opening", "live", "silent", "waiting", "refused", "closing", "unknown"]


class Fault(BaseModel):
    """Why a stream is not live; `code` is translated by the page."""

    code: str
    message: str = ""
    at: datetime


class Decoding(BaseModel):
    """Where an analysed stream is decoded; `gpu_bytes` is reckoned, not measured.

    `refusal` is why the GPU does not decode it now, `refusals` how often it did not: `absent`, `format`, `full`,
    `budget`, `masked`, `broken`. Both stay empty where the GPU is not asked.
    """

    on_gpu: bool = False
    gpu_bytes: int = 0
    refusal: str | None = None
    refusals: dict[str, int] = {}


class StreamHealth(BaseModel):
    """One stream. Rates are per second over the last few seconds, counts since the node started.

    `drops` counts what did not arrive whole, by cause; `clock_offset_s` is the camera's clock minus ours; `frozen`:
    packets come, but the picture has stayed the same for long; `decoding` is null for a stream that is not analysed;
    `asleep`: nothing moves, and only key frames are decoded for analysis.
    """

    role: Literal["main", "sub"]
    state: CameraState
    since: datetime
    codec: str | None = None
    width: int | None = None
    height: int | None = None
    profile: str | None = None
    frame_rate: float | None = None
    bitrate_bps: float | None = None
    has_b_frames: bool = False
    last_packet_at: datetime | None = None
    last_keyframe_at: datetime | None = None
    reconnect_count: int = 0
    decode_failed_count: int = 0
    audio_codec: str | None = None
    drops: dict[str, int] = {}
    decoding: Decoding | None = None
    asleep: bool = False
    clock_offset_s: float | None = None
    frozen: bool = False
    retry_at: datetime | None = None
    fault: Fault | None = None


class AnalysisHealth(BaseModel):
    """What analysis does with the camera's frames. The four counts are kept apart: none of them stands for another.

    `skips` tells the skipped ones by cause: `overtaken`, `stale`, `shed`. `fault`: why the detector does not judge the
    camera's pictures, a `detector-` code that the page translates.
    """

    state: Literal["off", "running", "starting", "failed"] = "off"
    fault: str | None = None
    analysed_fps: float = 0.0
    gated_count: int = 0
    analysed_count: int = 0
    skipped_count: int = 0
    failed_count: int = 0
    skips: dict[str, int] = {}


class RecordingHealth(BaseModel):
    """Whether the camera is being recorded, judged apart from everything else.

    `waiting`: it should be and is not, for `reason`; `standby`: only what comes before an event is kept, in memory.
    """

    state: Literal["off", "recording", "waiting", "standby"]
    reason: str | None = None
    since: datetime
    last_written_at: datetime | None = None
    volume_id: str | None = None


class CameraHealth(BaseModel):
    """A camera at the moment of `reported_at`; `unknown` when no node has reported it.

    `mask_version` is that of the privacy masks in force; null: no picture of the camera is shown to anybody. `frozen`
    is that of any of its streams; `recording` is null while no recorder has reported.
    """

    state: CameraState
    since: datetime
    streams: list[StreamHealth] = []
    analysis: AnalysisHealth = AnalysisHealth()
    recording: RecordingHealth | None = None
    frozen: bool = False
    mask_version: int | None = None
    reported_at: datetime | None = None

    def visible_change(self) -> tuple[object, ...]:
        """What is worth telling the page at once; rates and counts alone are not."""
        streams = tuple(
            (
                stream.role,
                stream.state,
                stream.fault and stream.fault.code,
                stream.retry_at,
                stream.width,
                stream.height,
            )
            for stream in self.streams
        )
        recording = self.recording and (self.recording.state, self.recording.reason)
        return (self.state, self.analysis.state, recording, self.frozen, self.mask_version, streams)
