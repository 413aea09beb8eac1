"""Janus (C, Debian's package) with one RTP mount point, as the other end of the scale for `bench viewers`."""

import asyncio
import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx

from benchmarks.audience import Viewer
from benchmarks.viewers_child import FRAME_RATE, packets
from vms_api.live.packetiser import Packetiser
from vms_api.live.srtp import SessionProtector

PAYLOAD_TYPE = 96
MOUNT_POINT = 1
_READY_S = 10.0
_TICKS = os.sysconf("SC_CLK_TCK")
_STREAM = """\
stream-1: {{
  type = "rtp"
  id = {mount_point}
  video = true
  videoport = {port}
  videopt = {payload_type}
  videocodec = "h264"
  videofmtp = "profile-level-id=42e01f;packetization-mode=1"
  secret = "{secret}"
}}
"""
_MAIN = """\
general: {{
  configs_folder = "{folder}"
  plugins_folder = "{libraries}/plugins"
  transports_folder = "{libraries}/transports"
  events_folder = "{folder}"
  loggers_folder = "{folder}"
  debug_level = 3
  log_to_stdout = true
}}
plugins: {{ disable = "{plugins}" }}
transports: {{ disable = "{transports}" }}
"""
_NEEDED = {"libjanus_streaming.so", "libjanus_http.so"}
_HTTP = 'general: {{ json = "compact", base_path = "/janus", http = true, ip = "127.0.0.1", port = {port} }}\n'


def installation() -> tuple[Path, Path] | None:
    """The program and its plugins: below $XUELIANG_JANUS (an unpacked Debian package), else the installed ones."""
    root = Path(os.environ.get("XUELIANG_JANUS", "/"))
    program = shutil.which("janus", path=str(root / "usr/bin"))
    libraries = next(root.glob("usr/lib/*/janus"), None)
    return (Path(program), libraries) if program and libraries else None


class Janus:
    """A running Janus, its viewers in this process, and the camera that it is fed by."""

    def __init__(self, process: subprocess.Popen[bytes], http: httpx.AsyncClient) -> None:
        self._process = process
        self._http = http
        self._session = ""
        self.viewers: list[Viewer] = []

    @property
    def cpu_s(self) -> float:
        """Processor time so far (proc(5): utime and stime, after the program's name)."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    async def open(self) -> None:
        """Waits until it answers; a session."""
        deadline = time.monotonic() + _READY_S
        while True:
            try:
                self._session = f"/{(await self._post('', janus='create'))['data']['id']}"
            except httpx.TransportError:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.1)
            else:
                return

    async def admit(self, count: int) -> None:
        """Adds viewers until there are so many: Janus offers, they answer."""
        while len(self.viewers) < count:
            attached = await self._post(self._session, janus="attach", plugin="janus.plugin.streaming")
            handle = f"{self._session}/{attached['data']['id']}"
            await self._post(handle, janus="message", body={"request": "watch", "id": MOUNT_POINT})
            offer = (await self._event("jsep"))["jsep"]["sdp"]
            viewer = Viewer()
            answer = {"type": "answer", "sdp": await viewer.answer(offer)}
            await self._post(handle, janus="message", body={"request": "start"}, jsep=answer)
            await viewer.count_from_now()
            self.viewers.append(viewer)

    async def _event(self, part: str) -> dict[str, Any]:
        while True:
            event: dict[str, Any] = (await self._http.get(self._session)).json()
            if part in event:
                return event

    async def _post(self, path: str, **message: Any) -> dict[str, Any]:
        reply = await self._http.post(path, json={"transaction": secrets.token_hex(6), **message})
        answer: dict[str, Any] = reply.json()
        return answer


@contextlib.asynccontextmanager
async def janus(program: Path, libraries: Path) -> AsyncIterator[Janus]:
    """Janus with one camera of 2 Mbit/s; it ends with the block."""
    http_port, rtp_port = _free_port(socket.SOCK_STREAM), _free_port(socket.SOCK_DGRAM)
    with tempfile.TemporaryDirectory() as name, _fed(rtp_port):
        folder = Path(name)
        needless = {kind: _needless(libraries / kind) for kind in ("plugins", "transports")}
        main = _MAIN.format(folder=folder, libraries=libraries, **needless)
        stream = _STREAM.format(
            mount_point=MOUNT_POINT, port=rtp_port, payload_type=PAYLOAD_TYPE, secret=secrets.token_hex(8)
        )
        for file, text in (
            ("", main),
            (".transport.http", _HTTP.format(port=http_port)),
            (".plugin.streaming", stream),
        ):
            (folder / f"janus{file}.jcfg").write_text(text, encoding="utf-8")
        environment = os.environ | {"LD_LIBRARY_PATH": str(libraries.parent)}
        command = [str(program), "-F", name, "-C", f"{name}/janus.jcfg"]
        base = f"http://127.0.0.1:{http_port}/janus"
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)  # noqa: ASYNC220
            async with httpx.AsyncClient(base_url=base, timeout=40, trust_env=False) as http:
                house = Janus(process, http)
                try:
                    await house.open()
                    yield house
                finally:
                    for viewer in house.viewers:
                        await viewer.close()
                    process.terminate()
                    process.wait()


def _needless(folder: Path) -> str:
    return ",".join(sorted({path.name for path in folder.glob("*.so")} - _NEEDED))


def own_address() -> str:
    """This machine's address towards others: Janus does not offer 127.0.0.1. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])


def _free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def _fed(port: int) -> Iterator[None]:
    """Plain RTP of the stream to a local port while the block lasts."""
    over = Event()
    thread = Thread(target=_feed, args=(port, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _feed(port: int, over: Event) -> None:
    plain, packetiser, index = SessionProtector(lambda packet: packet, ssrc=1), Packetiser(), 0
    began_s = time.monotonic()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as camera:
        for packet in packets():
            if over.wait(max(0.0, began_s + packet.sequence / FRAME_RATE - time.monotonic())):
                return
            unit = packetiser.unit(packet)
            for run in unit.runs:
                for datagram in plain.protect(index, PAYLOAD_TYPE, unit.ticks & 0xFFFFFFFF, run):
                    camera.sendto(datagram, ("127.0.0.1", port))
                index += len(run)
