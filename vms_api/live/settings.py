"""Settings of live view."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class IceServer(BaseModel):
    """A server that helps browsers to reach a node through a NAT."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(pattern=r"^(stun|turn)s?:[A-Za-z0-9.\[\]:?=&_-]+$", description="RFC 7064 or RFC 7065.")
    username: str = Field(default="", pattern=r"^[ !#-\[\]-~]*$")
    credential: str = Field(default="", pattern=r"^[ !#-\[\]-~]*$", repr=False)

    @property
    def link(self) -> str:
        """As a Link header's value (draft-ietf-wish-whep-04, RFC 8288)."""
        login = f'; username="{self.username}"; credential="{self.credential}"; credential-type="password"'
        return f'<{self.url}>; rel="ice-server"' + (login if self.username else "")


class LiveSettings(BaseModel):
    """How browsers reach a media node and how many may."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host_addresses: tuple[str, ...] = Field(
        default=(),
        description="Addresses offered to browsers as ICE host candidates. Empty: every address of this machine.",
    )
    max_views: int = Field(default=64, ge=1, le=4096, description="Views one media node serves at the same time.")
    max_encodes: int = Field(
        default=4,
        ge=0,
        le=64,
        description="Streams one node encodes for browsers that cannot play what the camera sends.",
    )
    media_listen: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9.\[\]:-]+:[1-9][0-9]{0,4}$",
        description="host:port where a node gives fragments to browsers itself; none: through the control process.",
    )
    media_origin: str | None = Field(
        default=None,
        pattern=r"^wss?://[^/\s@]+$",
        description="What pages call media_listen, as wss://node.example:8557.",
    )
    ice_servers: tuple[IceServer, ...] = Field(
        default=(),
        description="STUN and TURN servers that WHEP players are told of. None: nobody outside the site is asked.",
    )
    player_origins: tuple[str, ...] = Field(
        default=(),
        description="Other sites whose pages may open views with an API token, as https://name[:port].",
    )
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

    @model_validator(mode="after")
    def _has_both_or_none(self) -> Self:
        if (self.media_listen is None) is not (self.media_origin is None):
            raise ValueError("media_listen and media_origin go together")
        return self
