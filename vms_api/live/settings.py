"""Settings of live view."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, IPvAnyAddress, model_validator

OFFER_VALID_S = 30
"""How long a counter-offer waits for its answer (draft-ietf-wish-whep-04)."""


class IceServer(BaseModel):
    """A server that helps browsers to reach a node through a NAT."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(pattern=r"^(stun|turn)s?:[A-Za-z0-9.\[\]:?=&_-]+$", description="RFC 7064 or RFC 7065.")
    username: str = Field(default="", pattern=r"^[ !#-\[\]-~]*$")
    credential: str = Field(default="", pattern=r"^[ !#-\[\]-~]*$", repr=False)
    secret: str = Field(
        default="",
        repr=False,
        description="Shared with the TURN server (coturn: static-auth-secret), for logins that last an hour.",
    )

    @model_validator(mode="after")
    def _one_login(self) -> Self:
        if self.secret and (self.username or self.credential):
            raise ValueError("a server has a secret, or a username with a credential, not both")
        return self


class NatAddress(BaseModel):
    """An address of this machine that browsers reach by another one: a router passes the same UDP ports on to it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    local: IPvAnyAddress
    public: IPvAnyAddress

    @model_validator(mode="after")
    def _one_family(self) -> Self:
        if self.local.version != self.public.version:
            raise ValueError("local and public must both be IPv4 or both IPv6")
        return self


Port = Annotated[int, Field(ge=1024, le=65535)]


class LiveSettings(BaseModel):
    """How browsers reach a media node and how many may."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host_addresses: tuple[str, ...] = Field(
        default=(),
        description="Addresses offered to browsers as ICE host candidates. Empty: the one by which a browser has come.",
    )
    nat_addresses: tuple[NatAddress, ...] = Field(
        default=(),
        description="Addresses here that browsers know by public ones, which are offered in their place.",
    )
    udp_ports: tuple[Port, Port] | None = Field(
        default=None, description="Lowest and highest UDP port for live view. None: any that is free."
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
        description="STUN and TURN servers that players are told of. None: nobody outside the site is asked.",
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

    @model_validator(mode="after")
    def _ports_are_a_range(self) -> Self:
        if self.udp_ports is not None and self.udp_ports[0] > self.udp_ports[1]:
            raise ValueError("udp_ports: the lowest port comes first")
        return self
