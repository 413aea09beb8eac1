"""Where the media node runs: here, as a child process that is started again whenever it ends or falls silent."""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from ingest.clock import Clock
from vms_api.nodes.link import NODE_ID, NodeLink, NodeState
from vms_api.settings import SiteFile

log = structlog.get_logger()

NODE_COMMAND = (sys.executable, "-m", "vms_api.node")

SECRET_VARIABLES = {
    "XUELIANG_ADMIN_PASSWORD",
    "XUELIANG_SECRET_KEY",
    "XUELIANG_OIDC_CLIENT_SECRET",
    "XUELIANG_DATABASE_URL",
}
"""Not handed on: the node reads what cameras send, and needs none of them."""

BACKOFF_MIN_S = 0.5
BACKOFF_MAX_S = 10.0
PROVEN_UPTIME_S = 60.0
"""A node that lived this long did not crash on start: the next wait is short again."""
_POLL_S = 0.1
_STOP_S = 1.5
_FOR_THE_NODE = {"ingest", "analytics", "live", "recording", "diagnosis"}


@dataclass(frozen=True, slots=True)
class Launch:
    """What a node process is told at its start, apart from epoch and token."""

    control_url: str
    settings: SiteFile
    command: Sequence[str] = NODE_COMMAND

    def document(self, epoch: int, token: str) -> dict[str, Any]:
        """One JSON line on the child's standard input: not on its command line, which everybody can read."""
        return {
            "node_id": NODE_ID,
            "epoch": epoch,
            "token": token,
            "control_url": self.control_url,
            "data_dir": str(Path(self.settings.storage.data_dir)),
            "settings": self.settings.model_dump(mode="json", include=_FOR_THE_NODE),
        }


def next_backoff_s(backoff_s: float, uptime_s: float) -> float:
    """The wait after the next exit: doubled up to BACKOFF_MAX_S, or short again after a proven uptime."""
    return BACKOFF_MIN_S if uptime_s >= PROVEN_UPTIME_S else min(backoff_s * 2, BACKOFF_MAX_S)


class LocalPlacement:
    """Supervises one node process. Its standard input is its life line: it ends when this process ends."""

    def __init__(self, launch: Launch, link: NodeLink, clock: Clock) -> None:
        self._launch = launch
        self._link = link
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled; then the child is asked to end, and killed if it does not."""
        backoff_s = BACKOFF_MIN_S
        while True:
            started_s = self._clock.monotonic_s()
            await self._run_once()
            uptime_s = self._clock.monotonic_s() - started_s
            if uptime_s >= PROVEN_UPTIME_S:
                backoff_s = BACKOFF_MIN_S
            await asyncio.sleep(backoff_s)
            backoff_s = next_backoff_s(backoff_s, uptime_s)

    async def _run_once(self) -> None:
        epoch = await self._link.begin_epoch()
        process = await self._start(epoch)
        if process is None:
            return
        try:
            reason = await self._watch(process)
            self._link.lose(reason)
        finally:
            await asyncio.shield(_end(process))

    async def _start(self, epoch: int) -> asyncio.subprocess.Process | None:
        try:
            process = await asyncio.create_subprocess_exec(
                *self._launch.command,
                stdin=asyncio.subprocess.PIPE,
                env={name: value for name, value in os.environ.items() if name not in SECRET_VARIABLES},
                start_new_session=True,  # Ctrl-C in the terminal is for this process, which then ends the child
            )
        except OSError as error:
            log.error("node.not_started", reason=error.strerror)  # noqa: TRY400 - the reason says all
            self._link.lose("not started")
            return None
        log.info("node.started", pid=process.pid, epoch=epoch)
        if process.stdin is not None:
            process.stdin.write(json.dumps(self._launch.document(epoch, self._link.token)).encode() + b"\n")
        return process

    async def _watch(self, process: asyncio.subprocess.Process) -> str:
        """Returns why the node must be replaced."""
        start_by_s = self._clock.monotonic_s() + self._launch.settings.node.start_timeout_s
        while process.returncode is None:
            self._link.check()
            if self._link.state is NodeState.DOWN:
                return "no heartbeat"
            if self._link.state is NodeState.STARTING and self._clock.monotonic_s() > start_by_s:
                return "it did not register"
            await asyncio.sleep(_POLL_S)
        return f"exited with {process.returncode}"


async def _end(process: asyncio.subprocess.Process) -> None:
    """Closes the life line, then kills. A node that hangs is not waited for."""
    if process.stdin is not None:
        process.stdin.close()
    if process.returncode is None:
        try:
            await asyncio.wait_for(process.wait(), _STOP_S)
        except TimeoutError:
            log.warning("node.killed", pid=process.pid)
            process.kill()
            await process.wait()
