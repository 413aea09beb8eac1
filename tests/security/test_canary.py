"""A canary for a camera's password: the whole site runs through its day, and then every place is searched for it."""

import base64
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import psutil
import pytest

from ingest.camera import Credential
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip_cache import ClipCache
from ingest.virtual_camera.scene import Scene
from ingest.virtual_camera.thread import VirtualCameraThread
from vms_api.demo.site import LocalSite, SitePlan

CANARY = "CANARY-9f3b1c/7e"
WRONG = "CANARY-wrong-5d2a"
USER = "operator"
FORMS = {
    form.encode()
    for secret in (CANARY, WRONG)
    for form in (
        secret,
        quote(secret, safe=""),
        base64.b64encode(secret.encode()).decode(),
        base64.b64encode(f"{USER}:{secret}".encode()).decode(),
    )
}
"""The canary as it is, in an address, in base64 and as HTTP Basic writes it (RFC 7617)."""

SDP = {"Content-Type": "application/sdp"}
LIVE_S, REFUSED_S = 20.0, 15.0


@dataclass
class Watched:
    """A site whose every answer and every process is looked at."""

    site: LocalSite
    url: str
    seen: dict[str, bytes] = field(default_factory=dict)

    def hear(self, answer: httpx.Response) -> None:
        answer.read()
        text = answer.content + str(answer.headers).encode()
        self.seen[f"answer {len(self.seen)}: {answer.request.method} {answer.request.url.path}"] = text

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        return self.site.client.request(method, path, json=body)

    def look_at_processes(self) -> None:
        control = psutil.Process(self.site.pid)
        for process in (control, *control.children(recursive=True)):
            for name in ("cmdline", "environ"):
                place = Path(f"/proc/{process.pid}/{name}")
                self.seen[f"{place} {len(self.seen)}"] = place.read_bytes()

    def node(self) -> psutil.Process:
        children = psutil.Process(self.site.pid).children()
        return next(process for process in children if "vms_api.node" in " ".join(process.cmdline()))

    def leaks(self) -> list[str]:
        return [place for place, content in self.seen.items() if any(form in content for form in FORMS)]


@pytest.fixture
def watched(tmp_path: Path, drawn: ClipCache) -> Iterator[Watched]:
    clip = drawn.play_scene(Scene(gop_s=1.0, duration_s=10.0, walker_count=2))
    camera = VirtualCamera("gate", clip, credential=Credential(USER, CANARY))
    folder = tmp_path / "site"
    folder.mkdir()
    with (
        (tmp_path / "site.log").open("w", encoding="utf-8") as log,
        VirtualCameraThread([camera]) as server,
        LocalSite(SitePlan(folder, detector="motion", log=log)) as site,
    ):
        place = Watched(site, server.url("gate"))
        site.client.event_hooks["response"].append(place.hear)
        yield place


def wait_for(condition: Callable[[], object], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.2)


def add_cameras(watched: Watched) -> dict[str, str]:
    """A camera that works, one whose login is typed into its address, one with a wrong password."""
    inside = watched.url.replace("rtsp://", f"rtsp://{USER}:{quote(CANARY, safe='')}@")
    bodies: dict[str, dict[str, Any]] = {
        "fields": {"address": watched.url, "username": USER, "password": CANARY},
        "address": {"address": inside},
        "wrong": {"address": watched.url, "username": USER, "password": WRONG},
    }
    return {
        name: watched.call("POST", "/cameras", {"name": name, **body}).json()["id"] for name, body in bodies.items()
    }


def state(watched: Watched, camera_id: str) -> str:
    return str(watched.call("GET", f"/cameras/{camera_id}/health").json()["state"])


def make_mistakes(watched: Watched, camera_id: str) -> None:
    """Refused requests with the canary in every place where somebody may type it."""
    path = f"/cameras/{camera_id}"
    for body in (
        {"address": f"file://{USER}:{CANARY}@x/"},
        {"address": f"rtsp://{USER}:{CANARY}@169.254.169.254/"},
        {"password": [CANARY]},
        {"password": CANARY * 40},
        {"password": CANARY, CANARY: CANARY},
        {"username": CANARY * 20},
    ):
        assert watched.call("PATCH", path, body).status_code == 422
    for body in ({"username": USER, "password": CANARY}, {"token": CANARY}, {"username": CANARY, "password": CANARY}):
        with httpx.Client(base_url=watched.site.url, trust_env=False, event_hooks={"response": [watched.hear]}) as http:
            assert http.post("/api/v1/login", json=body).status_code == 401
            assert http.get("/api/v1/cameras", headers={"Authorization": f"Bearer {CANARY}"}).status_code == 401
    assert watched.site.client.post(f"{path}/whep", content=CANARY, headers=SDP).is_error


def read_everything(watched: Watched, camera_ids: dict[str, str]) -> None:
    for path in ("/cameras", "/alerts", "/areas", "/users", "/grants", "/system", "/me", "/audit", "/audit/export"):
        assert watched.call("GET", path).is_success, path
    assert watched.call("GET", "/audit/export?format=xlsx").is_success
    for camera_id in camera_ids.values():
        for part in ("", "/health", "/zones", "/rules", "/viewers"):
            assert watched.call("GET", f"/cameras/{camera_id}{part}").is_success
    metrics = httpx.get(f"{watched.site.url}/metrics", trust_env=False)
    watched.hear(metrics)


def hear_events(watched: Watched) -> None:
    """All that the event stream has told, up to the change of the password."""
    heard = b""
    client = httpx.Client(base_url=watched.site.url, cookies=watched.site.client.cookies, trust_env=False)
    with client as http, http.stream("GET", "/api/v1/events", headers={"Last-Event-ID": "0"}, timeout=20) as stream:
        for line in stream.iter_lines():
            heard += line.encode() + b"\n"
            if b"camera.changed" in heard and b"camera.health" in heard:
                break
    watched.seen["event stream"] = heard


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_camera_password_is_nowhere(watched: Watched, tmp_path: Path) -> None:
    """Views, faults, mistakes, a killed node, a restart; then logs, answers, files and processes are searched."""
    cameras = add_cameras(watched)
    wait_for(lambda: state(watched, cameras["fields"]) == state(watched, cameras["address"]) == "live", LIVE_S)
    wait_for(lambda: state(watched, cameras["wrong"]) == "refused", REFUSED_S)
    assert watched.call("GET", f"/cameras/{cameras['fields']}/snapshot.jpg").is_success
    make_mistakes(watched, cameras["fields"])
    renamed = {"name": "renamed", "password": CANARY, "username": USER}
    assert watched.call("PATCH", f"/cameras/{cameras['address']}", renamed).is_success
    watched.look_at_processes()
    os.kill(watched.node().pid, signal.SIGKILL)
    wait_for(lambda: state(watched, cameras["fields"]) != "live", 10)
    wait_for(lambda: state(watched, cameras["fields"]) == "live", LIVE_S)
    read_everything(watched, cameras)
    hear_events(watched)
    assert watched.call("DELETE", f"/cameras/{cameras['wrong']}").is_success
    os.kill(watched.site.pid, signal.SIGTERM)
    watched.site.restart()
    wait_for(lambda: state(watched, cameras["fields"]) == "live", LIVE_S)
    read_everything(watched, {name: cameras[name] for name in ("fields", "address")})
    watched.look_at_processes()
    for file in (*(tmp_path / "site").rglob("*"), tmp_path / "site.log"):
        if file.is_file():
            watched.seen[f"file {file.relative_to(tmp_path)}"] = file.read_bytes()
    names = " ".join(watched.seen)
    assert all(part in names for part in ("xueliang.db", "outbox.sqlite3", "site.log", "/environ", "/audit/export"))
    assert b"node.state" in watched.seen["file site.log"]
    assert watched.leaks() == []


@pytest.mark.slow
def test_node_does_not_inherit_secrets(tmp_path: Path) -> None:
    """The preset password and the sealing key are not in the environment of the process that decodes."""
    key = base64.b64encode(os.urandom(32)).decode()
    with LocalSite(SitePlan(tmp_path, detector="motion", environment={"XUELIANG_SECRET_KEY": key})) as site:
        environ = Path(f"/proc/{Watched(site, '').node().pid}/environ").read_bytes()
    assert b"PATH=" in environ
    assert b"XUELIANG_ADMIN_PASSWORD" not in environ
    assert key.encode() not in environ


def test_the_search_finds_what_it_looks_for() -> None:
    """A canary in an answer, an address or a Basic login would be found."""
    for form in FORMS:
        assert Watched(None, "", {"place": b"text before " + form + b" text after"}).leaks() == ["place"]
