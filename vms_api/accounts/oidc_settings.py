"""Whether people may log in by an OpenID Connect provider, and by which."""

import importlib.util
import ipaddress
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator


def origin_of(address: str) -> str:
    """Scheme, host and port of an address, the port written out only where it is not the usual one.

    Raises:
        ValueError: the port is no number.

    """
    parts = urlsplit(address)
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}" + ("" if parts.port in {None, usual} else f":{parts.port}")


def _provider_address(address: str) -> str:
    """An https address; plain http only where no network lies between (OpenID Connect Discovery clause 4.1)."""
    parts = urlsplit(address)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname or ""))
    if not is_safe or not parts.hostname or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("must be an https address without query, fragment and user name")
    origin_of(address)
    return address


def _origin(address: str) -> str:
    if _provider_address(address) != origin_of(address):
        raise ValueError("must be an origin such as https://login.example.org, without a path")
    return address


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class OidcSettings(BaseModel):
    """Login by an OpenID Connect provider; off without an issuer. Needs the extra `oidc`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: Annotated[str, AfterValidator(_provider_address)] | None = Field(
        default=None,
        description="The provider's issuer, exactly as it names itself; without it there is no such login.",
    )
    client_id: str | None = Field(default=None, min_length=1, description="What the provider calls this site.")
    client_secret: SecretStr | None = Field(
        default=None, description="The secret agreed with the provider; better in a file, or in the environment."
    )
    client_secret_file: Path | None = Field(
        default=None, description="A file that holds the secret; relative paths start at the site file's folder."
    )
    label: str = Field(default="OpenID Connect", min_length=1, max_length=40, description="On the login page's button.")
    auto_create: bool = Field(default=False, description="Whether people not known here become users without a role.")
    username_claim: str = Field(
        default="preferred_username", min_length=1, description="The claim that names the user at the first login."
    )
    endpoint_origins: tuple[Annotated[str, AfterValidator(_origin)], ...] = Field(
        default=(), description="Origins besides the issuer's own on which its endpoints may be."
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.issuer is None:
            if self.client_id or self.client_secret or self.client_secret_file:
                raise ValueError("issuer is missing")
            return self
        if self.client_id is None:
            raise ValueError("client_id is missing")
        if self.client_secret and self.client_secret_file:
            raise ValueError("either client_secret or client_secret_file")
        if importlib.util.find_spec("authlib") is None:
            raise ValueError("login by OpenID Connect needs the extra oidc: pip install 'xueliang[oidc]'")
        return self
