"""The RTSP connection: bytes in, messages and interleaved packets out (RFC 2326 clause 10.12)."""

import re
import socket
from collections.abc import Iterator
from typing import NamedTuple

from ingest.errors import SourceEnded, StreamBroken
from ingest.rtsp.message import END_OF_HEADER, Message, decimal, read_header

MAX_HEADER_BYTES = 16 * 1024
MAX_BODY_BYTES = 256 * 1024
"""A session description is a few kilobytes; what is larger is no camera's."""
MAX_GARBAGE_BYTES = 256 * 1024
"""After so much that is neither a message nor a packet the connection is given up."""

# Holds the longest message, and always leaves room for the longest interleaved packet.
_CAPACITY = 384 * 1024
_ROOM = 64 * 1024
_MAGIC = 0x24  # "$"
_PREFIX = 4
_RTP_VERSION_2 = 2
_LINE_ENDS = frozenset(b"\r\n")
_MESSAGE_START = re.compile(rb"RTSP/1\.|[A-Z_]{3,16} ")
_LONGEST_START = 17
_BROKE = "The connection to the camera broke."


class Interleaved(NamedTuple):
    """An interleaved packet. `data` lies in the connection's buffer: it is valid until more is read."""

    channel: int
    data: memoryview


class Wire:
    """Reads and writes one connected socket; belongs to the camera's thread. Memory is bounded by one buffer.

    `channels` are those that the session has agreed on: only they are believed when the place in the stream was lost
    and the next packet is searched.
    """

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._buffer = bytearray(_CAPACITY)
        self._view = memoryview(self._buffer)
        self._start = self._end = 0
        self._garbage_bytes = 0
        self.channels: frozenset[int] = frozenset()

    @property
    def socket(self) -> socket.socket:
        """For whoever waits for several sockets at once."""
        return self._socket

    def send(self, data: bytes) -> None:
        """Sends all of it.

        Raises:
            StreamBroken: the connection is gone, or the camera reads nothing.

        """
        try:
            self._socket.sendall(data)
        except OSError:
            raise StreamBroken(_BROKE) from None

    def set_patience(self, seconds: float) -> None:
        """How long `fill` and `send` wait."""
        self._socket.settimeout(seconds)

    def fill(self) -> bool:
        """Reads what is there, or waits for it. False: nothing came in time.

        Raises:
            SourceEnded: the camera closed the connection.
            StreamBroken: the connection broke.

        """
        self._make_room()
        try:
            count = self._socket.recv_into(self._view[self._end :])
        except (TimeoutError, BlockingIOError):
            return False
        except OSError:
            raise StreamBroken(_BROKE) from None
        if not count:
            raise SourceEnded("The camera ended the stream.")
        self._end += count
        return True

    def items(self) -> Iterator[Interleaved | Message]:
        """All that has arrived as a whole. To be exhausted before `fill` is called again.

        Raises:
            StreamBroken: no RTSP, or a limit is exceeded.

        """
        view, buffer = self._view, self._buffer
        while (left := self._end - self._start) > 0:
            start = self._start
            if buffer[start] == _MAGIC:
                if left < _PREFIX:
                    return
                stop = start + _PREFIX + (buffer[start + 2] << 8 | buffer[start + 3])
                if stop > self._end:
                    return
                self._start = stop
                yield Interleaved(buffer[start + 1], view[start + _PREFIX : stop])
            else:
                message = self._next_message()
                if message is not None:
                    self._garbage_bytes = 0
                    yield message
                elif self._start == start:
                    return

    def _make_room(self) -> None:
        if self._start == self._end:
            self._start = self._end = 0
        elif _CAPACITY - self._end < _ROOM + _PREFIX:
            left = self._end - self._start
            self._view[:left] = self._view[self._start : self._end]
            self._start, self._end = 0, left

    def _next_message(self) -> Message | None:
        """The message that begins here. None with the start moved: something was skipped; else more is needed."""
        start = self._start
        if self._buffer[start] in _LINE_ENDS:
            self._start += 1  # some cameras send an empty line too many
            return None
        head = self._view[start : min(self._end, start + _LONGEST_START)]
        if not _MESSAGE_START.match(head):
            if len(head) == _LONGEST_START or not self._may_begin_message(head):
                self._resynchronise()
            return None
        end = self._buffer.find(END_OF_HEADER, start, self._end)
        if (end if end >= 0 else self._end) - start > MAX_HEADER_BYTES:
            raise StreamBroken("The camera sent a header that is too long.")
        return self._read_message(end) if end >= 0 else None

    def _read_message(self, header_end: int) -> Message | None:
        message = read_header(bytes(self._view[self._start : header_end]))
        size = decimal(message.headers.get("content-length", "0"))
        if size is None or size > MAX_BODY_BYTES:
            raise StreamBroken("The camera announced a message that is too long.")
        body = header_end + len(END_OF_HEADER)
        if body + size > self._end:
            return None
        self._start = body + size
        return Message(
            message.status, message.method, message.headers, message.challenges, bytes(self._view[body : body + size])
        )

    def _may_begin_message(self, head: memoryview) -> bool:
        """Whether so few bytes may still become a message's first line."""
        return bytes(head).replace(b"_", b"").isupper() or b"RTSP/1.".startswith(bytes(head))

    def _resynchronise(self) -> None:
        """Skips to what looks like an RTP or RTCP packet of an agreed channel, or like a response."""
        start = self._start
        found = self._search(start + 1)
        self._garbage_bytes += found - start
        if not self.channels or self._garbage_bytes > MAX_GARBAGE_BYTES:
            raise StreamBroken("What the camera sent is no RTSP.")
        self._start = found

    def _search(self, position: int) -> int:
        buffer, end = self._buffer, self._end
        response = buffer.find(b"RTSP/1.", position, end)
        limit = response if response >= 0 else end
        while (position := buffer.find(b"$", position, limit)) >= 0:
            if end - position <= _PREFIX:
                return position  # too little to tell
            if buffer[position + 1] in self.channels and buffer[position + _PREFIX] >> 6 == _RTP_VERSION_2:
                return position
            position += 1
        return limit
