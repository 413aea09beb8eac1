"""What an operator may set about telling others."""

from ipaddress import IPv4Network, IPv6Network
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class NotifySettings(BaseModel):
    """Whom notifications may reach, and the site's own mail server."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    allowed_networks: tuple[IPv4Network | IPv6Network, ...] = Field(
        default=(), description="Networks that are not of the internet in which receivers may be."
    )
    smtp_host: str | None = Field(
        default=None, min_length=1, max_length=253, description="The mail server; without one nothing is mailed."
    )
    smtp_port: int = Field(default=587, ge=1, le=65535, description="Its TCP port.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="starttls (RFC 3207), tls from the first byte (RFC 8314), or none."
    )
    smtp_username: str | None = Field(
        default=None, max_length=200, description="Its login; the password is in XUELIANG_SMTP_PASSWORD."
    )
    smtp_from: str = Field(
        default="xueliang@localhost", pattern=r"^[^\s@<>,;]+@[^\s@<>,;]+$", description="Whom the mail comes from."
    )
