"""From a connected camera to one that plays: OPTIONS, DESCRIBE, SETUP, PLAY."""

from dataclasses import dataclass

import structlog

from ingest.camera import Transport
from ingest.clock import Clock
from ingest.errors import CredentialsRefused, StreamBroken, StreamNotFound
from ingest.rtsp.carrier import Carrier, DatagramCarrier, DatagramPair, InterleavedCarrier
from ingest.rtsp.conversation import Conversation
from ingest.rtsp.message import Message
from ingest.rtsp.session_description import SessionDescription, read_description
from ingest.rtsp.transport import Channels, agreed_channels, server_ports
from ingest.rtsp.wire import Wire

log = structlog.get_logger()

# A camera may forbid the sound alone, or announce what it does not have: its pictures are taken all the same.
_NO_SOUND = (CredentialsRefused, StreamBroken, StreamNotFound)
_PICTURE, _SOUND = Channels(0, 1), Channels(2, 3)


_Agreed = tuple[Carrier, Channels, Channels | None]


@dataclass(frozen=True, slots=True)
class Playing:
    """A camera that was told to play. `audio` None: without sound. `control` is the session's address."""

    conversation: Conversation
    carrier: Carrier
    described: SessionDescription
    control: str
    video: Channels
    audio: Channels | None


@dataclass(frozen=True, slots=True)
class Peers:
    """The IP addresses at both ends of the connection."""

    local: str
    camera: str


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one answer may take, and until when (monotonic) all must be done."""

    answer_s: float
    until_s: float


class Handshake:
    """One try to let a camera play."""

    def __init__(self, wire: Wire, conversation: Conversation, clock: Clock, patience: Patience) -> None:
        self._wire = wire
        self._conversation = conversation
        self._clock = clock
        self._patience = patience

    def play(self, url: str, transport: Transport, peers: Peers) -> Playing:
        """Asks for everything in turn.

        Raises:
            IngestError: the camera refuses, does not answer in time, or has nothing that can be taken.

        """
        self._conversation.note_methods(self._ask("OPTIONS", url))
        answer = self._ask("DESCRIBE", url, Accept="application/sdp")
        described = read_description(answer.body)
        base = _base(url, answer)
        control = resolve(base, described.control)
        if transport is Transport.UDP:
            carrier, video, audio = self._by_datagrams(base, described, peers)
        else:
            carrier, video, audio = self._interleaved(base, described)
        try:
            self._ask("PLAY", control, Range="npt=0.000-")
        except BaseException:
            carrier.close()
            raise
        carrier.start()
        return Playing(self._conversation, carrier, described, control, video, audio)

    def _interleaved(self, base: str, described: SessionDescription) -> _Agreed:
        answer = self._ask("SETUP", resolve(base, described.video.control), Transport=_PICTURE.offer)
        video = agreed_channels(answer.headers.get("transport", ""), _PICTURE)
        audio: Channels | None = None
        if described.audio is not None:
            try:
                answer = self._ask("SETUP", resolve(base, described.audio.control), Transport=_SOUND.offer)
                audio = agreed_channels(answer.headers.get("transport", ""), _SOUND)
            except _NO_SOUND:
                log.info("the camera announces sound and gives none")
        if audio is not None and {audio.rtp, audio.rtcp} & {video.rtp, video.rtcp}:
            raise StreamBroken("The camera gives picture and sound the same channel.")
        taken = [channels for channels in (video, audio) if channels is not None]
        carrier = InterleavedCarrier(self._wire, {channels.rtp: channels.rtcp for channels in taken})
        return carrier, video, audio

    def _by_datagrams(self, base: str, described: SessionDescription, peers: Peers) -> _Agreed:
        pairs: list[DatagramPair] = []
        try:
            self._set_up_pair(pairs, resolve(base, described.video.control), peers)
            if described.audio is not None:
                self._set_up_sound(pairs, resolve(base, described.audio.control), peers)
        except BaseException:
            for pair in pairs:
                pair.close()
            raise
        return DatagramCarrier(self._wire, pairs, self._clock), _PICTURE, _SOUND if len(pairs) > 1 else None

    def _set_up_sound(self, pairs: list[DatagramPair], uri: str, peers: Peers) -> None:
        try:
            self._set_up_pair(pairs, uri, peers)
        except _NO_SOUND:
            log.info("the camera announces sound and gives none")
            for pair in pairs[1:]:
                pair.close()
            del pairs[1:]

    def _set_up_pair(self, pairs: list[DatagramPair], uri: str, peers: Peers) -> None:
        pair = DatagramPair(peers.local, peers.camera)
        pairs.append(pair)
        answer = self._ask("SETUP", uri, Transport=pair.ports.offer)
        pair.server = server_ports(answer.headers.get("transport", ""))

    def _ask(self, method: str, uri: str, **headers: str) -> Message:
        until_s = min(self._patience.until_s, self._clock.monotonic_s() + self._patience.answer_s)
        return self._conversation.ask(method, uri, until_s, headers)


def resolve(base: str, control: str) -> str:
    """A track's address (RFC 2326 clause C.1.1). A relative one is appended, which is what cameras mean by it.

    Raises:
        StreamBroken: it cannot stand in a request.

    """
    if control in {"", "*"}:
        uri = base
    elif control.lower().startswith(("rtsp://", "rtsps://")):
        uri = control
    else:
        uri = base.removesuffix("/") + "/" + control.removeprefix("/")
    if not uri.isascii() or not uri.isprintable() or " " in uri:
        raise StreamBroken("The camera's session description holds an address that cannot be asked for.")
    return uri


def _base(url: str, answer: Message) -> str:
    """RFC 2326 clause C.1.1: Content-Base, else Content-Location, else what was asked for."""
    for name in ("content-base", "content-location"):
        if answer.headers.get(name, "").lower().startswith(("rtsp://", "rtsps://")):
            return answer.headers[name]
    return url
