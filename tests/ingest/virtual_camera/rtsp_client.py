"""A bare RTSP client: it sends exactly what a test tells it and shows exactly what came."""

import hashlib
import re
import socket
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

from ingest.camera import Credential

ONE_TRACK = "trackID=0"
TCP = "RTP/AVP/TCP;unicast;interleaved=0-1"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class RtpPacket:
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Reads the fixed header of RFC 3550 clause 5.1."""
        assert data[0] == 0x80
        assert data[1] & 0x7F == 96
        numbers = (int.from_bytes(data[start:end]) for start, end in ((2, 4), (4, 8), (8, 12)))
        return cls(bool(data[1] & 0x80), *numbers, data[12:])


@dataclass
class RtspClient:
    url: str
    credential: Credential | None = None
    session: str | None = None
    media: list[tuple[int, bytes]] = field(default_factory=list)
    _challenge: dict[str, str] = field(default_factory=dict)
    _cseq: int = 0

    def __enter__(self) -> Self:
        address = urlsplit(self.url)
        self._socket = socket.create_connection((address.hostname or "", address.port or 554), timeout=5)
        self._file = self._socket.makefile("rb")
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._socket.close()

    def ask(self, method: str, url: str | None = None, **headers: str) -> Answer:
        """Sends one request and returns its answer; media that comes before it is kept."""
        self._cseq += 1
        target = url or self.url
        lines = [f"{method} {target} RTSP/1.0", f"CSeq: {self._cseq}"]
        if self.session and "Session" not in headers:
            lines.append(f"Session: {self.session}")
        if self._challenge and self.credential:
            lines.append(f"Authorization: {self.authorization(method, target)}")
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.write("\r\n".join(lines).encode() + b"\r\n\r\n")
        answer = self.answer()
        assert answer.headers["cseq"] == str(self._cseq)
        if "www-authenticate" in answer.headers:
            self._challenge = dict(re.findall(r'(\w+)="([^"]*)"', answer.headers["www-authenticate"]))
        if "session" in answer.headers:
            self.session = answer.headers["session"].split(";")[0]
        return answer

    def authorization(self, method: str, target: str) -> str:
        """The Digest of RFC 2617 clause 3.2.2 without qop."""
        assert self.credential
        realm, nonce = self._challenge["realm"], self._challenge["nonce"]
        first = _md5(f"{self.credential.username}:{realm}:{self.credential.password}")
        response = _md5(f"{first}:{nonce}:{_md5(f'{method}:{target}')}")
        name = self.credential.username
        return f'Digest username="{name}", realm="{realm}", nonce="{nonce}", uri="{target}", response="{response}"'

    def play(self, transport: str = TCP) -> Answer:
        """Sets the one track up and plays it."""
        assert self.ask("SETUP", f"{self.url}/{ONE_TRACK}", Transport=transport).status == 200
        return self.ask("PLAY")

    def write(self, data: bytes) -> None:
        """Sends bytes as they are."""
        self._socket.sendall(data)

    def answer(self) -> Answer:
        """The next answer."""
        while (line := self._file.read(1)) == b"$":
            self._read_media()
        line += self._file.readline()
        assert line, "the server closed the connection"
        headers: dict[str, str] = {}
        while header := self._file.readline().strip().decode():
            name, _, value = header.partition(":")
            headers[name.lower()] = value.strip()
        return Answer(int(line.split()[1]), headers, self._file.read(int(headers.get("content-length", 0))))

    def packet(self) -> tuple[int, bytes]:
        """Channel and bytes of the next interleaved packet."""
        if not self.media:
            assert self._file.read(1) == b"$"
            self._read_media()
        return self.media.pop(0)

    def rtp(self) -> RtpPacket:
        """The next RTP packet; RTCP on the way is thrown away."""
        while True:
            channel, data = self.packet()
            if channel % 2 == 0:
                return RtpPacket.read(data)

    def unit(self) -> list[RtpPacket]:
        """The RTP packets up to the next marker."""
        packets = [self.rtp()]
        while not packets[-1].marker:
            packets.append(self.rtp())
        return packets

    def is_closed(self) -> bool:
        """Whether the server ended the connection; waits for it."""
        try:
            while self._file.read(1):
                pass
        except ConnectionResetError:
            return True
        return True

    def _read_media(self) -> None:
        channel, *size = self._file.read(3)
        self.media.append((channel, self._file.read(int.from_bytes(bytes(size)))))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
