"""A media node without media: it registers, sends heartbeats, delivers alerts and answers its internal API.

Runs in the test's process, or as a child: `python tests/fakes/node.py MODE` reads the launch line from standard input.
MODE is `live`, `mute` (stops its heartbeats after a second) or `crash` (exits after registering).
"""

import base64
import itertools
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import httpx

from vms_api.plain_http import NO_AUTHORITY

JPEG = b"\xff\xd8\xff\xe0" + b"picture of the moment" + b"\xff\xd9"
BETTER_JPEG = b"\xff\xd8\xff\xe0" + b"the same, seen better" + b"\xff\xd9"
SDP_ANSWER = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n"
PASSED = {"rung": "passed", "stream": "main", "reason": None}
START = "2026-11-21T12:00:00Z"
PATIENCE_S = 20.0
"""A machine may stand still for seconds, as all others wait for its disk."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def problem(status: int, code: str, detail: str, **headers: str) -> Answer:
    return Answer(status, json.dumps({"code": code, "detail": detail}).encode(), headers)


def live_health(state: str = "live") -> dict[str, Any]:
    stream = {"role": "main", "state": state, "since": START, "codec": "h264", "width": 768, "height": 576}
    return {"state": state, "since": START, "streams": [stream], "analysis": {"state": "running"}}


def alert_payload(identifier: str, camera_id: str = "gone", **changes: Any) -> dict[str, Any]:
    return {
        "id": identifier,
        "camera_id": camera_id,
        "rule_id": f"rule of {identifier}",  # else it would be a repeat of the one before
        "rule_name": "Night intrusion",
        "kind": "intrusion",
        "severity": "high",
        "label": "person",
        "score": 0.8,
        "box": [0.1, 0.2, 0.3, 0.9],
        "frame_received_at": START,
        "raised_at": START,
        "evidence": base64.b64encode(JPEG).decode(),
        "epoch": 1,
        **changes,
    }


def better_view_payload(alert_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "alert_id": alert_id,
        "seen_at": START,
        "score": 0.9,
        "box": [0.2, 0.2, 0.4, 0.95],
        "evidence": base64.b64encode(BETTER_JPEG).decode(),
        **changes,
    }


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # of the usual five, a busy machine lets the sixth caller wait for a second


class FakeNode:
    """Legal by default; `answers` and `health` are what a test may damage."""

    def __init__(self, launch: Mapping[str, Any], heartbeat_s: float = 0.1) -> None:
        self.launch = launch
        self.heartbeat_s = heartbeat_s
        self.calls: list[tuple[str, str, bytes]] = []
        self.states: list[dict[str, Any]] = []
        self.answers: dict[str, Answer] = {
            "POST /internal/v1/network/check": Answer(200, json.dumps({"sdp": SDP_ANSWER}).encode()),
            "GET /internal/v1/inspections/": Answer(200, b'{"frame": null}'),
        }
        self.health: Callable[[str], dict[str, Any]] = lambda _camera_id: live_health()
        self.view_ids: list[str] | None = None
        self.key_frame_wishes: list[str] = []
        self.volumes: list[dict[str, Any]] = []
        self.open_segments: list[dict[str, Any]] = []
        self.last_status = 0
        self._view_numbers = itertools.count(1)
        self._stopped = threading.Event()
        headers = {"Authorization": f"Bearer {launch['token']}"}
        base_url = f"{launch['control_url']}/internal/v1/nodes/{launch['node_id']}"
        plain = {"trust_env": False, "verify": NO_AUTHORITY}
        self._http = httpx.Client(base_url=base_url, headers=headers, timeout=PATIENCE_S, **plain)
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._threads = [threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)]
        self._threads.append(threading.Thread(target=self._beat, daemon=True))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> "FakeNode":
        self._threads[0].start()
        self.register()
        self._threads[1].start()
        return self

    def stop(self) -> None:
        self.mute()
        self._server.shutdown()
        self._server.server_close()
        self._threads[0].join()
        self._http.close()

    def mute(self) -> None:
        """No more heartbeats; the rest goes on."""
        self._stopped.set()
        self._threads[1].join()

    def register(self) -> httpx.Response:
        detector = {"name": "scripted", "runtime": "fake", "fallback": True, "reason": "model-missing"}
        registration = {
            "address": self.address,
            "pid": os.getpid(),
            "epoch": self.launch["epoch"],
            "version": "0",
            "detector": {**detector, "twin": "twin-outdated", "labels": ["person", "motion"]},
        }
        answer = self._http.post("/register", json=registration)
        if answer.is_success:
            self.states.append(answer.json())
        return answer

    def heartbeat(self) -> httpx.Response:
        cameras = self.states[-1]["cameras"] if self.states else []
        reports = [{"camera_id": camera["id"], "health": self.health(camera["id"])} for camera in cameras]
        body = {"epoch": self.launch["epoch"], "cameras": reports, "view_ids": self.view_ids}
        body["key_frame_wishes"] = self.key_frame_wishes
        body["node"] = {"volumes": self.volumes}
        return self._http.post("/health", json=body)

    def deliver(self, payload: Mapping[str, Any], kind: str = "alert") -> httpx.Response:
        return self._http.post("/deliveries", json={"id": payload["id"], "kind": kind, "payload": payload})

    def tell(self, kind: str, payload: Mapping[str, Any]) -> httpx.Response:
        """Delivers what has no id of its own, or more than one delivery of the same."""
        return self._http.post("/deliveries", json={"id": str(uuid4()), "kind": kind, "payload": payload})

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        self.calls.append((method, path, body))
        key = f"{method} {path}"
        for start, answer in self.answers.items():
            if key.startswith(start):
                return answer
        if method == "PUT" and path.endswith("/state"):
            self.states.append(json.loads(body))
            return Answer(204)
        if path.startswith("/internal/v1/recordings/open"):
            return Answer(200, json.dumps({"segments": self.open_segments}).encode())
        if "/whep" in path or path.partition("?")[0].endswith("/live"):
            view = f"view-{next(self._view_numbers)}"
            return Answer(201, json.dumps({"view": view, "sdp": SDP_ANSWER, **PASSED}).encode())
        if "snapshot" in path or "picture.jpg" in path:
            return Answer(200, JPEG, {"X-Captured-At": START})
        return Answer(204)

    def _beat(self) -> None:
        while not self._stopped.wait(self.heartbeat_s):
            try:
                self.last_status = self.heartbeat().status_code
            except httpx.TransportError:
                continue  # the control process is gone or stopping; a node goes on
            if self.last_status == httpx.codes.CONFLICT:
                return

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        node = self

        class Handler(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                if self.headers["Authorization"] != f"Bearer {node.launch['token']}":
                    self.send_error(401)
                    return
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                answer = node.answer(self.command, self.path, body)
                self.send_response(answer.status)
                for name, value in {**answer.headers, "Content-Length": str(len(answer.body))}.items():
                    self.send_header(name.replace("_", "-"), value)
                self.end_headers()
                self.wfile.write(answer.body)

            do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815 - names of http.server

            def log_message(self, *args: object) -> None:
                """Says nothing."""

        return Handler


def main(mode: str) -> None:
    launch = json.loads(sys.stdin.readline())
    node = FakeNode(launch).start()
    if mode == "crash":
        os._exit(3)
    if mode == "mute":
        time.sleep(1)
        node.mute()
    sys.stdin.read()
    node.stop()


if __name__ == "__main__":
    main(sys.argv[1])
