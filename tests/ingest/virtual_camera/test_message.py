"""RTSP messages are read whatever way they arrive, and refused where they must be."""

import contextlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.virtual_camera.message import (
    MAX_HEADER_BYTES,
    InterleavedData,
    MalformedMessage,
    MessageReader,
    Request,
    Response,
    Status,
)

STREAM = (
    b"OPTIONS rtsp://h/a/main RTSP/1.0\r\nCSeq: 1\r\n\r\n"
    b"$\x01\x00\x04\r\n\r\n"
    b"GET_PARAMETER rtsp://h/a/main RTSP/1.0\r\ncseq:2\r\nContent-Length: 6\r\nSession: ab;timeout=60\r\n\r\n$body\n"
    b"TEARDOWN rtsp://h/a/main RTSP/1.0\r\nCSeq: 3\r\n\r\n"
)


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_pieces_do_not_matter(cuts: list[int]):
    """The same messages come out however the bytes were cut."""
    reader, edges = MessageReader(), [0, *sorted(cuts), len(STREAM)]
    pieces = [STREAM[start:end] for start, end in pairwise(edges)]
    messages = [message for piece in pieces for message in reader.feed(piece)]
    assert [message.method for message in messages if isinstance(message, Request)] == [
        "OPTIONS",
        "GET_PARAMETER",
        "TEARDOWN",
    ]
    assert [message for message in messages if isinstance(message, InterleavedData)] == [
        InterleavedData(1, b"\r\n\r\n")
    ]
    keep_alive = messages[2]
    assert isinstance(keep_alive, Request)
    assert (keep_alive.cseq, keep_alive.session) == ("2", "ab")


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes):
    """No input does anything but wait, give messages or raise the one error."""
    with contextlib.suppress(MalformedMessage):
        messages = list(MessageReader().feed(data + b"\r\n\r\n"))
        assert len(messages) <= len(data)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"x" * (MAX_HEADER_BYTES + 1), Status.REQUEST_TOO_LARGE),
        (b"OPTIONS * RTSP/1.0\r\nA: " + b"x" * MAX_HEADER_BYTES + b"\r\n\r\n", Status.REQUEST_TOO_LARGE),
        (b"OPTIONS * RTSP/1.0\r\nContent-Length: 99999999999999999999\r\n\r\n", Status.REQUEST_TOO_LARGE),
        (b"OPTIONS * RTSP/1.0\r\nContent-Length: -1\r\n\r\n", Status.BAD_REQUEST),
        (b"OPTIONS * RTSP/1.0\r\nno colon\r\n\r\n", Status.BAD_REQUEST),
        (b"OPTIONS\r\n\r\n", Status.BAD_REQUEST),
        (b"OPTIONS * RTSP/1.0\r\nCSeq: 1\nSet: x\r\n\r\n", Status.BAD_REQUEST),
        (b"\xff\xfe * RTSP/1.0\r\n\r\n", Status.BAD_REQUEST),
        (b"GET / HTTP/1.1\r\n\r\n", Status.VERSION_NOT_SUPPORTED),
    ],
)
def test_bad_messages_are_refused(data: bytes, status: Status):
    """Each kind of bad message has its status."""
    with pytest.raises(MalformedMessage) as caught:
        list(MessageReader().feed(data))
    assert caught.value.status is status


def test_response_on_the_wire():
    """A response repeats the number of its request and gives the length of its body."""
    response = Response(Status.SESSION_NOT_FOUND, {"Allow": "PLAY"}, b"abc")
    expected = b"RTSP/1.0 454 Session Not Found\r\nCSeq: 7\r\nAllow: PLAY\r\nContent-Length: 3\r\n\r\nabc"
    assert response.encode("7") == expected


def test_repr_hides_headers():
    """Credentials in headers never reach a log through a request's repr."""
    assert "secret" not in repr(Request("PLAY", "rtsp://h/a", {"authorization": "secret"}))
