"""What client and camera say to each other (RFC 2326), from the first request to the last."""

from collections.abc import Mapping
from enum import Enum, auto

from ingest.clock import Clock
from ingest.errors import AddressRefused, CredentialsRefused, IngestError, SourceTimeout, StreamBroken, StreamNotFound
from ingest.rtsp.login import Login
from ingest.rtsp.message import OK, UNAUTHORIZED, Message, decimal, encode_answer, encode_request
from ingest.rtsp.wire import Interleaved, Wire

_NOT_FOUND, _FORBIDDEN = 404, 403
_NO_SESSION, _NO_TRANSPORT = 454, 461
_REDIRECTS = range(300, 400)
_NOT_UNDERSTOOD = frozenset({405, 501})
_DEFAULT_TIMEOUT_S = 60  # RFC 2326 clause 12.37
_MAX_EARLY_BYTES = 1 << 20
_KEPT_BYTES = 100  # what an object costs beside its data
_TRIES = 3
_PINGS = frozenset({"OPTIONS", "GET_PARAMETER", "SET_PARAMETER"})


class Pulse(Enum):
    """How the keep-alive that is under way fares."""

    NONE = auto()
    ASKED = auto()
    ASKED_AGAIN = auto()


class Conversation:
    """Requests with their answers on one connection; belongs to the camera's thread.

    The credential is proven on this connection only: a redirection is refused, and addresses in the camera's answers
    are repeated to the camera, never dialled.
    """

    def __init__(self, wire: Wire, login: Login, clock: Clock) -> None:
        self._wire = wire
        self._login = login
        self._clock = clock
        self._cseq = 0
        self._session: str | None = None
        self._is_proven = False
        self._pulse = Pulse.NONE
        self._pulse_cseq = 0
        self._pulse_method = "OPTIONS"
        self.session_timeout_s = _DEFAULT_TIMEOUT_S
        self.early: list[tuple[int, bytes]] = []
        self._early_bytes = 0

    def ask(self, method: str, uri: str, until_s: float, headers: Mapping[str, str] | None = None) -> Message:
        """Sends a request, logs in where that is asked for, and returns the answer, whose status is 2xx.

        `until_s` is monotonic. Packets that come before the answer wait in `early`.

        Raises:
            IngestError: the answer is no success, or none came in time.

        """
        for attempt in range(_TRIES):
            has_answered = self._login.has_challenge
            cseq = self._send(method, uri, headers or {})
            answer = self._await(cseq, until_s)
            if answer.status != UNAUTHORIZED:
                self._is_proven |= has_answered
                break
            # A credential is tried once, for cameras lock accounts. Only a nonce may be too old by now: the camera says
            # so, or it took the credential before.
            may_repeat = not has_answered or _is_stale(answer) or (self._is_proven and attempt == 0)
            if not self._login.learn(answer.challenges) or not may_repeat:
                raise CredentialsRefused("The camera refused user name or password.")
        _refuse_failure(method, answer)
        self._note_session(answer)
        return answer

    def note_methods(self, answer: Message) -> None:
        """Chooses the keep-alive by what the camera says it can do (RFC 2326 clause 10.8)."""
        if "GET_PARAMETER" in answer.headers.get("public", "").upper():
            self._pulse_method = "GET_PARAMETER"

    def keep_alive(self, uri: str) -> None:
        """Sends a request whose answer `heed` will see."""
        self._pulse = Pulse.ASKED
        self._pulse_cseq = self._send(self._pulse_method, uri, {})

    def heed(self, message: Message, uri: str) -> None:
        """What the camera says while it plays: the answer to a keep-alive, or a request.

        Raises:
            CredentialsRefused: the login is not valid any more.
            StreamBroken: the camera has forgotten the session.

        """
        if message.status is None:
            self._answer(message)
        elif self._pulse is not Pulse.NONE and message.cseq in {self._pulse_cseq, None}:
            self._heed_pulse(message, message.status, uri)

    def tear_down(self, uri: str) -> None:
        """Asks the camera to end the session; does not wait for its answer."""
        self._send("TEARDOWN", uri, {})

    def _send(self, method: str, uri: str, headers: Mapping[str, str]) -> int:
        self._cseq += 1
        authorization = self._login.header(method, uri)
        extra = {"Authorization": authorization} if authorization else {}
        session = {"Session": self._session} if self._session else {}
        self._wire.send(encode_request(method, uri, self._cseq, {**extra, **session, **headers}))
        return self._cseq

    def _await(self, cseq: int, until_s: float) -> Message:
        while True:
            for item in self._wire.items():
                if isinstance(item, Interleaved):
                    self._keep(item)
                elif item.status is None:
                    self._answer(item)
                elif item.cseq in {cseq, None}:
                    return item
            left_s = until_s - self._clock.monotonic_s()
            if left_s <= 0:
                raise SourceTimeout("The camera did not answer in time.")
            self._wire.set_patience(left_s)
            self._wire.fill()

    def _keep(self, packet: Interleaved) -> None:
        """A camera may play before it has answered; what is too much for that is left out, and counted as lost."""
        size = len(packet.data) + _KEPT_BYTES
        if self._early_bytes + size <= _MAX_EARLY_BYTES:
            self._early_bytes += size
            self.early.append((packet.channel, bytes(packet.data)))

    def _answer(self, request: Message) -> None:
        if request.cseq is not None:
            self._wire.send(
                encode_answer(request.cseq, "200 OK" if request.method in _PINGS else "501 Not Implemented")
            )

    def _heed_pulse(self, answer: Message, status: int, uri: str) -> None:
        if status == UNAUTHORIZED:
            if self._pulse is Pulse.ASKED_AGAIN or not self._login.learn(answer.challenges):
                raise CredentialsRefused("The camera refuses user name or password that were good before.")
            self.keep_alive(uri)
            self._pulse = Pulse.ASKED_AGAIN
            return
        self._pulse = Pulse.NONE
        if status == _NO_SESSION:
            raise StreamBroken("The camera has forgotten the session.")
        if status in _NOT_UNDERSTOOD:
            self._pulse_method = "OPTIONS"

    def _note_session(self, answer: Message) -> None:
        name, *parameters = (part.strip() for part in answer.headers.get("session", "").split(";"))
        if not name:
            return
        self._session = name
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip().lower() == "timeout":
                self.session_timeout_s = decimal(value.strip()) or _DEFAULT_TIMEOUT_S


def _is_stale(answer: Message) -> bool:
    return any("stale=true" in challenge.lower().replace(" ", "").replace('"', "") for challenge in answer.challenges)


def _refuse_failure(method: str, answer: Message) -> None:
    status = answer.status or 0
    if OK <= status < OK + 100:
        return
    raise _failure(method, status)


def _failure(method: str, status: int) -> IngestError:
    if status == UNAUTHORIZED:
        return CredentialsRefused("The camera refused user name or password.")
    if status == _FORBIDDEN:
        return CredentialsRefused("The camera forbids this user the stream.")
    if status == _NOT_FOUND:
        return StreamNotFound("The camera has no stream at this path.")
    if status == _NO_TRANSPORT:
        return StreamBroken("The camera does not offer this transport.")
    if status in _REDIRECTS:
        return AddressRefused("The camera sends us to another address; if that is right, enter it for the camera.")
    return StreamBroken(f"The camera answered {method} with the error {status}.")
