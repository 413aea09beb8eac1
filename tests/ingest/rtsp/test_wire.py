"""The connection's bytes: messages and packets, and what is neither."""

import socket
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import IngestError, SourceEnded, StreamBroken
from ingest.rtsp.message import Message
from ingest.rtsp.wire import MAX_GARBAGE_BYTES, Interleaved, Wire

ANSWER = b"RTSP/1.0 200 OK\r\nCSeq: 3\r\nContent-Length: 4\r\n\r\nbody"
CHANNELS = frozenset({0, 1})


def packet(channel: int, body: bytes) -> bytes:
    """An interleaved packet whose body begins like RTP."""
    whole = b"\x80" + body
    return b"$" + bytes([channel]) + len(whole).to_bytes(2, "big") + whole


class Camera:
    """The other end of a connection."""

    def __init__(self) -> None:
        self.end, ours = socket.socketpair()
        self.wire = Wire(ours)
        self.wire.set_patience(0.05)
        self.wire.channels = CHANNELS
        self.seen: list[tuple[int, bytes] | int | None] = []

    def say(self, *pieces: bytes) -> list[tuple[int, bytes] | int | None]:
        """Sends piece by piece; returns all packets (channel, data) and messages (status) that were read so far."""
        for piece in pieces:
            self.end.sendall(piece)
            self.wire.fill()
            for item in self.wire.items():
                if isinstance(item, Interleaved):
                    self.seen.append((item.channel, bytes(item.data[1:])))
                else:
                    self.seen.append(item.status)
        return self.seen

    def close(self) -> None:
        """Hangs up at both ends."""
        self.end.close()
        self.wire.socket.close()


Dial = Callable[[], Camera]


@pytest.fixture
def camera() -> Iterator[Camera]:
    """A connected camera."""
    made = Camera()
    yield made
    made.close()


@given(st.lists(st.one_of(st.binary(max_size=300), st.none()), max_size=12), st.integers(1, 200))
def test_packets_and_messages_in_pieces_of_any_size(sent: list[bytes | None], size: int) -> None:
    """However the network cuts them, all come out whole and in order."""
    stream = b"".join(ANSWER if body is None else packet(1, body) for body in sent)
    made = Camera()
    seen = made.say(*(stream[at : at + size] for at in range(0, len(stream), size)))
    made.close()
    assert seen == [200 if body is None else (1, body) for body in sent]


def test_a_message_is_read_with_headers_challenges_and_body(camera: Camera) -> None:
    """Names in lower case; several challenges are kept apart; an empty line before a message is forgiven."""
    header = b"\r\nRTSP/1.0 401 No\r\nWWW-Authenticate: Digest a\r\nWWW-Authenticate: Basic b\r\nCSeq: 7\r\n"
    camera.end.sendall(header + b"Content-Length: 2\r\n\r\nhi" + b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n")
    camera.wire.fill()
    answer, request = (item for item in camera.wire.items() if isinstance(item, Message))
    assert (answer.status, answer.cseq, answer.challenges, answer.body) == (401, 7, ("Digest a", "Basic b"), b"hi")
    assert (request.status, request.method) == (None, "OPTIONS")


def test_garbage_between_packets_is_skipped(camera: Camera) -> None:
    """The next packet of an agreed channel, or the next answer, is found again."""
    assert camera.say(packet(0, b"a") + b"\xff$\x07garb$age" + packet(1, b"b") + b"\0\0\0" + ANSWER) == [
        (0, b"a"),
        (1, b"b"),
        200,
    ]


def test_a_lying_length_costs_what_it_swallows(camera: Camera) -> None:
    """A header that claims 65535 bytes takes the packets behind it along, not the stream."""
    lie = b"$\0\xff\xff"
    lost = b"".join(packet(0, bytes(1000)) for _ in range(80))
    seen = camera.say(lie, *(lost[at : at + 5000] for at in range(0, len(lost), 5000)), packet(0, b"here"))
    assert seen[-1] == (0, b"here")


@pytest.mark.parametrize(
    "sent",
    [
        b"RTSP/1.0 200 OK\r\n" + b"X-Long: " + b"x" * 20_000,
        b"RTSP/1.0 200 OK\r\nContent-Length: 999999\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"RTSP/1.0 no OK\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\n\r\n",
    ],
    ids=["long header", "large body", "negative body", "no status", "no RTSP"],
)
def test_limits_and_nonsense_end_the_connection(camera: Camera, sent: bytes) -> None:
    """A camera keeps to the protocol, or it is hung up on."""
    with pytest.raises(StreamBroken):
        camera.say(*(sent[at : at + 4096] for at in range(0, len(sent), 4096)))


def test_before_channels_are_agreed_garbage_is_no_rtsp(camera: Camera) -> None:
    """A web server at the port is told at once."""
    camera.wire.channels = frozenset()
    with pytest.raises(StreamBroken):
        camera.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def test_endless_garbage_ends_the_connection(camera: Camera) -> None:
    """Searching has a limit."""
    with pytest.raises(StreamBroken):
        camera.say(*(b"\0" * 50_000 for _ in range(MAX_GARBAGE_BYTES // 50_000 + 1)))


def test_the_end_and_the_quiet_are_told_apart(camera: Camera) -> None:
    """Nothing in time is no error; a closed connection is."""
    assert not camera.wire.fill()
    camera.end.close()
    with pytest.raises(SourceEnded):
        camera.wire.fill()


@given(st.lists(st.binary(max_size=400), max_size=8))
def test_whatever_comes_it_ends_by_an_error_of_ours(pieces: list[bytes]) -> None:
    """Never another error, and never a hang."""
    made = Camera()
    try:
        made.say(*(piece for piece in pieces if piece))
    except IngestError:
        return
    finally:
        made.close()
