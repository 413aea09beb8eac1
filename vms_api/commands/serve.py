"""`xueliang serve`: the control process with its media node, until it is told to stop."""

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI

from vms_api.app import create_app
from vms_api.control import Control
from vms_api.errors import PortInUse, StartRefused
from vms_api.live.mse_view import MAX_WORD_BYTES
from vms_api.nodes.placement import NODE_COMMAND, Launch
from vms_api.settings import ServerSettings, SiteFile
from vms_api.settings_file import load_settings

Ready = Callable[[Control, str], Awaitable[None]]
"""Called once with the running control process and its address."""

_GRACE_S = 2
KEEP_ALIVE_S = 30
"""Longer than callers keep a connection that is idle (httpx: 5 s), or one might call just as it is hung up."""


def serve(config: Annotated[Path, typer.Option(help="The site file; configs/site.example.toml explains it.")]) -> None:
    """Runs until SIGINT or SIGTERM. Prints the page's address, and at the first start the set-up link."""
    try:
        asyncio.run(run_server(load_settings(config), on_ready=announce))
    except StartRefused as refusal:
        typer.echo(f"xueliang: {refusal}", err=True)
        raise typer.Exit(1) from None


async def run_server(
    settings: SiteFile,
    *,
    on_ready: Ready,
    environ: Mapping[str, str] = os.environ,
    node_command: tuple[str, ...] | None = NODE_COMMAND,
) -> None:
    """Serves until a signal comes; without a `node_command` no media node is started.

    Raises:
        StartRefused: as serve().

    """
    with listening_socket(settings.server) as listener:
        port = listener.getsockname()[1]
        launch = Launch(control_url(settings.server, port), settings, node_command) if node_command else None
        app = create_app(settings, launch=launch, environ=environ)

        async def started() -> None:
            await on_ready(app.state.control, page_address(settings.server, port))

        async with app.router.lifespan_context(app):
            await ControlServer(app, settings.server, started).serve(sockets=[listener])


class ControlServer(uvicorn.Server):
    """uvicorn for one app, whose lifespan is entered outside so that a refused start raises here.

    Signals end it without being raised again afterwards: what surrounds it must still close the database.
    """

    def __init__(self, app: FastAPI, settings: ServerSettings, on_started: Callable[[], Awaitable[None]]) -> None:
        self._api = app
        self._on_started = on_started
        super().__init__(
            uvicorn.Config(
                app,
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=settings.public_origin
                is not None,  # else anyone here could choose his rate-limited address
                timeout_graceful_shutdown=_GRACE_S,
                timeout_keep_alive=KEEP_ALIVE_S,
                ws="websockets-sansio",
                ws_max_size=MAX_WORD_BYTES,
                ws_per_message_deflate=False,  # pictures do not get smaller, and trying takes longer than all the rest
            )
        )

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGINT and SIGTERM stop gracefully, a second one at once. In a thread, `stop` is called instead."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.stop)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    def stop(self) -> None:
        """Ends the server; called again, without waiting for open answers."""
        self.force_exit = self.should_exit
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts and then says so."""
        await super().startup(sockets)
        await self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends the event streams first: uvicorn waits for open answers, and those never end by themselves."""
        self._api.state.control.events.close()
        await super().shutdown(sockets)


def listening_socket(settings: ServerSettings) -> socket.socket:
    """A socket that listens already, so that the node's first call waits instead of being refused.

    Raises:
        PortInUse: somebody else listens there, or the address is not of this machine.

    """
    try:
        family = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        raise PortInUse(settings.host, settings.port, error.strerror or str(error)) from error
    listener.setblocking(False)
    return listener


def page_address(settings: ServerSettings, port: int) -> str:
    """What people type into the browser."""
    return settings.public_origin or f"http://{_url_host(settings.host)}:{port}"


def control_url(settings: ServerSettings, port: int) -> str:
    """Where a node on this machine reaches the internal API."""
    return f"http://{_url_host(settings.host)}:{port}"


async def announce(control: Control, address: str) -> None:
    """Prints where the page is; while there is no user, with the link that makes the first one."""
    lines = [f"Xueliang is at {address}"]
    if await control.accounts.desk.is_setup_needed():
        lines.append(f"First start: open {address}/setup#token={control.accounts.desk.issue_setup_token()}")
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _url_host(host: str) -> str:
    """The wildcard addresses are reached by loopback; an IPv6 address stands in brackets (RFC 3986 clause 3.2.2)."""
    reachable = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - not bound here
    return f"[{reachable}]" if ":" in reachable else reachable
