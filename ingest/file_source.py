"""Video files played as if they were cameras, for benchmarks and tests. Never reachable from a camera's address."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING
from urllib.parse import unquote

import av
import av.error
from av.bitstream import BitStreamFilterContext
from av.container import InputContainer
from av.video.stream import VideoStream

from ingest.av_stream import describe, time_base, video_stream
from ingest.camera import Camera, StreamProfile
from ingest.clock import Clock
from ingest.drops import NO_DROPS, Drops
from ingest.errors import AddressRefused, IngestError, SourceEnded, StreamBroken, StreamNotFound
from ingest.packet import Codec, Packet, StreamDescription
from ingest.packet_builder import PacketBuilder, StreamPlace

if TYPE_CHECKING:
    from av.packet import Packet as AvPacket

_SCHEME = "file:"
# MP4 stores lengths before NAL units; cameras, and all after us, use start codes.
_TO_ANNEX_B = {Codec.H264: "h264_mp4toannexb", Codec.H265: "hevc_mp4toannexb"}
_ASSUMED_PERIOD_S = 0.04


class FileOpener:
    """Opens `file:` addresses. Implements `SourceOpener`.

    `realtime` plays at the file's own speed, else as fast as it is read; `loop` begins again at the end, with time
    going on.
    """

    def __init__(self, clock: Clock, *, realtime: bool = True, loop: bool = False) -> None:
        self._clock = clock
        self._realtime = realtime
        self._loop = loop

    def open(self, camera: Camera, profile: StreamProfile, epoch: int) -> "FileSource":
        """Opens the file and reads what it holds.

        Raises:
            IngestError: AddressRefused (no `file:` address), StreamNotFound, StreamBroken, NoVideo or CodecRefused.

        """
        container = _open(_path(profile.address))
        try:
            stream = video_stream(container)
            place = StreamPlace(camera.id, profile.role, epoch)
            return FileSource(container, stream, place, self._clock, realtime=self._realtime, loop=self._loop)
        except IngestError:
            container.close()
            raise


class FileSource:
    """One open file. Implements `PacketSource`."""

    def __init__(
        self,
        container: InputContainer,
        stream: VideoStream,
        place: StreamPlace,
        clock: Clock,
        *,
        realtime: bool,
        loop: bool,
    ) -> None:
        self._container = container
        self._stream = stream
        self._description = describe(stream)
        self._time_base = time_base(stream)
        self._builder = PacketBuilder(place, self._description, self._time_base, clock)
        self._realtime = realtime
        self._loop = loop
        self._clock = clock
        self._interrupted = Event()

    @property
    def description(self) -> StreamDescription:
        """What the file holds."""
        return self._description

    @property
    def clock_offset_s(self) -> None:
        """A file has no clock."""
        return

    def packets(self) -> Iterator[Packet | None]:
        """The file's packets, at its own speed when it plays in real time.

        Raises:
            IngestError: SourceEnded at the end or when interrupted, StreamBroken for a damaged file.

        """
        begun_s: float | None = None
        first_dts = 0
        for data, pts, dts, is_keyframe in self._units():
            if begun_s is None:
                begun_s, first_dts = self._clock.monotonic_s(), dts
            if self._realtime:
                yield from self._wait_until(begun_s + float((dts - first_dts) * self._time_base))
            if self._interrupted.is_set():
                raise SourceEnded("The file was closed by us.")
            yield self._builder.build(data, pts, dts, is_keyframe=is_keyframe)
        raise SourceEnded("The file ended.")

    def take_drops(self) -> Drops:
        """Nothing of a file gets lost."""
        return NO_DROPS

    def interrupt(self) -> None:
        """From any thread: `packets()` ends within a second."""
        self._interrupted.set()

    def close(self) -> None:
        """Closes the file."""
        self._container.close()

    def _units(self) -> Iterator[tuple[bytes, int, int, bool]]:
        """Data, pts, dts and whether it is a key frame, over and over when the file loops."""
        offset = end = 0
        first: int | None = None
        while True:
            for raw in self._read_once():
                dts = raw.dts if raw.dts is not None else end - offset
                pts = raw.pts if raw.pts is not None else dts
                first = dts if first is None else first
                end = dts + offset + (raw.duration or round(_ASSUMED_PERIOD_S / self._time_base))
                yield bytes(raw), pts + offset, dts + offset, raw.is_keyframe
            if not self._loop or first is None:
                return
            offset = end - first
            self._container.seek(0, stream=self._stream)

    def _read_once(self) -> "Iterator[AvPacket[VideoStream]]":
        name = _TO_ANNEX_B.get(self._description.codec)
        annex_b = BitStreamFilterContext(name, self._stream) if name else None
        try:
            for raw in self._container.demux(self._stream):
                if raw.size:
                    yield from annex_b.filter(raw) if annex_b else (raw,)
        except av.error.FFmpegError:
            raise StreamBroken("The file is damaged.") from None

    def _wait_until(self, due_s: float) -> Iterator[None]:
        """Waits for a packet's time, with a None a second for gaps in the file."""
        while (left_s := due_s - self._clock.monotonic_s()) > 0:
            if self._interrupted.wait(min(left_s, 1.0)):
                return
            if left_s > 1.0:
                yield None


def _path(address: str) -> Path:
    if not address.startswith(_SCHEME):
        raise AddressRefused("A file source takes file: addresses only.")
    return Path(unquote(address.removeprefix(_SCHEME).removeprefix("//")))


def _open(path: Path) -> InputContainer:
    if not path.is_file():
        raise StreamNotFound("There is no such file.")
    try:
        return av.open(str(path), "r", options={"protocol_whitelist": "file"})
    except (av.error.FFmpegError, OSError):
        raise StreamBroken("The file is no video file.") from None
