"""What an operator may set about ingest; the defaults suit ordinary cameras on a local network."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class IngestSettings(BaseModel):
    """Time-outs, back-off, buffers and the networks that may be dialled. Durations are seconds, sizes bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    open_timeout_s: float = Field(default=5.0, gt=0, le=60, description="Longest wait for a camera to answer.")
    read_timeout_s: float = Field(
        default=10.0, gt=1, le=120, description="A camera that sent nothing for this long is dialled anew."
    )
    silence_s: float = Field(
        default=5.0,
        gt=0,
        le=60,
        description="A stream without packets for this long is SILENT (or for ten of its frame periods, if longer).",
    )
    hang_s: float = Field(
        default=25.0,
        gt=0,
        le=300,
        description="A camera thread that made no step for this long is given up and replaced; above both time-outs.",
    )
    keyframe_timeout_s: float = Field(
        default=60.0,
        gt=0,
        le=600,
        description="A stream whose pictures hold no key frame for this long (and at 10 frames/s) is dialled anew.",
    )
    frozen_s: float = Field(
        default=60.0, ge=2, le=3600, description="A picture that stays the same for this long is shown as frozen."
    )
    opening_limit: int = Field(default=8, ge=1, le=512, description="Most streams that are newly dialled at a time.")
    opening_hold_s: float = Field(
        default=1.0, gt=0, le=60, description="A stream that does not answer gives its place up after this long."
    )
    crash_limit: int = Field(
        default=3, ge=2, le=100, description="So many crashes of its reader put a stream into quarantine."
    )
    crash_window_s: float = Field(default=300.0, gt=0, description="Crashes that are further apart do not count.")
    quarantine_s: float = Field(
        default=600.0, gt=0, description="How long a stream that crashes its reader is left alone."
    )
    analysed_fps: float = Field(default=5.0, gt=0, le=60, description="Frames per second handed to analysis.")
    idle_fps: float = Field(
        default=2.0, gt=0, le=60, description="Frames per second handed to analysis while nothing of interest moves."
    )
    sleep_after_s: float = Field(
        default=0.5,
        ge=0,
        le=3600,
        description="After so long without interest only key frames are decoded until sizes or quantisers jump, where"
        " these have earned trust; 0: only while the machine is overloaded.",
    )
    sleep_onsets: int = Field(
        default=8,
        ge=0,
        le=128,
        description="So many onsets in a row they must have told before a camera may sleep; 0: it need not earn it.",
    )
    sleep_group_s: float = Field(
        default=2.5,
        gt=0,
        le=60,
        description="An idle camera without a key frame for this long is decoded until the next.",
    )
    catch_up_s: float = Field(
        default=0.7, gt=0, le=5, description="Of what an idle camera had sent when it wakes, so much is analysed."
    )
    gpu_decoding: bool = Field(
        default=False,
        description="Whether streams are decoded for analysis on an NVIDIA GPU; the processor takes what that refuses.",
    )
    gpu_memory_mib: int = Field(
        default=4096, ge=0, le=1 << 20, description="Memory of the GPU that decoding may take, MiB, as it is reckoned."
    )
    gop_cache_bytes: int = Field(
        default=8 * 1024 * 1024, gt=0, description="Most bytes kept of one stream so that a viewer starts at once."
    )
    gop_cache_s: float = Field(default=15.0, gt=0, le=120, description="Longest group of pictures kept, in seconds.")
    backoff_min_s: float = Field(default=1.0, gt=0, description="First wait after a failed connection.")
    backoff_max_s: float = Field(default=30.0, gt=0, description="Longest wait after failed connections.")
    refused_retry_min_s: float = Field(
        default=60.0, gt=0, description="First wait after a refused login or stream: cameras lock accounts."
    )
    refused_retry_max_s: float = Field(default=300.0, gt=0, description="Longest wait after refusals.")
    start_spread_s: float = Field(
        default=0.02, ge=0, le=5, description="Cameras that start together are spread over this long per stream."
    )
    camera_networks: tuple[IPv4Network | IPv6Network, ...] = Field(
        default=(), description="Networks dialled although they are loopback, link-local or multicast."
    )
    tls_verify: bool = Field(
        default=True,
        description="Whether the certificate of a camera at an rtsps address must be trusted; off: anybody may pose.",
    )
    tls_ca_file: Path | None = Field(
        default=None, description="Certificates (PEM) that are trusted for rtsps instead of the system's."
    )
    allow_loopback: bool = Field(default=False, description="Whether cameras may be on this machine (demo, tests).")

    @model_validator(mode="after")
    def _limits_fit(self) -> Self:
        if self.backoff_min_s > self.backoff_max_s or self.refused_retry_min_s > self.refused_retry_max_s:
            raise ValueError("a first wait must not be longer than the longest one")
        # Opening takes twice the open time-out at most: one answer, and all of it together.
        if self.hang_s <= max(2 * self.open_timeout_s, self.read_timeout_s):
            raise ValueError("hang_s must be above read_timeout_s and above twice open_timeout_s")
        return self
