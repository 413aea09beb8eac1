"""What one client and the server say to each other: RTSP methods, sessions, authentication (RFC 2326).

A session lives and dies with its connection, as on most cameras; another connection's session is unknown (454).
"""

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol
from urllib.parse import urlsplit

from ingest.camera import StreamRole
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.digest import DigestGate, Verdict
from ingest.virtual_camera.faults import Condition, Reach
from ingest.virtual_camera.live_stream import LiveStream, Viewer
from ingest.virtual_camera.message import Request, Response, Status
from ingest.virtual_camera.sdp import SOUND_TRACK, TRACK, describe
from ingest.virtual_camera.transport import Transport, choose_transport

SESSION_TIMEOUT_S = 60
"""A client that says nothing for longer is gone (RFC 2326 clause 12.37: the default)."""

_OTHER_METHODS = frozenset({"ANNOUNCE", "RECORD", "REDIRECT", "SET_PARAMETER"})


class Unreachable(Exception):
    """The camera is off the network: the connection ends without an answer, with a TCP reset if `is_reset`."""

    def __init__(self, *, is_reset: bool) -> None:
        super().__init__("the camera is off the network")
        self.is_reset = is_reset


class Unanswered(Exception):
    """The camera hears nothing and says nothing; the connection stays."""


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
    role: StreamRole
    stream: LiveStream
    sound: LiveStream | None
    path: str

    def track(self, uri: str) -> tuple[str, LiveStream]:
        """The track that an address names: the picture's unless it is the sound's."""
        if self.sound is not None and uri.rstrip("/").endswith(f"/{SOUND_TRACK}"):
            return SOUND_TRACK, self.sound
        return TRACK, self.stream


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
        """Opens one more way to the client; the viewer sends nothing before it joins a stream."""
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
        self._tracks: dict[str, tuple[LiveStream, Viewer]] = {}
        self.drip_s: float | None = None
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
            Unanswered: the script lets the camera be silent.

        """
        target = self._premises.find(request.uri)
        if target is None:
            return _refuse_unknown(request) or self._answer_lost(request)
        at_s = self._premises.elapsed_s()
        condition = target.camera.faults.condition(at_s)
        if condition.reach is Reach.DEAF:
            raise Unanswered
        if condition.reach is not Reach.OPEN and request.method != "OPTIONS":
            raise Unreachable(is_reset=condition.reach is Reach.RESET)
        self.drip_s = condition.drip_s
        faults = target.camera.faults
        answer = _refuse_unknown(request) or faults.on_request(request, at_s) or self._reply(request, target, condition)
        return faults.on_response(request, answer, at_s)

    def _answer_lost(self, request: Request) -> Response:
        return _options() if request.method == "OPTIONS" else Response(Status.NOT_FOUND)

    def _reply(self, request: Request, target: Target, condition: Condition) -> Response:
        if request.method == "OPTIONS":
            return _options()
        if condition.takes_one_session and request.method == "SETUP" and self._is_taken(target):
            return Response(Status.NOT_ENOUGH_BANDWIDTH)
        return self._refuse_stranger(request, target, condition) or self._obey(request, target)

    def _is_taken(self, target: Target) -> bool:
        """Whether somebody else looks at the stream; this conversation's own viewers do not count before PLAY."""
        return self._stage is not Stage.PLAYING and target.stream.viewer_count > 0

    def close(self) -> None:
        """Ends the session, if there is one."""
        for stream, viewer in self._tracks.values():
            stream.leave(viewer)
        self._tracks, self._session, self._stage = {}, None, Stage.INIT

    def _refuse_stranger(self, request: Request, target: Target, condition: Condition) -> Response | None:
        if condition.is_locked:
            return Response(Status.UNAUTHORIZED, {"WWW-Authenticate": self._gate.challenge(stale=False)})
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
        clip, sound = target.camera.described(target.role, self._premises.elapsed_s())
        body = describe(target.camera.name, clip, self._premises.host, sound)
        headers = {"Content-Base": f"{_presentation(request, target)}/", "Content-Type": "application/sdp"}
        return Response(Status.OK, headers, body)

    def _set_up(self, request: Request, target: Target) -> Response:
        transport = choose_transport(request.headers.get("transport", ""))
        if transport is None:
            return Response(Status.UNSUPPORTED_TRANSPORT)
        track, stream = target.track(request.uri)
        outlet = self._premises.open_outlet(transport, stream.ssrc)
        self._tracks[track] = stream, outlet.viewer
        self._session = self._session or secrets.token_hex(8)
        self._stage = Stage.READY
        return Response(Status.OK, {"Transport": outlet.header, **self._session_header()})

    def _play(self, request: Request, target: Target) -> Response:
        headers = {"Range": "npt=now-", **self._session_header()}
        if self._stage is Stage.READY:
            headers["RTP-Info"] = ",".join(self._join_all(_presentation(request, target)))
        self._stage = Stage.PLAYING
        return Response(Status.OK, headers)

    def _join_all(self, presentation: str) -> Iterator[str]:
        """RFC 2326 clause 12.33: what each track begins with."""
        for track, (stream, viewer) in self._tracks.items():
            point = stream.join(viewer)
            yield f"url={presentation}/{track};seq={point.sequence};rtptime={point.timestamp}"

    def _pause(self, request: Request, target: Target) -> Response:  # noqa: ARG002 - one signature for all acts
        for stream, viewer in self._tracks.values():
            stream.leave(viewer)
        self._stage = Stage.READY
        return Response(Status.OK, self._session_header())

    def _keep_alive(self, request: Request, target: Target) -> Response:  # noqa: ARG002 - one signature for all acts
        return Response(Status.OK, self._session_header())

    def _tear_down(self, request: Request, target: Target) -> Response:  # noqa: ARG002 - one signature for all acts
        self.close()
        return Response(Status.OK)

    def _session_header(self) -> dict[str, str]:
        return {"Session": f"{self._session};timeout={SESSION_TIMEOUT_S}"} if self._session else {}


def _presentation(request: Request, target: Target) -> str:
    """The stream's absolute address, by the host name that the client used."""
    return f"rtsp://{urlsplit(request.uri).netloc.rpartition('@')[2]}{target.path}"


def _options() -> Response:
    return Response(Status.OK, {"Public": _PUBLIC})


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
