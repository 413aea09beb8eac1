"""Where a receiver is: one kind of target for each sender. Secrets are kept apart from it."""

import ssl
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

_HOST = r"^(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_.])?|[0-9A-Fa-f:]{2,39})$"

Host = Annotated[str, Field(pattern=_HOST, max_length=253)]
Port = Annotated[int, Field(ge=1, le=65535)]
MailAddress = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=254, pattern=r"^[^\s@<>,;:\"\\\x00-\x1f]+@[A-Za-z0-9.-]+$")
]
Topic = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\s+#$/][^\s+#]*[^\s+#/]$|^\w$"),
]
Login = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]


def _web_address(url: str) -> str:
    """Absolute, of http or https, without a login and without a fragment: the log of a proxy is no place for either."""
    try:
        parts = urlsplit(url)
        is_whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole or "@" in parts.netloc or "#" in url:
        raise PydanticCustomError("url_wrong", "an address like https://host/path, without a login")
    return url


def _certificates(pem: str) -> str:
    """One or more certificates that a connection can be checked with."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=pem)
    except (ssl.SSLError, ValueError):
        raise PydanticCustomError("certificate_unreadable", "not a certificate in PEM form") from None
    return pem


WebAddress = Annotated[str, StringConstraints(max_length=1000, pattern=r"^[!-~]+$"), AfterValidator(_web_address)]
Authority = Annotated[
    str,
    Field(
        max_length=20_000, description="PEM of the authority that signs the receiver's certificate; null: the known."
    ),
    AfterValidator(_certificates),
]


class _Target(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WebhookTarget(_Target):
    """Standard Webhooks 1.0 by POST. The secret signs each message."""

    kind: Literal["webhook"]
    url: WebAddress
    authority_pem: Authority | None = None


class MqttTarget(_Target):
    """A broker of MQTT 5. The secret is the password; topics begin with `prefix`.

    `home_assistant` also announces the cameras to Home Assistant (its MQTT discovery).
    """

    kind: Literal["mqtt"]
    host: Host
    port: Port = 8883
    tls: bool = True
    username: Login | None = None
    prefix: Topic = "xueliang"
    home_assistant: bool = False
    authority_pem: Authority | None = None


class MailTarget(_Target):
    """Mail by the site's mail server."""

    kind: Literal["email"]
    to: Annotated[list[MailAddress], Field(min_length=1, max_length=20)]


class SyslogTarget(_Target):
    """Syslog (RFC 5424) over UDP (RFC 5426), TCP (RFC 6587 clause 3.4.1) or TLS (RFC 5425)."""

    kind: Literal["syslog"]
    host: Host
    port: Port = 6514
    transport: Literal["udp", "tcp", "tls"] = "tls"
    authority_pem: Authority | None = None


Target = Annotated[WebhookTarget | MqttTarget | MailTarget | SyslogTarget, Field(discriminator="kind")]
