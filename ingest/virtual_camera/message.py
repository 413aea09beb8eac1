"""RTSP 1.0 messages (RFC 2326 clauses 6 and 7): bytes in, requests out; responses in, bytes out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from ingest.virtual_camera.rtp import INTERLEAVED_MAGIC

MAX_HEADER_BYTES = 16 * 1024
MAX_BODY_BYTES = 64 * 1024
"""A camera reads small requests; what is larger is no client of ours."""

_VERSION = "RTSP/1.0"
_END_OF_HEADER = b"\r\n\r\n"
_INTERLEAVED_HEADER_BYTES = 4


class Status(IntEnum):
    """The answers of RFC 2326 clause 7.1.1 that this server gives."""

    OK = 200
    BAD_REQUEST = 400
    UNAUTHORIZED = 401
    NOT_FOUND = 404
    METHOD_NOT_ALLOWED = 405
    REQUEST_TOO_LARGE = 413
    NOT_ENOUGH_BANDWIDTH = 453
    SESSION_NOT_FOUND = 454
    METHOD_NOT_VALID_IN_THIS_STATE = 455
    UNSUPPORTED_TRANSPORT = 461
    NOT_IMPLEMENTED = 501
    SERVICE_UNAVAILABLE = 503
    VERSION_NOT_SUPPORTED = 505
    OPTION_NOT_SUPPORTED = 551

    @property
    def reason(self) -> str:
        """The phrase that goes with the number."""
        return "OK" if self is Status.OK else self.name.replace("_", " ").title()


class MalformedMessage(Exception):
    """What came is no RTSP request; `status` says why. The connection cannot be read any further."""

    def __init__(self, status: Status, detail: str) -> None:
        super().__init__(detail)
        self.status = status


@dataclass(frozen=True, slots=True)
class Request:
    """One request. Header names are lower case. The repr leaves headers out: they carry credentials."""

    method: str
    uri: str
    headers: Mapping[str, str] = field(repr=False)

    @property
    def cseq(self) -> str | None:
        """The number that the response must repeat (RFC 2326 clause 12.17)."""
        return self.headers.get("cseq")

    @property
    def session(self) -> str | None:
        """The session identifier without its parameters (RFC 2326 clause 12.37)."""
        value = self.headers.get("session")
        return value.split(";")[0].strip() if value else None


@dataclass(frozen=True, slots=True)
class InterleavedData:
    """Binary data that a client sent on the RTSP connection: receiver reports."""

    channel: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Response:
    """One response."""

    status: Status
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def encode(self, cseq: str | None) -> bytes:
        """The bytes on the wire, answering the request of that number."""
        lines = [f"{_VERSION} {self.status.value} {self.status.reason}"]
        if cseq is not None:
            lines.append(f"CSeq: {cseq}")
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.body:
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join(lines).encode() + _END_OF_HEADER + self.body


class MessageReader:
    """Cuts a connection's bytes into requests and interleaved data. Holds one incomplete message at most."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Request | InterleavedData]:
        """The messages that these bytes complete.

        Raises:
            MalformedMessage: the bytes are no RTSP, or a limit is exceeded.

        """
        self._buffer += data
        while (message := self._next()) is not None:
            yield message

    def _next(self) -> Request | InterleavedData | None:
        if not self._buffer:
            return None
        if self._buffer[0] == INTERLEAVED_MAGIC:
            return self._next_interleaved()
        end = self._buffer.find(_END_OF_HEADER)
        if max(end, 0) > MAX_HEADER_BYTES or (end < 0 and len(self._buffer) > MAX_HEADER_BYTES):
            raise MalformedMessage(Status.REQUEST_TOO_LARGE, "the header is too long")
        return None if end < 0 else self._next_request(end)

    def _next_interleaved(self) -> InterleavedData | None:
        if len(self._buffer) < _INTERLEAVED_HEADER_BYTES:
            return None
        end = _INTERLEAVED_HEADER_BYTES + int.from_bytes(self._buffer[2:4])
        if len(self._buffer) < end:
            return None
        message = InterleavedData(self._buffer[1], bytes(self._buffer[_INTERLEAVED_HEADER_BYTES:end]))
        del self._buffer[:end]
        return message

    def _next_request(self, header_end: int) -> Request | None:
        request = parse_request(bytes(self._buffer[:header_end]))
        size = request.headers.get("content-length", "0")
        if not (size.isascii() and size.isdigit()):
            raise MalformedMessage(Status.BAD_REQUEST, "Content-Length is no number")
        if len(size) > len(str(MAX_BODY_BYTES)) or int(size) > MAX_BODY_BYTES:
            raise MalformedMessage(Status.REQUEST_TOO_LARGE, "the body is too long")
        end = header_end + len(_END_OF_HEADER) + int(size)
        if len(self._buffer) < end:
            return None
        del self._buffer[:end]  # no method of ours reads a body
        return request


def parse_request(header: bytes) -> Request:
    """Reads request line and headers (RFC 2326 clause 6), without the empty line.

    Raises:
        MalformedMessage: no RTSP 1.0 request.

    """
    try:
        first, *lines = header.decode().lstrip("\r\n").split("\r\n")
        method, uri, version = first.split(" ")
        if not all(line.replace("\t", " ").isprintable() for line in (first, *lines)):
            raise MalformedMessage(Status.BAD_REQUEST, "a control character in the header")
    except ValueError:  # UnicodeDecodeError is one
        raise MalformedMessage(Status.BAD_REQUEST, "no request line") from None
    if version != _VERSION:
        raise MalformedMessage(Status.VERSION_NOT_SUPPORTED, "not RTSP/1.0")
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise MalformedMessage(Status.BAD_REQUEST, "a header line has no name")
        headers[name.strip().lower()] = value.strip()
    return Request(method, uri, headers)
