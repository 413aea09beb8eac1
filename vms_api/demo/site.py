"""A complete site on this machine: a folder, a configuration, `xueliang serve` as a child, and a client logged in."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import httpx

from vms_api.plain_http import NO_AUTHORITY

READY_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 10.0
ADMIN = "admin"

CONFIGURATION = """\
[server]
host = "127.0.0.1"
port = {port}

[storage]
data_dir = "data"

[site]
name = "Xueliang demo"
time_zone = "Asia/Shanghai"

[ingest]
allow_loopback = true

[analytics]
detector = "{detector}"

[purpose]  # the demo's one person is the administrator of everything, and looks everywhere
asked_for = ["playback", "export"]
"""


class SiteFailed(Exception):
    """The site did not come up; the message holds what the control process said last."""


@dataclass(frozen=True, slots=True)
class SitePlan:
    """What kind of site. Port 0 takes a free one; `log` receives the output of the control process and the node.

    `more` is further text of the site file; `before` is called with it, once, before the site is started.
    """

    folder: Path
    port: int = 0
    detector: str = "auto"
    password: str = field(default_factory=lambda: secrets.token_urlsafe(18), repr=False)
    environment: Mapping[str, str] = field(default_factory=dict)
    log: IO[str] | None = None
    more: str = ""
    before: Callable[[Path], None] | None = None


class LocalSite:
    """Starts on entry, stops on exit. `client` speaks the public API as the administrator."""

    def __init__(self, plan: SitePlan) -> None:
        self._plan = plan
        self.port = plan.port or _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.client = httpx.Client(base_url=f"{self.url}/api/v1", timeout=15.0, trust_env=False, verify=NO_AUTHORITY)
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        try:
            self._prepare()
            self.start()
            self.log_in()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def is_running(self) -> bool:
        """Whether the control process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Process id of the control process."""
        assert self._process is not None  # noqa: S101 - used between start and stop
        return self._process.pid

    def _prepare(self) -> None:
        """Writes the site file, and does what the plan wants done before."""
        config = self._plan.folder / "site.toml"
        text = CONFIGURATION.format(port=self.port, detector=self._plan.detector)
        config.write_text(f"{text}\n{self._plan.more}", encoding="utf-8")
        if self._plan.before is not None:
            self._plan.before(config)

    def start(self) -> None:
        """Starts the control process and waits until it and its node are ready.

        Raises:
            SiteFailed: it ended, or was not ready in time.

        """
        config = self._plan.folder / "site.toml"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "vms_api", "serve", "--config", str(config)],
            env={**os.environ, "XUELIANG_ADMIN_PASSWORD": self._plan.password, **self._plan.environment},
            stdout=self._plan.log or sys.stderr,
            stderr=self._plan.log or sys.stderr,
            text=True,
            start_new_session=True,  # Ctrl-C is for whoever runs the site, which then stops it in order
        )
        self._wait_ready()

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + READY_TIMEOUT_S
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise SiteFailed("the control process ended before it was ready")
            try:
                if self.client.get(f"{self.url}/readyz", timeout=2.0).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise SiteFailed(f"the site was not ready within {READY_TIMEOUT_S:.0f} s")

    def restart(self) -> None:
        """Starts the control process again on the same folder, after it was stopped or killed."""
        if self._process is not None:
            self._process.wait()
        self.start()

    def log_in(self) -> None:
        """Logs the client in as the administrator."""
        body = {"username": ADMIN, "password": self._plan.password}
        self.client.post("/login", json=body).raise_for_status()

    def login_link(self, place: str | None = None) -> str:
        """A link that logs its first visitor in, once, and leads to a place of the page."""
        answer = self.client.post("/login-links", json={}).raise_for_status().json()
        query = f"?next={place}" if place else ""
        return f"{self.url}/login{query}#token={answer['token']}"

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """One API call that must succeed; the JSON answer."""
        answer = self.client.request(method, path, json=body)
        if answer.is_error:
            raise SiteFailed(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer.json() if answer.content else None

    def wait_live(self, camera_ids: list[str], timeout_s: float = 20.0) -> None:
        """Waits until the cameras are live.

        Raises:
            SiteFailed: one is not, within the time.

        """
        deadline = time.monotonic() + timeout_s
        states: dict[str, str] = {}
        while time.monotonic() < deadline:
            states = {camera_id: self.call("GET", f"/cameras/{camera_id}/health")["state"] for camera_id in camera_ids}
            if set(states.values()) <= {"live"}:
                return
            time.sleep(0.2)
        raise SiteFailed(f"cameras are not live after {timeout_s:.0f} s: {states}")

    def stop(self) -> None:
        """Stops everything; a control process that does not stop in time is killed."""
        self.client.close()
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
