"""What one client and the server say to each other: RTSP methods, sessions, authentication (RFC 2326).

A session lives and dies with its connection, as on most cameras; another connection's session is unknown (454).
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol
from urllib.parse import urlsplit

from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.digest import DigestGate, Verdict
from ingest.virtual_camera.live_stream import LiveStream, Viewer
from ingest.virtual_camera.message import Request, Response, Status
from ingest.virtual_camera.sdp import TRACK, describe
from ingest.virtual_camera.transport import Transport, choose_transport

SESSION_TIMEOUT_S = 60
"""A client that says nothing for longer is gone (RFC 2326 clause 12.37: the default)."""

_OTHER_METHODS = frozenset({"ANNOUNCE", "RECORD", "REDIRECT", "SET_PARAMETER"})


class Unreachable(Exception):
    """The camera is off the network: the connection ends without an answer."""


class Stage(Enum):
    """Where a session is (RFC 2326 appendix A.2)."""

    INIT = auto()
    READY = auto()
    PLAYING = auto()


_STAGES = {
    "OPTIONS": frozenset(Stage),
    "DESCRIBE": frozenset(Stage),
    "SETUP": frozenset({Stage.INIT, Stage.READY}),
    "PLAY": frozenset({Stage.READY, Stage.PLAYING}),
    "PAUSE": frozenset({Stage.READY, Stage.PLAYING}),
    "GET_PARAMETER": frozenset(Stage),
    "TEARDOWN": frozenset(Stage),
}
_NEED_SESSION = frozenset({"PLAY", "PAUSE", "TEARDOWN"})
_PUBLIC = ", ".join(_STAGES)


@dataclass(frozen=True, slots=True)
class Target:
    """What an address names. `path` is the presentation's, percent-encoded."""

    camera: VirtualCamera
    stream: LiveStream
    path: str


@dataclass(frozen=True, slots=True)
class Outlet:
    """A way to the client that was opened for a transport."""

    viewer: Viewer
    header: str


class Premises(Protocol):
    """What a conversation needs of the server around it."""

    @property
    def host(self) -> str:
        """The address that the server answers from."""
        ...

    def find(self, uri: str) -> Target | None:
        """What the address names, with or without the track; None for nothing."""
        ...

    def open_outlet(self, transport: Transport, ssrc: int) -> Outlet:
        """Opens the way to the client; the viewer sends nothing before it joins a stream."""
        ...

    def elapsed_s(self) -> float:
        """Seconds since the server started."""
        ...


_Acts = Mapping[str, Callable[[Request, Target], Response]]


class Conversation:
    """Answers the requests of one connection."""

    def __init__(self, premises: Premises, gate: DigestGate) -> None:
        self._premises = premises
        self._gate = gate
        self._stage = Stage.INIT
        self._session: str | None = None
        self._setup: tuple[Target, Viewer] | None = None
        self._acts: _Acts = {
            "DESCRIBE": self._describe,
            "SETUP": self._set_up,
            "PLAY": self._play,
            "PAUSE": self._pause,
            "GET_PARAMETER": self._keep_alive,
            "TEARDOWN": self._tear_down,
        }

    def answer(self, request: Request) -> Response:
        """The response to a request.

        Raises:
            Unreachable: the camera's fault script took it off the network.

        """
        refusal = _refuse_unknown(request)
        if refusal:
            return refusal
        if request.method == "OPTIONS":
            return Response(Status.OK, {"Public": _PUBLIC})
        target = self._premises.find(request.uri)
        if target is None:
            return Response(Status.NOT_FOUND)
        at_s = self._premises.elapsed_s()
        if not target.camera.faults.is_reachable(at_s):
            raise Unreachable
        scripted = target.camera.faults.on_request(request, at_s)
        return scripted or self._refuse_stranger(request, target) or self._obey(request, target)

    def close(self) -> None:
        """Ends the session, if there is one."""
        if self._setup:
            target, viewer = self._setup
            target.stream.leave(viewer)
        self._setup, self._session, self._stage = None, None, Stage.INIT

    def _refuse_stranger(self, request: Request, target: Target) -> Response | None:
        credential = target.camera.credential
        if credential is None:
            return None

        def names_target(uri: str) -> bool:
            named = self._premises.find(uri)
            return named is not None and named.path == target.path

        header = request.headers.get("authorization", "")
        verdict = self._gate.judge(credential, request.method, header, names_target)
        if verdict is Verdict.ACCEPTED:
            return None
        challenge = self._gate.challenge(stale=verdict is Verdict.STALE)
        return Response(Status.UNAUTHORIZED, {"WWW-Authenticate": challenge})

    def _obey(self, request: Request, target: Target) -> Response:
        is_stray = request.session != self._session if request.session else request.method in _NEED_SESSION
        if is_stray:
            return Response(Status.SESSION_NOT_FOUND)
        if self._stage not in _STAGES[request.method]:
            allowed = ", ".join(method for method, stages in _STAGES.items() if self._stage in stages)
            return Response(Status.METHOD_NOT_VALID_IN_THIS_STATE, {"Allow": allowed})
        return self._acts[request.method](request, target)

    def _describe(self, request: Request, target: Target) -> Response:
        body = describe(target.camera.name, target.stream.clip, self._premises.host)
        headers = {"Content-Base": f"{_presentation(request, target)}/", "Content-Type": "application/sdp"}
        return Response(Status.OK, headers, body)

    def _set_up(self, request: Request, target: Target) -> Response:
        transport = choose_transport(request.headers.get("transport", ""))
        if transport is None:
            return Response(Status.UNSUPPORTED_TRANSPORT)
        outlet = self._premises.open_outlet(transport, target.stream.ssrc)
        self._setup = target, outlet.viewer
        self._session = self._session or secrets.token_hex(8)
        self._stage = Stage.READY
        return Response(Status.OK, {"Transport": outlet.header, **self._session_header()})

    def _play(self, request: Request, target: Target) -> Response:
        own, viewer = self._require_setup()
        headers = {"Range": "npt=now-", **self._session_header()}
        if self._stage is Stage.READY:
            point = own.stream.join(viewer)
            url = f"{_presentation(request, target)}/{TRACK}"
            headers["RTP-Info"] = f"url={url};seq={point.sequence};rtptime={point.timestamp}"
        self._stage = Stage.PLAYING
        return Response(Status.OK, headers)

    def _pause(self, request: Request, target: Target) -> Response:  # noqa: ARG002 - one signature for all acts
        own, viewer = self._require_setup()
        own.stream.leave(viewer)
        self._stage = Stage.READY
        return Response(Status.OK, self._session_header())

    def _keep_alive(self, request: Request, target: Target) -> Response:  # noqa: ARG002 - one signature for all acts
        return Response(Status.OK, self._session_header())

    def _tear_down(self, request: Request, target: Target) -> Response:  # noqa: ARG002 - one signature for all acts
        self.close()
        return Response(Status.OK)

    def _require_setup(self) -> tuple[Target, Viewer]:
        if self._setup is None:
            raise RuntimeError("a session without a transport")
        return self._setup

    def _session_header(self) -> dict[str, str]:
        return {"Session": f"{self._session};timeout={SESSION_TIMEOUT_S}"} if self._session else {}


def _presentation(request: Request, target: Target) -> str:
    """The stream's absolute address, by the host name that the client used."""
    return f"rtsp://{urlsplit(request.uri).netloc.rpartition('@')[2]}{target.path}"


def _refuse_unknown(request: Request) -> Response | None:
    """The answer to what no camera of ours understands."""
    if request.cseq is None or not request.cseq.isdecimal():
        return Response(Status.BAD_REQUEST)
    if request.method in _OTHER_METHODS:
        return Response(Status.METHOD_NOT_ALLOWED, {"Allow": _PUBLIC})
    if request.method not in _STAGES:
        return Response(Status.NOT_IMPLEMENTED, {"Public": _PUBLIC})
    if "require" in request.headers:
        return Response(Status.OPTION_NOT_SUPPORTED, {"Unsupported": request.headers["require"]})
    return None
