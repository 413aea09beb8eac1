"""RTSP cameras (RFC 2326) through PyAV."""

import errno
import socket
from collections.abc import Callable, Iterator, Sequence
from threading import Event

import av
import av.error
import av.logging
from av.container import InputContainer

from ingest.address import DialTarget, HostPolicy, dial_target
from ingest.av_stream import describe, time_base, video_stream
from ingest.camera import Camera, StreamProfile
from ingest.clock import Clock
from ingest.drops import NO_DROPS, Drops
from ingest.errors import (
    CredentialsRefused,
    HostRefused,
    HostUnresolved,
    IngestError,
    SourceEnded,
    SourceTimeout,
    StreamBroken,
    StreamNotFound,
)
from ingest.packet import Packet, StreamDescription
from ingest.packet_builder import PacketBuilder, StreamPlace
from ingest.settings import IngestSettings

# PyAV's interrupt callback knows only time-outs, so a blocked read is left this often to look around.
_LOOK_UP_S = 0.8
# A stream whose first picture is late is described from what came until then.
_ANALYSE_US = 2_000_000

Resolver = Callable[[str, int], Sequence[str]]

# PyAV's message names the dialled URL, password and all: only the class of its error is used.
_FAILURES: tuple[tuple[type[Exception], type[IngestError], str], ...] = (
    (av.error.HTTPUnauthorizedError, CredentialsRefused, "The camera refused user name or password."),
    (av.error.HTTPForbiddenError, CredentialsRefused, "The camera forbids this user the stream."),
    (av.error.HTTPNotFoundError, StreamNotFound, "The camera has no stream at this path."),
    (av.error.HTTPError, StreamBroken, "The camera answered the request for the stream with an error."),
    (av.error.ConnectionRefusedError, HostRefused, "Nobody listens at this host and port."),
    (av.error.TimeoutError, SourceTimeout, "The camera did not answer in time."),
    (av.error.ExitError, SourceTimeout, "The camera did not answer in time."),
    (av.error.EOFError, SourceEnded, "The camera ended the stream."),
    (av.error.InvalidDataError, StreamBroken, "What the camera sent is no media stream."),
)
_NO_ROUTE = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN})


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


class RtspOpener:
    """Opens RTSP streams. Implements `SourceOpener`.

    Only addresses that `HostPolicy` allows are dialled, at the very IP address that was checked.
    """

    def __init__(self, settings: IngestSettings, clock: Clock, resolve: Resolver = resolve_host) -> None:
        self._settings = settings
        self._clock = clock
        self._resolve = resolve
        self._policy = HostPolicy(settings.camera_networks, settings.allow_loopback)
        # libav's messages name the dialled URL, password and all. None means: they go nowhere.
        av.logging.set_level(None)

    def open(self, camera: Camera, profile: StreamProfile, epoch: int) -> "RtspSource":
        """Connects, logs in, and reads until the stream is described.

        Raises:
            IngestError: AddressRefused, HostUnresolved, HostRefused, SourceTimeout, CredentialsRefused,
                StreamNotFound, NoVideo, CodecRefused or StreamBroken.

        """
        target = dial_target(profile.address)
        url = self._url(target, camera)
        container = self._dial(url, profile)
        try:
            stream = video_stream(container)
            description = describe(stream)
            builder = PacketBuilder(
                StreamPlace(camera.id, profile.role, epoch),
                description,
                time_base(stream),
                self._clock,
                extradata=stream.codec_context.extradata or b"",
            )
        except IngestError:
            container.close()
            raise
        return RtspSource(container, builder, description, self._clock, self._settings.read_timeout_s)

    def _url(self, target: DialTarget, camera: Camera) -> str:
        ip = self._policy.pin(self._resolve(target.host, target.port))
        return target.url(ip, camera.credential)

    def _dial(self, url: str, profile: StreamProfile) -> InputContainer:
        begun_s = self._clock.monotonic_s()
        try:
            return av.open(
                url,
                "r",
                format="rtsp",
                options=self._options(profile),
                timeout=(self._settings.open_timeout_s, _LOOK_UP_S),
            )
        except (av.error.FFmpegError, OSError, ValueError) as error:
            failure = _failure(error)
        # An interrupted handshake often ends as "invalid data"; the time it took tells the two apart.
        if isinstance(failure, StreamBroken) and self._clock.monotonic_s() - begun_s >= self._settings.open_timeout_s:
            failure = SourceTimeout("The camera did not answer in time.")
        # Raised out here, so that PyAV's error with the password in it is not chained to ours.
        raise failure

    def _options(self, profile: StreamProfile) -> dict[str, str]:
        """The libav options, a closed list: nothing a user types becomes an option."""
        return {
            "rtsp_transport": profile.transport.value,
            "allowed_media_types": "video",
            "protocol_whitelist": "rtsp,rtsps,rtp,rtcp,tcp,udp,tls,crypto",
            "timeout": str(round(self._settings.read_timeout_s * 1e6)),
            "analyzeduration": str(_ANALYSE_US),
            # Half of the time to open goes into guessing a frame rate that the parameter sets usually tell.
            "fpsprobesize": "0",
        }


class RtspSource:
    """One open RTSP stream. Implements `PacketSource`."""

    def __init__(
        self,
        container: InputContainer,
        builder: PacketBuilder,
        description: StreamDescription,
        clock: Clock,
        read_timeout_s: float,
    ) -> None:
        self._container = container
        self._builder = builder
        self._description = description
        self._clock = clock
        self._read_timeout_s = read_timeout_s
        self._interrupted = Event()

    @property
    def description(self) -> StreamDescription:
        """What the stream turned out to be."""
        return self._description

    @property
    def clock_offset_s(self) -> None:
        """PyAV does not show sender reports."""
        return

    def packets(self) -> Iterator[Packet | None]:
        """The stream's packets, None about once a second while nothing comes.

        Raises:
            IngestError: SourceTimeout, SourceEnded, StreamBroken, StreamChanged or TimestampsJumped.

        """
        latest_s = self._clock.monotonic_s()
        while True:
            failure: IngestError | None = None
            try:
                for packet in self._until_quiet():
                    latest_s = packet.received_monotonic_s
                    yield packet
                failure = SourceEnded("The camera ended the stream.")
            except av.error.ExitError:
                if self._clock.monotonic_s() - latest_s >= self._read_timeout_s:
                    failure = SourceTimeout(f"The camera sent nothing for {self._read_timeout_s:g} s.")
            except (av.error.FFmpegError, OSError) as error:
                failure = _failure(error)
            if self._interrupted.is_set():
                failure = SourceEnded("The stream was closed by us.")
            if failure is not None:
                raise failure
            yield None

    def take_drops(self) -> Drops:
        """PyAV does not tell."""
        return NO_DROPS

    def interrupt(self) -> None:
        """From any thread: `packets()` ends within a second."""
        self._interrupted.set()

    def close(self) -> None:
        """Frees the connection; only for the thread that reads, and not while it is in `packets()`."""
        self._container.close()

    def _until_quiet(self) -> Iterator[Packet]:
        """Packets until nothing comes for a moment: PyAV then raises ExitError, and reading may go on."""
        stream = self._container.streams.video[0]
        for raw in self._container.demux(stream):
            if self._interrupted.is_set():
                return
            if raw.size:
                yield self._builder.build(bytes(raw), raw.pts, raw.dts, is_keyframe=raw.is_keyframe)


def _failure(error: Exception) -> IngestError:
    for theirs, ours, message in _FAILURES:
        if isinstance(error, theirs):
            return ours(message)
    if isinstance(error, OSError) and error.errno in _NO_ROUTE:
        return HostRefused("There is no route to this host.")
    if isinstance(error, OSError) and error.errno == errno.EPROTONOSUPPORT:
        return StreamBroken("The camera does not offer this transport.")
    return StreamBroken("The connection to the camera broke.")
