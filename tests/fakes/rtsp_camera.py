"""A small scriptable RTSP camera on a real socket, for answers that well-behaved servers do not give.

It sends whole NAL units in single RTP packets (RFC 6184 clause 5.6), so its clips must be tiny.
"""

import hashlib
import re
import socket
import ssl
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from threading import Event, Thread
from typing import Self
from urllib.parse import unquote

from ingest.annexb import nal_units
from ingest.packet import Codec

_REALM, _NONCE = "camera", "0123456789abcdef"
H264_MEDIA = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:trackID=0\r\n"
AAC_MEDIA = (
    "m=audio 0 RTP/AVP 97\r\na=rtpmap:97 MPEG4-GENERIC/16000/1\r\na=control:trackID=1\r\n"
    "a=fmtp:97 mode=AAC-hbr;config=1408;SizeLength=13;IndexLength=3;IndexDeltaLength=3\r\n"
)
AUDIO_MEDIA = "m=audio 0 RTP/AVP 0\r\na=control:trackID=1\r\n"
VP8_MEDIA = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\na=control:trackID=0\r\n"


@dataclass(frozen=True, slots=True)
class Shot:
    """One access unit to send: Annex B bytes, RTP timestamp, and how long to wait before it."""

    data: bytes
    timestamp: int
    wait_s: float = 0.0


@dataclass
class RtspCamera:
    """Serves one client at a time. `answers` overrides the status line per method; `login` demands Digest.

    `sounds` are RTP payloads of the second track, one sent after each shot, `reports` the RTCP packets sent first, with
    their channels. With `tls` it speaks RTSP over TLS.
    """

    shots: Iterable[Shot] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    login: tuple[str, str] | None = None
    media: str = H264_MEDIA
    is_mute: bool = False
    sounds: Iterable[Shot] = ()
    reports: Iterable[tuple[int, bytes]] = ()
    refused_track: str | None = None
    tls: ssl.SSLContext | None = None
    requests: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._stopping = Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.1)
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join(5)
        self._listener.close()

    @property
    def address(self) -> str:
        """Where it listens, without credentials."""
        scheme = "rtsps" if self.tls else "rtsp"
        return f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}/live"

    def _serve(self) -> None:
        while not self._stopping.is_set():
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            try:
                with self.tls.wrap_socket(client, server_side=True) if self.tls else client as secured:
                    secured.settimeout(0.1)
                    self._talk(secured)
            except OSError:
                continue

    def _talk(self, client: socket.socket) -> None:
        while not self._stopping.is_set():
            request = self._receive(client)
            if request is None:
                return
            if self.is_mute:
                continue
            method = request.split(" ", 1)[0]
            self.requests.append(request)
            client.sendall(self._answer(method, request))
            if method == "PLAY":
                self._play(client)

    def _receive(self, client: socket.socket) -> str | None:
        received = b""
        while b"\r\n\r\n" not in received:
            if self._stopping.is_set():
                return None
            try:
                chunk = client.recv(65536)
            except TimeoutError:
                continue
            if not chunk:
                return None
            received += chunk
        return received.decode()

    def _answer(self, method: str, request: str) -> bytes:
        status, extra, body = self.answers.get(method, "200 OK"), "", ""
        if method == "DESCRIBE" and self.login is not None and not self._is_logged_in(request):
            status, extra = "401 Unauthorized", f'WWW-Authenticate: Digest realm="{_REALM}", nonce="{_NONCE}"\r\n'
        elif method == "DESCRIBE" and status == "200 OK":
            body = f"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n{self.media}"
            extra = "Content-Type: application/sdp\r\n"
        elif self.refused_track is not None and self.refused_track in request.split("\r\n", 1)[0]:
            status = "461 Unsupported Transport"
        elif method == "SETUP":
            extra = f"Transport: {self._transport(request)}\r\n"
        sequence = _header(request, "CSeq")
        head = f"RTSP/1.0 {status}\r\nCSeq: {sequence}\r\nSession: 1\r\n{extra}Content-Length: {len(body)}\r\n\r\n"
        return (head + body).encode()

    def _transport(self, request: str) -> str:
        ports = re.search(r"client_port=(\d+)", request)
        self._udp_port = int(ports[1]) if ports else None
        if ports is None:
            return _header(request, "Transport")
        return f"RTP/AVP;unicast;client_port={ports[1]}-{int(ports[1]) + 1};server_port=40000-40001"

    def _is_logged_in(self, request: str) -> bool:
        """RFC 2617 clause 3.2.2.1 without qop."""
        given = dict(re.findall(r'(\w+)="([^"]*)"', _header(request, "Authorization")))
        assert self.login is not None
        username, password = self.login
        secret = _md5(f"{username}:{_REALM}:{password}")
        expected = _md5(f"{secret}:{_NONCE}:{_md5('DESCRIBE:' + given.get('uri', ''))}")
        return given.get("response") == expected and unquote(given.get("username", "")) == username

    def _play(self, client: socket.socket) -> None:
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with datagrams:
            sequence = 0
            sounds = enumerate(self.sounds)
            for channel, report in self.reports:
                client.sendall(struct.pack(">cBH", b"$", channel, len(report)) + report)
            for shot in self.shots:
                if self._stopping.wait(shot.wait_s):
                    return
                units = [shot.data[unit.start : unit.end] for unit in nal_units(Codec.H264, shot.data)]
                for position, unit in enumerate(units):
                    packet = _rtp(unit, sequence, shot.timestamp, is_last=position == len(units) - 1)
                    sequence += 1
                    if self._udp_port is None:
                        client.sendall(b"$\0" + struct.pack(">H", len(packet)) + packet)
                    else:
                        datagrams.sendto(packet, ("127.0.0.1", self._udp_port))
                for number, sound in islice(sounds, 1):
                    packet = _rtp(sound.data, number, sound.timestamp, is_last=True, payload_type=97)
                    client.sendall(b"$\2" + struct.pack(">H", len(packet)) + packet)


def _rtp(unit: bytes, sequence: int, timestamp: int, *, is_last: bool, payload_type: int = 96) -> bytes:
    """RFC 3550 clause 5.1: version 2, the marker on a picture's last packet."""
    second = payload_type | is_last << 7
    return struct.pack(">BBHII", 0x80, second, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, payload_type) + unit


def _header(request: str, name: str) -> str:
    found = re.search(rf"^{name}: *(.*?)\r?$", request, re.MULTILINE | re.IGNORECASE)
    return found[1] if found else ""


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
