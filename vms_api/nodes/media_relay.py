"""A browser's WebSocket and the node's, joined: fragments one way, what has come of them the other."""

import asyncio
import contextlib

import structlog
from fastapi import WebSocket
from starlette.websockets import WebSocketDisconnect
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, WebSocketException

from vms_api.errors import NodeUnavailable
from vms_api.nodes.client import NodeClient

log = structlog.get_logger()

_ENDED = 4000
"""The node has ended the view, or is gone; the page may ask for another."""


async def relay(socket: WebSocket, client: NodeClient, view: str) -> bool:
    """Carries a view until one side ends it; whether the browser did. The socket is accepted, or refused with 403.

    Nothing is kept between the two but a few fragments: the node holds back what the player has not acknowledged.
    """
    try:
        async with client.media(view) as source:
            await socket.accept()
            return await _joined(socket, source)
    except (NodeUnavailable, WebSocketException, OSError) as failure:
        log.info("view.media_refused", view=view, reason=type(failure).__name__)
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await socket.close(_ENDED)
        return False


async def _joined(socket: WebSocket, source: ClientConnection) -> bool:
    up, down = asyncio.create_task(_words(socket, source)), asyncio.create_task(_media(source, socket))
    try:
        await asyncio.wait((up, down), return_when=asyncio.FIRST_COMPLETED)
        return up.done() or down.result()
    finally:
        for side in (up, down):
            side.cancel()
        await asyncio.gather(up, down, return_exceptions=True)


async def _words(socket: WebSocket, source: ClientConnection) -> None:
    """Until either side is gone."""
    with contextlib.suppress(WebSocketDisconnect, ConnectionClosed, KeyError):
        while True:
            await source.send(await socket.receive_text())


async def _media(source: ClientConnection, socket: WebSocket) -> bool:
    """Until either side is gone; whether it was the browser."""
    try:
        async for message in source:
            if isinstance(message, bytes):
                await socket.send_bytes(message)
            else:
                await socket.send_text(message)
    except ConnectionClosed:
        log.info("view.media_broken")
    except (WebSocketDisconnect, RuntimeError):
        return True
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        await socket.close(_ENDED)
    return False
