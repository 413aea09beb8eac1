"""RTSP 1.0 messages as the client needs them (RFC 2326 clauses 6 and 7)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ingest.errors import StreamBroken

VERSION = "RTSP/1.0"
END_OF_HEADER = b"\r\n\r\n"

OK = 200
UNAUTHORIZED = 401

_USER_AGENT = "Xueliang"
_NO_MESSAGE = "What the camera sent is no RTSP message."


@dataclass(frozen=True, slots=True)
class Message:
    """A response, or a request of the camera to us: `status` is None then, and `method` set.

    Header names are lower case; of a repeated header the last one holds, but for the `challenges` of a 401.
    """

    status: int | None
    method: str
    headers: Mapping[str, str] = field(repr=False)
    challenges: tuple[str, ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def cseq(self) -> int | None:
        """Which request this answers (RFC 2326 clause 12.17)."""
        return decimal(self.headers.get("cseq", ""))


def encode_request(method: str, uri: str, cseq: int, headers: Mapping[str, str]) -> bytes:
    """A request without a body, as it goes on the wire."""
    lines = [f"{method} {uri} {VERSION}", f"CSeq: {cseq}", f"User-Agent: {_USER_AGENT}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + END_OF_HEADER


def encode_answer(cseq: int, status: str) -> bytes:
    """Our answer to a request of the camera's."""
    return f"{VERSION} {status}\r\nCSeq: {cseq}".encode() + END_OF_HEADER


def read_header(header: bytes) -> Message:
    """Reads first line and headers, without the empty line behind them.

    Raises:
        StreamBroken: no RTSP message.

    """
    first, *lines = header.decode("utf-8", "replace").lstrip("\r\n").split("\r\n")
    headers: dict[str, str] = {}
    challenges: list[str] = []
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
        if name.strip().lower() == "www-authenticate":
            challenges.append(value.strip())
    words = first.split(" ")
    if words[0].startswith("RTSP/1."):
        status = decimal(words[1]) if len(words) > 1 else None
        if status is None:
            raise StreamBroken(_NO_MESSAGE)
        return Message(status, "", headers, tuple(challenges))
    if not words[-1].startswith("RTSP/1."):
        raise StreamBroken(_NO_MESSAGE)
    return Message(None, words[0], headers, tuple(challenges))


def decimal(text: str) -> int | None:
    """A plain decimal number of up to nine digits, None for anything else."""
    is_number = text.isascii() and text.isdigit() and len(text) <= 9  # noqa: PLR2004 - fits every field of RTSP
    return int(text) if is_number else None
