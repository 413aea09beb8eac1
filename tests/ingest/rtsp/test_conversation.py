"""Requests and answers on one connection, with a camera that is told what to say."""

import socket
from collections.abc import Iterator
from threading import Thread

import pytest

from ingest.camera import Credential
from ingest.clock import SystemClock
from ingest.errors import CredentialsRefused, IngestError, SourceTimeout, StreamBroken, StreamNotFound
from ingest.rtsp.conversation import Conversation
from ingest.rtsp.login import Login
from ingest.rtsp.message import Message
from ingest.rtsp.wire import Wire

URI = "rtsp://h/live"
OK = "200 OK"


def challenge(nonce: str, *, stale: bool = False) -> str:
    """A 401 with a Digest challenge."""
    return f'401 Unauthorized\r\nWWW-Authenticate: Digest realm="r", nonce="{nonce}"{", stale=TRUE" if stale else ""}'


class Desk:
    """A conversation and the camera's end of its connection."""

    def __init__(self) -> None:
        self.end, ours = socket.socketpair()
        self.end.settimeout(5)
        self.wire = Wire(ours)
        self.wire.set_patience(1)
        self.talk = Conversation(self.wire, Login(Credential("u", "p")), SystemClock())
        self.requests: list[str] = []

    def ask(self, *answers: str, method: str = "DESCRIBE") -> Message:
        """Asks while the camera answers in turn with these status lines."""
        camera = Thread(target=self._answer, args=(answers,))
        camera.start()
        try:
            return self.talk.ask(method, URI, SystemClock().monotonic_s() + 2)
        finally:
            camera.join()

    def hear(self) -> str:
        """The next request."""
        received = b""
        while b"\r\n\r\n" not in received:
            received += self.end.recv(65536)
        self.requests.append(received.decode())
        return self.requests[-1]

    def say(self, status: str, cseq: object) -> None:
        """One answer."""
        self.end.sendall(f"RTSP/1.0 {status}\r\nCSeq: {cseq}\r\n\r\n".encode())

    def heed(self) -> None:
        """Reads what the camera said while it plays."""
        self.wire.fill()
        for item in self.wire.items():
            assert isinstance(item, Message)
            self.talk.heed(item, URI)

    def _answer(self, answers: tuple[str, ...]) -> None:
        for status in answers:
            self.say(status, sequence(self.hear()))


def sequence(request: str) -> str:
    """A request's number."""
    return next(line[6:] for line in request.split("\r\n") if line.startswith("CSeq: "))


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A connected conversation."""
    made = Desk()
    yield made
    made.end.close()
    made.wire.socket.close()


def test_a_credential_waits_until_it_is_asked_for(desk: Desk) -> None:
    """The first request goes without; later ones carry it at once."""
    assert desk.ask(challenge("n1"), OK).status == 200
    assert desk.ask(OK).status == 200
    assert ["Authorization:" in request for request in desk.requests] == [False, True, True]


def test_a_nonce_may_become_too_old(desk: Desk) -> None:
    """Whether the camera says `stale` or, having taken the credential before, only asks again."""
    desk.ask(challenge("n1"), OK)
    assert desk.ask(challenge("n2", stale=True), OK).status == 200
    assert desk.ask(challenge("n3"), OK).status == 200
    with pytest.raises(CredentialsRefused):
        desk.ask(challenge("n4"), challenge("n5"))


def test_a_camera_that_always_asks_anew_is_given_up(desk: Desk) -> None:
    """Endless staleness is no login."""
    with pytest.raises(CredentialsRefused):
        desk.ask(challenge("n1"), challenge("n2", stale=True), challenge("n3", stale=True))


def test_the_session_goes_with_all_requests(desk: Desk) -> None:
    """With the time-out that the camera named."""
    desk.ask("200 OK\r\nSession: abc ;timeout=20")
    assert desk.talk.session_timeout_s == 20
    desk.ask(OK)
    assert "Session: abc\r\n" in desk.requests[-1]


def test_a_late_answer_is_not_taken_for_another(desk: Desk) -> None:
    """Answers belong to their requests by number; a camera's own request is answered meanwhile."""
    desk.end.sendall(b"OPTIONS * RTSP/1.0\r\nCSeq: 9\r\n\r\n")
    desk.say("404 Not Found", 77)
    assert desk.ask(OK).status == 200
    said = desk.requests[-1]
    if "CSeq: 9" not in said:
        said += desk.end.recv(100).decode()
    assert "RTSP/1.0 200 OK\r\nCSeq: 9\r\n\r\n" in said


def test_silence_and_refusals_are_told_apart(desk: Desk) -> None:
    """Each for a technician to act on."""
    with pytest.raises(StreamNotFound):
        desk.ask("404 Not Found")
    with pytest.raises(StreamBroken, match="503"):
        desk.ask("503 Service Unavailable")
    with pytest.raises(SourceTimeout):
        desk.talk.ask("PLAY", URI, SystemClock().monotonic_s() + 0.1)


def test_keep_alives_take_what_the_camera_can(desk: Desk) -> None:
    """GET_PARAMETER where it is offered, OPTIONS where it turns out not to be understood."""
    desk.talk.note_methods(desk.ask("200 OK\r\nPublic: DESCRIBE, GET_PARAMETER"))
    for method, status in (("GET_PARAMETER", "501 Not Implemented"), ("OPTIONS", OK)):
        desk.talk.keep_alive(URI)
        request = desk.hear()
        assert request.startswith(f"{method} {URI} ")
        desk.say(status, sequence(request))
        desk.heed()


def test_a_keep_alive_logs_in_anew_once(desk: Desk) -> None:
    """An old nonce is replaced; a password that was changed ends the stream."""
    desk.ask(challenge("n1"), OK)
    for answers, error in (([challenge("n2"), OK], None), ([challenge("n3"), challenge("n4")], CredentialsRefused)):
        desk.talk.keep_alive(URI)
        assert outcome(desk, answers) is error


def test_a_forgotten_session_ends_the_stream(desk: Desk) -> None:
    """Nothing more will come; dialling anew helps."""
    desk.talk.keep_alive(URI)
    assert outcome(desk, ["454 Session Not Found"]) is StreamBroken


def outcome(desk: Desk, answers: list[str]) -> type[IngestError] | None:
    """The error with which keep-alives end that are answered so."""
    try:
        for status in answers:
            desk.say(status, sequence(desk.hear()))
            desk.heed()
    except IngestError as error:
        return type(error)
    return None
