"""A client of the event stream that knows as much as a browser's EventSource."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True)
class Received:
    kind: str
    data: Any
    id: int | None


class EventClient:
    """Reads frames; remembers the last id, as a browser does for its reconnects."""

    def __init__(self, http: httpx.AsyncClient, last_id: int | None = None) -> None:
        self._http = http
        self.last_id = last_id

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[AsyncIterator[Received]]:
        headers = {} if self.last_id is None else {"Last-Event-ID": str(self.last_id)}
        async with self._http.stream("GET", "/api/v1/events", headers=headers, timeout=10) as answer:
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/event-stream")
            frames = self._frames(answer)
            yield frames
            await frames.aclose()

    async def _frames(self, answer: httpx.Response) -> AsyncIterator[Received]:
        fields: dict[str, str] = {}
        async for line in answer.aiter_lines():
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif "event" in fields:
                identifier = int(fields["id"]) if "id" in fields else None
                self.last_id = self.last_id if identifier is None else identifier
                yield Received(fields["event"], json.loads(fields["data"]), identifier)
                fields = {}


async def take(frames: AsyncIterator[Received], kind: str, seconds: float = 5.0) -> Received:
    """The next event of that kind."""
    async with asyncio.timeout(seconds):
        async for received in frames:
            if received.kind == kind:
                return received
    raise AssertionError(f"the stream ended without {kind}")
