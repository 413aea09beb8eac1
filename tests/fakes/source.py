"""A camera made of a list: legal packets by default, damaged and delayed as a test wants."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from threading import Event, Lock

from ingest.audio import AudioPacket
from ingest.camera import Camera, CameraId, StreamProfile, StreamRole
from ingest.drops import NO_DROPS, Drops
from ingest.errors import IngestError, SourceEnded
from ingest.packet import Codec, Packet, StreamDescription
from tests.fakes.clock import START

RTP_CLOCK = Fraction(1, 90_000)
DESCRIPTION = StreamDescription(Codec.H264, 320, 240, "High", 25.0)
# Annex B: SPS, PPS and the start of an IDR slice; then the start of a P slice. Enough for all that does not decode.
KEY_FRAME = b"\0\0\0\1\x67sps\0\0\0\1\x68pps\0\0\0\1\x65idr"
DELTA_FRAME = b"\0\0\0\1\x41slice"

Step = Packet | AudioPacket | IngestError | None


class PacketSequence:
    """Packets of one epoch, 25 per second. `damage` changes one of them."""

    def __init__(self, count: int, gop: int = 10, epoch: int = 1, start_s: float = 1000.0) -> None:
        self.packets = [_packet(index, gop, epoch, start_s) for index in range(count)]

    def damage(self, index: int, **changes: object) -> "PacketSequence":
        """Replaces fields of one packet."""
        self.packets[index] = replace(self.packets[index], **changes)
        return self

    def __iter__(self) -> Iterator[Packet]:
        return iter(self.packets)


def _packet(index: int, gop: int, epoch: int, start_s: float) -> Packet:
    is_keyframe = index % gop == 0
    return Packet(
        camera_id=CameraId("cam"),
        role=StreamRole.MAIN,
        codec=Codec.H264,
        data=KEY_FRAME if is_keyframe else DELTA_FRAME,
        pts=index * 3600,
        dts=index * 3600,
        time_base=RTP_CLOCK,
        is_keyframe=is_keyframe,
        epoch=epoch,
        sequence=index + 1,
        received_at=START + timedelta(seconds=index / 25),
        received_monotonic_s=start_s + index / 25,
    )


class FakeSource:
    """Implements `PacketSource`: plays its steps, then is quiet until more are put or it is interrupted."""

    def __init__(self, steps: Iterable[Step] = (), description: StreamDescription = DESCRIPTION) -> None:
        self._steps: list[Step] = list(steps)
        self._lock = Lock()
        self._news = Event()
        self._interrupted = False
        self._description = description
        self.close_count = 0
        self.clock_offset_s: float | None = None
        self.drops: Drops = NO_DROPS

    @property
    def description(self) -> StreamDescription:
        """What the test said."""
        return self._description

    def put(self, *steps: Step) -> None:
        """Lets more happen, from the test's thread."""
        with self._lock:
            self._steps.extend(steps)
        self._news.set()

    def packets(self) -> Iterator[Packet | AudioPacket | None]:
        """The steps; errors among them are raised, and None is yielded in quiet times."""
        while True:
            if self._interrupted:
                raise SourceEnded("interrupted")
            with self._lock:
                step = self._steps.pop(0) if self._steps else None
                self._news.clear()
            if isinstance(step, IngestError):
                raise step
            yield step
            if step is None:
                self._news.wait(0.02)

    def take_drops(self) -> Drops:
        """What the test put into `drops`, once."""
        taken, self.drops = self.drops, NO_DROPS
        return taken

    def interrupt(self) -> None:
        """Ends `packets()`."""
        self._interrupted = True
        self._news.set()

    def close(self) -> None:
        """Counts the calls."""
        self.close_count += 1


class FakeOpener:
    """Implements `SourceOpener` with a function, and remembers who was dialled."""

    def __init__(self, answer: Callable[[Camera, StreamProfile, int], FakeSource]) -> None:
        self._answer = answer
        self.calls: list[tuple[Camera, StreamProfile, int]] = []
        self.sources: list[FakeSource] = []

    def open(self, camera: Camera, profile: StreamProfile, epoch: int) -> FakeSource:
        """What the test's function answers or raises."""
        self.calls.append((camera, profile, epoch))
        source = self._answer(camera, profile, epoch)
        self.sources.append(source)
        return source
