"""Debian's Mosquitto on a free port of this machine, which can be stopped and started again."""

import asyncio
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin")


def free_port() -> int:
    """A port of this machine where nobody listened a moment ago, for servers that cannot choose one themselves."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


class Mosquitto:
    """A broker without logins; with `tls` (certificate and key) it speaks nothing else."""

    def __init__(self, folder: Path, tls: tuple[Path, Path] | None = None) -> None:
        self.port = free_port()
        self._config = folder / "mosquitto.conf"
        lines = [f"listener {self.port} 127.0.0.1", "allow_anonymous true", "persistence true"]
        lines.append("user root")  # else a broker that root starts cannot read what is the test's own
        lines.append(f"persistence_location {folder}/")
        if tls is not None:
            lines += [f"certfile {tls[0]}", f"keyfile {tls[1]}"]
        self._config.write_text("\n".join(lines) + "\n")
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Returns once it takes connections."""
        command = [str(MOSQUITTO), "-c", str(self._config)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: ASYNC220
        async with asyncio.timeout(20):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                except OSError:
                    await asyncio.sleep(0.05)
                else:
                    writer.close()
                    return

    async def stop(self) -> None:
        """Ends it; what it retains is on disk."""
        if self._process is not None:
            self._process.terminate()
            await asyncio.to_thread(self._process.wait)
            self._process = None


@asynccontextmanager
async def running_mosquitto(folder: Path, tls: tuple[Path, Path] | None = None) -> AsyncIterator[Mosquitto]:
    """A broker for as long as the block lasts."""
    broker = Mosquitto(folder, tls)
    await broker.start()
    try:
        yield broker
    finally:
        await broker.stop()
