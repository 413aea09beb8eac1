"""The decoding of one stream for analysis: what is needed and no more, each due frame handed on."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from ingest.decode_place import ON_PROCESSOR, DecodePlace, Placed
from ingest.decoder import Decoder
from ingest.frame import Frame
from ingest.interest import Interest
from ingest.packet import Packet
from ingest.sampler import DueSampler
from ingest.settings import IngestSettings
from ingest.wakefulness import Decoding, Wakefulness

FrameSink = Callable[[Frame], None]
Group = Callable[[], Sequence[Packet]]


class AnalysedStream:
    """Used by the stream's thread; only `note_interest` may be called from any other."""

    def __init__(
        self,
        decoder: Decoder,
        frame_sink: FrameSink,
        settings: IngestSettings,
        is_pressed: Callable[[], bool] = lambda: False,
    ) -> None:
        """`is_pressed` tells whether an idle stream must sleep though it has not earned it."""
        self._decoder = decoder
        self._frame_sink = frame_sink
        self._catch_up_s = settings.catch_up_s
        self._wakefulness = Wakefulness(settings, is_pressed)
        self._busy = DueSampler(settings.analysed_fps)
        self._idle = DueSampler(settings.idle_fps)
        self._interest = Interest.NONE

    @property
    def failed_count(self) -> int:
        """Packets that could not be decoded so far."""
        return self._decoder.failed_count

    @property
    def place(self) -> DecodePlace:
        """Where it is decoded now. From any thread."""
        return self._decoder.place if isinstance(self._decoder, Placed) else ON_PROCESSOR

    @property
    def is_asleep(self) -> bool:
        """Whether only key frames are decoded, because nothing of interest goes on."""
        return self._wakefulness.is_asleep

    @property
    def wake_count(self) -> int:
        """How often it was woken so far."""
        return self._wakefulness.wake_count

    @property
    def cued_count(self) -> int:
        """How often the sizes of its packets alone woke it."""
        return self._wakefulness.cued_count

    def note_interest(self, interest: Interest) -> None:
        """What there is in the latest frames: if anything, stay awake, or wake. From any thread."""
        self._interest = max(self._interest, interest)

    def take(self, packet: Packet, group: Group) -> Iterator[Frame]:
        """Yields what is decoded of the packet, one after the other, and gives the sink what is due of it.

        `group` gives the running group of pictures, this packet last; it is asked for when the stream wakes. Of what
        came before it wakes, only the latest `catch_up_s` are for the sink: older pictures are decoded on the way.
        """
        interest, self._interest = self._interest, Interest.NONE
        match self._wakefulness.decide(packet, interest):
            case Decoding.SKIP:
                return
            case Decoding.ALONE:
                # Asked before decoding: pictures that stand alone cost nothing when they are not due.
                if self._is_due(packet.media_time_s):
                    for frame in self._decoder.decode_alone(packet):
                        self._frame_sink(frame)
                        yield frame
            case Decoding.FOLLOW:
                yield from self._follow([packet], packet.received_monotonic_s)
            case Decoding.CATCH_UP:
                yield from self._follow(group(), packet.received_monotonic_s)

    def close(self) -> None:
        """Frees the codec."""
        self._decoder.close()

    def _follow(self, packets: Iterable[Packet], now_s: float) -> Iterator[Frame]:
        for packet in packets:
            for frame in self._decoder.decode(packet):
                if now_s - frame.received_monotonic_s <= self._catch_up_s and self._is_due(frame.media_time_s):
                    self._frame_sink(frame)
                yield frame

    def _is_due(self, media_time_s: float) -> bool:
        return (self._idle if self._wakefulness.is_asleep else self._busy).is_due(media_time_s)
