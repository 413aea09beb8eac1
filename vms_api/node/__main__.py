"""Entry of a media node process: `python -m vms_api.node`, told what to be by one JSON line on standard input.

The rest of standard input is a life line: when it ends, the control process is gone and the node stops too.
"""

import asyncio
import contextlib
import os
import socket
import sys
import threading
from collections.abc import AsyncIterator

import cv2
import structlog
import uvicorn
from fastapi import FastAPI

from analytics.detector_choice import select_detector
from analytics.effort import EffortBook
from analytics.model_store import EFFORT_FILE, cache_folder, known_models, model_folders
from ingest.clock import SystemClock
from ingest.crash_journal import CrashJournal
from vms_api.live.ice_sockets import settle
from vms_api.live.mse_view import MAX_WORD_BYTES
from vms_api.log_output import configure_logging
from vms_api.node.control_link import ControlLink, Superseded
from vms_api.node.fragment_routes import create_media_app
from vms_api.node.media_node import MediaNode, outbox_path
from vms_api.node.messages import Launch
from vms_api.node.outbox import Outbox
from vms_api.node.routes import create_node_app
from vms_api.node.store import OutboxStore

log = structlog.get_logger()

GRACE_S = 8.0
"""A node that has not stopped by then is ended: something in a camera library hangs."""


def main() -> None:
    """Runs the node until its life line ends or it is told to stop."""
    configure_logging()
    cv2.setNumThreads(1)  # pictures are small and cameras many: a pool would burn a core to save a millisecond
    launch = Launch.model_validate_json(sys.stdin.readline())
    asyncio.run(_run(launch))
    os._exit(0)  # abandoned camera threads (see the fleet's watchdog) must not keep the process


async def _run(launch: Launch) -> None:
    stop = asyncio.Event()
    _stop_at_end_of_input(stop)
    async with _serving(launch) as tasks:
        waiting = asyncio.create_task(stop.wait())
        done, _ = await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        for task in done - {waiting}:
            if isinstance(task.exception(), Superseded):
                log.warning("a newer node has taken over")
            else:
                task.result()


def _stop_at_end_of_input(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()

    def wait_for_end() -> None:
        while sys.stdin.readline():
            pass
        threading.Timer(GRACE_S, os._exit, (1,)).start()
        with contextlib.suppress(RuntimeError):  # the loop ended first
            loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=wait_for_end, name="life-line", daemon=True).start()


@contextlib.asynccontextmanager
async def _serving(launch: Launch) -> AsyncIterator[list[asyncio.Task[None]]]:
    """Everything of the node, running; left in reverse order."""
    settle(launch.settings.live)
    link = ControlLink(launch)
    kept = outbox_path(launch.data_dir, launch.node_id)
    store, journal = OutboxStore(kept), CrashJournal(kept.parent, SystemClock())
    outbox = Outbox(store, link.deliver, launch.epoch)
    book = EffortBook(cache_folder() / EFFORT_FILE)
    choice = await asyncio.to_thread(select_detector, launch.settings.analytics, known_models(), model_folders(), book)
    journal.watch()
    node = MediaNode(launch, choice, outbox, SystemClock(), journal, link.quality_picture)
    listener = _listener()
    server = uvicorn.Server(_server_config(create_node_app(node, launch.token.get_secret_value())))
    media = uvicorn.Server(_server_config(create_media_app(node)))
    node.start()
    tasks = [asyncio.create_task(server.serve(sockets=[listener]))]
    if launch.settings.live.media_listen is not None:
        tasks.append(asyncio.create_task(media.serve(sockets=[_media_listener(launch.settings.live.media_listen)])))
    try:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        await node.apply(await link.register(address, node.detector_report()))
        tasks.append(asyncio.create_task(link.report_forever(lambda: node.report() | {"epoch": launch.epoch})))
        tasks.append(asyncio.create_task(outbox.run()))
        yield tasks
    finally:
        server.should_exit = media.should_exit = True
        for task in tasks[1:]:
            task.cancel()
        await node.close()
        await asyncio.gather(*tasks, return_exceptions=True)
        await link.close()
        store.close()
        journal.close()


def _listener() -> socket.socket:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.set_inheritable(False)
    return listener


def _media_listener(place: str) -> socket.socket:
    host, _, port = place.rpartition(":")
    listener = socket.create_server((host.strip("[]"), int(port)))
    listener.set_inheritable(False)
    return listener


def _server_config(app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=30,  # longer than the control process keeps an idle connection, see ControlServer
        ws="websockets-sansio",
        ws_max_size=MAX_WORD_BYTES,
        ws_per_message_deflate=False,  # pictures do not get smaller, and trying takes longer than all the rest
    )


if __name__ == "__main__":
    main()
