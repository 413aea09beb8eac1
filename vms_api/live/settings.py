"""Settings of live view."""

from pydantic import BaseModel, ConfigDict, Field


class LiveSettings(BaseModel):
    """How browsers reach a media node and how many may."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host_addresses: tuple[str, ...] = Field(
        default=(),
        description="Addresses offered to browsers as ICE host candidates. Empty: every address of this machine.",
    )
    max_views: int = Field(default=64, ge=1, le=4096, description="Views one media node serves at the same time.")
    own_sender: bool = Field(
        default=True,
        description="Send with Xueliang's own sender, which serves several times the viewers; false: with aiortc's.",
    )
    replay_bytes_per_s: int = Field(
        default=4_000_000,
        ge=100_000,
        description="Pace at which a viewer is sent key frames and the cached GOP, bytes per second.",
    )
    queue_packets: int = Field(
        default=600,
        ge=50,
        description="Access units a viewer may lag behind before it is moved on to the next key frame.",
    )
