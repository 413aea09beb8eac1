"""RTSP cameras (RFC 2326), read by a client of our own: no library of others sees the network."""

import errno
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from threading import Event

from ingest.address import DialTarget, HostPolicy, dial_target
from ingest.audio import AudioPacket
from ingest.camera import Camera, StreamProfile, Transport
from ingest.clock import Clock
from ingest.drops import Drops
from ingest.errors import (
    HostRefused,
    HostUnresolved,
    IngestError,
    SourceEnded,
    SourceTimeout,
    StreamBroken,
    StreamChanged,
)
from ingest.packet import Packet, StreamDescription
from ingest.packet_builder import PacketBuilder, StreamPlace
from ingest.rtsp.assembler import EncodedUnit
from ingest.rtsp.conversation import Conversation
from ingest.rtsp.handshake import Handshake, Patience, Peers, Playing
from ingest.rtsp.login import Login
from ingest.rtsp.picture_description import describe
from ingest.rtsp.player import Kind, Player
from ingest.rtsp.session_description import VideoTrack
from ingest.rtsp.wire import Wire
from ingest.settings import IngestSettings

Resolver = Callable[[str, int], Sequence[str]]

_NO_ROUTE = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN})
# A farewell may take so long: the thread that reads is waited for when a camera is changed.
_FAREWELL_S = 0.3
_FAREWELL_BYTES = 1 << 18
# Encoders differ by less; a camera whose clocks differ by more is not believed about its sound.
_MAX_APART_S = 1.0


def resolve_host(host: str, port: int) -> Sequence[str]:
    """The IP addresses of a host by the system's resolver. It reads decimal, octal and hexadecimal IPv4 as well.

    Raises:
        HostUnresolved: there is none.

    """
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise HostUnresolved("The host name has no address.") from None
    return [str(answer[4][0]) for answer in answers]


@dataclass(frozen=True, slots=True)
class _Line:
    """An open connection. `doubt` tells the opener that the camera's session description is not true."""

    connected: socket.socket
    player: Player
    doubt: Callable[[], None]

    def close(self) -> None:
        """Says goodbye and hangs up."""
        _hang_up(self.connected, self.player)


@dataclass(frozen=True, slots=True)
class _Look:
    """What the first usable picture told."""

    track: VideoTrack
    description: StreamDescription
    first: EncodedUnit


class RtspOpener:
    """Opens RTSP streams. Implements `SourceOpener`.

    Only addresses that `HostPolicy` allows are dialled, at the very IP address that was checked.
    """

    def __init__(self, settings: IngestSettings, clock: Clock, resolve: Resolver = resolve_host) -> None:
        self._settings = settings
        self._clock = clock
        self._resolve = resolve
        self._policy = HostPolicy(settings.camera_networks, settings.allow_loopback)
        # Addresses whose session descriptions told a size that their pictures did not have.
        self._doubted: set[str] = set()

    def open(self, camera: Camera, profile: StreamProfile, epoch: int) -> "RtspSource":
        """Connects, logs in, lets the camera play, and reads until the stream is described.

        Every answer may take the open time-out, all of it together twice as long.

        Raises:
            IngestError: AddressRefused, HostUnresolved, HostRefused, SourceTimeout, CredentialsRefused,
                StreamNotFound, NoVideo, CodecRefused or StreamBroken.

        """
        target = dial_target(profile.address)
        ip = str(self._policy.pin(self._resolve(target.host, target.port)))
        until_s = self._clock.monotonic_s() + 2 * self._settings.open_timeout_s
        connected = self._connect(target, ip)
        player: Player | None = None
        try:
            wire = Wire(connected)
            conversation = Conversation(wire, Login(camera.credential), self._clock)
            peers = Peers(str(connected.getsockname()[0]), ip)
            transport = Transport.TCP if target.scheme == "rtsps" else profile.transport
            handshake = Handshake(wire, conversation, self._clock, Patience(self._settings.open_timeout_s, until_s))
            playing = handshake.play(target.request_uri, transport, peers)
            player = Player(playing, self._clock)
            look = self._look(player, playing, until_s, is_doubted=profile.address in self._doubted)
        except BaseException:
            _hang_up(connected, player)
            raise
        line = _Line(connected, player, lambda: self._doubted.add(profile.address))
        return RtspSource(line, look, StreamPlace(camera.id, profile.role, epoch), self._clock, self._settings)

    def _connect(self, target: DialTarget, ip: str) -> socket.socket:
        try:
            connected = socket.create_connection((ip, target.port), timeout=self._settings.open_timeout_s)
        except OSError as error:
            raise _refusal(error) from None
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if target.scheme != "rtsps":
            return connected
        try:
            return self._tls().wrap_socket(connected, server_hostname=target.host)
        except ssl.SSLCertVerificationError:
            connected.close()
            raise StreamBroken("The camera's certificate is not trusted: see the setting tls_verify.") from None
        except OSError as error:
            connected.close()
            raise _refusal(error) from None

    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self._settings.tls_ca_file)
        if not self._settings.tls_verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def _look(self, player: Player, playing: Playing, until_s: float, *, is_doubted: bool) -> _Look:
        """Reads until a picture can be described. What comes before it cannot be decoded and goes."""
        track = playing.described.video
        if is_doubted:
            track = replace(track, extradata=b"")
        sound = playing.described.audio if playing.audio is not None else None
        for item in player.units():
            if item is not None and item[0] is Kind.PICTURE:
                description = describe(track, item[1].data, sound.description if sound is not None else None)
                if description is not None:
                    return _Look(track, description, item[1])
            if self._clock.monotonic_s() >= until_s:
                break
        raise SourceTimeout("Video is announced, but no readable picture came in time.")


class RtspSource:
    """One open RTSP stream. Implements `PacketSource`.

    `received_at` is the arrival of a picture's last packet. RTP has no decoding times: `TimestampGuard` derives them.
    Sound has its own RTP clock; its times are moved so that they and the picture's of one epoch have one zero: by the
    camera's sender reports where they have come before the first sound, else by its arrival.
    """

    def __init__(self, line: _Line, look: _Look, place: StreamPlace, clock: Clock, settings: IngestSettings) -> None:
        self._line = line
        self._place = place
        self._clock = clock
        self._read_timeout_s = settings.read_timeout_s
        self._description = look.description
        self._track = replace(look.track, extradata=b"")
        self._is_confirmed = False
        time_base = Fraction(1, look.track.clock_rate)
        sets = look.track.extradata or look.first.data
        self._builder = PacketBuilder(place, look.description, time_base, clock, sets)
        self._latest = self._build(look.first)
        self._is_begun = False
        self._sound_shift: int | None = None
        self._interrupted = Event()

    @property
    def description(self) -> StreamDescription:
        """What the stream turned out to be."""
        return self._description

    @property
    def clock_offset_s(self) -> float | None:
        """The camera's clock minus ours, by its sender reports; None before the first."""
        return self._line.player.clock_offset_s

    def packets(self) -> Iterator[Packet | AudioPacket | None]:
        """The stream's packets, None about once a second while nothing comes.

        Raises:
            IngestError: SourceTimeout, SourceEnded, StreamBroken, StreamChanged, TimestampsJumped or
                CredentialsRefused.

        """
        if not self._is_begun:
            self._is_begun = True
            yield self._latest
        for item in self._line.player.units():
            if self._interrupted.is_set():
                raise SourceEnded("The stream was closed by us.")
            if item is not None and item[0] is Kind.PICTURE:
                self._latest = self._build(item[1])
                yield self._latest
                continue
            self._refuse_silence()
            yield self._sound(item[1]) if item is not None else None

    def take_drops(self) -> Drops:
        """What did not arrive whole since this was asked last."""
        return self._line.player.take_drops()

    def interrupt(self) -> None:
        """From any thread: `packets()` ends within a second."""
        self._interrupted.set()

    def close(self) -> None:
        """Frees the connection; only for the thread that reads, and not while it is in `packets()`."""
        self._line.close()

    def _build(self, unit: EncodedUnit) -> Packet:
        self._latest_unit = unit
        packet = self._builder.build(unit.data, unit.timestamp, None, is_keyframe=unit.is_keyframe)
        if packet.is_keyframe and not self._is_confirmed:
            self._confirm(packet)
        return packet

    def _confirm(self, packet: Packet) -> None:
        """The first key frame's own parameter sets against what the stream was described by."""
        self._is_confirmed = True
        seen, told = describe(self._track, packet.data, None), self._description
        if seen is not None and (seen.width, seen.height) != (told.width, told.height):
            self._line.doubt()
            raise StreamChanged(
                f"The camera announces {told.width}x{told.height} and shows {seen.width}x{seen.height}."
            )

    def _sound(self, unit: EncodedUnit) -> AudioPacket | None:
        audio = self._description.audio
        if audio is None:
            return None
        now_s = self._clock.monotonic_s()
        if self._sound_shift is None:
            media_s = self._latest.media_time_s + self._lead_s(unit, now_s)
            self._sound_shift = round(media_s * audio.clock_rate) - unit.timestamp
        return AudioPacket(
            camera_id=self._place.camera_id,
            role=self._place.role,
            data=unit.data,
            pts=unit.timestamp + self._sound_shift,
            time_base=Fraction(1, audio.clock_rate),
            epoch=self._place.epoch,
            received_at=self._clock.now(),
            received_monotonic_s=now_s,
        )

    def _lead_s(self, sound: EncodedUnit, now_s: float) -> float:
        """Seconds from the latest picture to a sound: by the camera's clock, if that is about when it arrived."""
        arrived_s = now_s - self._latest.received_monotonic_s
        told_s = self._line.player.lead_s(sound, self._latest_unit)
        return told_s if told_s is not None and abs(told_s - arrived_s) <= _MAX_APART_S else arrived_s

    def _refuse_silence(self) -> None:
        if self._clock.monotonic_s() - self._latest.received_monotonic_s >= self._read_timeout_s:
            raise SourceTimeout(f"The camera sent no picture for {self._read_timeout_s:g} s.")


def _hang_up(connected: socket.socket, player: Player | None) -> None:
    """Says goodbye and waits a moment for the camera's end, so that it frees its session and hears no reset."""
    try:
        connected.settimeout(_FAREWELL_S)
        if player is not None:
            player.close()
            connected.shutdown(socket.SHUT_WR)
            due_s = time.monotonic() + _FAREWELL_S
            while connected.recv(_FAREWELL_BYTES) and time.monotonic() < due_s:
                pass
    except OSError:
        pass  # closed or broken already
    finally:
        connected.close()


def _refusal(error: OSError) -> IngestError:
    if isinstance(error, ConnectionRefusedError):
        return HostRefused("Nobody listens at this host and port.")
    if isinstance(error, TimeoutError):
        return SourceTimeout("The camera did not answer in time.")
    if error.errno in _NO_ROUTE:
        return HostRefused("There is no route to this host.")
    return StreamBroken("The connection to the camera broke.")
