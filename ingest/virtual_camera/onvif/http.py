"""As much of an HTTP/1.1 server as a camera has (RFC 9112), low enough to misbehave on purpose."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

MAX_HEADER_BYTES = 16 * 1024
MAX_BODY_BYTES = 256 * 1024

_IDLE_S = 30.0


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request; header names are in lower case. `host` is the server's own address on this connection."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    host: str


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """One answer. `missing` bytes are declared and never sent; `byte_pause_s` lies between any two bytes."""

    status: int
    body: bytes = b""
    content_type: str = "application/soap+xml; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    missing: int = 0
    byte_pause_s: float = 0.0

    def head(self) -> bytes:
        """Status line and headers."""
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        lines += [f"Content-Type: {self.content_type}", f"Content-Length: {len(self.body) + self.missing}"]
        return "\r\n".join((*lines, "", "")).encode()


Handler = Callable[[HttpRequest], Awaitable[HttpAnswer]]


class HttpServer:
    """Serves one handler on one TCP port (0: the system chooses), with `tls` over TLS."""

    def __init__(self, host: str, port: int, handler: Handler, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._address = host, port
        self._handler = handler
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server

    async def start(self) -> int:
        """Begins to serve; returns the port.

        Raises:
            OSError: the address cannot be bound.

        """
        self._server = await asyncio.start_server(self._accept, *self._address, limit=MAX_HEADER_BYTES, ssl=self._tls)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Cuts all clients and frees the port."""
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host = str(writer.get_extra_info("sockname")[0])
        try:
            while request := await asyncio.wait_for(_read(reader, host), _IDLE_S):
                answer = await self._handler(request)
                await _send(writer, answer)
                if answer.missing:
                    break
        except (OSError, ValueError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return  # what is no HTTP, or does not come, is not answered
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader, host: str) -> HttpRequest | None:
    """The next request; None when the client has hung up.

    Raises:
        ValueError: not HTTP, or larger than a camera takes.

    """
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode(errors="replace").rstrip().split("\r\n")
    method, target, _version = first.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = int(headers.get("content-length", "0"))
    if not 0 <= length <= MAX_BODY_BYTES:
        raise ValueError("the body is too large")
    return HttpRequest(method, target, headers, await reader.readexactly(length), host)


async def _send(writer: asyncio.StreamWriter, answer: HttpAnswer) -> None:
    if not answer.byte_pause_s:
        writer.write(answer.head() + answer.body)
        await writer.drain()
        return
    for byte in answer.head() + answer.body:
        writer.write(bytes((byte,)))
        await writer.drain()
        await asyncio.sleep(answer.byte_pause_s)
