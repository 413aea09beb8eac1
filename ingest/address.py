"""What a camera address may look like."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from ingest.camera import Credential
from ingest.errors import AddressRefused


@dataclass(frozen=True, slots=True)
class ParsedAddress:
    """An address free of credentials, and the login that was in it."""

    address: str
    credential: Credential | None


def parse_address(text: str) -> ParsedAddress:
    """Splits a login off a camera address.

    Raises:
        AddressRefused: not an rtsp or rtsps address with a host.

    """
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        raise AddressRefused("the address cannot be read") from error
    if parts.scheme not in {"rtsp", "rtsps"} or not host or text != text.strip() or not text.isprintable():
        raise AddressRefused("the address must look like rtsp://host:port/path")
    clean = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    login = Credential(unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    return ParsedAddress(clean, login)
