"""A receiver of webhooks that keeps what it gets and fails as it is told to."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

OK = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"


def answer(status: int, **headers: str) -> bytes:
    """An answer without a body."""
    lines = [
        f"HTTP/1.1 {status} Said",
        "Content-Length: 0",
        *(f"{k.replace('_', '-')}: {v}" for k, v in headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


@dataclass(frozen=True)
class Heard:
    """One request."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def data(self) -> dict[str, Any]:
        return json.loads(self.body)["data"]


@dataclass
class WebhookReceiver:
    """`behaviour` is an answer in bytes, "reset", "silent", or seconds to wait before a good answer."""

    behaviour: bytes | str | float = OK
    heard: list[Heard] = field(default_factory=list)
    tls: ssl.SSLContext | None = None
    port: int = 0
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/hook"

    @property
    def ids(self) -> Sequence[str]:
        return [heard.id for heard in self.heard]

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["WebhookReceiver"]:
        """Listens for as long as the block lasts, on the port it had before."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self.tls)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for writer in list(self._writers):
                writer.close()
            await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                while True:
                    await self._answer(reader, writer)
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head)}
        self.heard.append(Heard(headers, await reader.readexactly(int(headers["content-length"]))))
        match self.behaviour:
            case bytes() as said:
                writer.write(said)
            case float() as seconds:
                await asyncio.sleep(seconds)
                writer.write(OK)
            case "reset":
                writer.transport.abort()
            case _:
                await asyncio.sleep(60)
        await writer.drain()
