"""From what a protocol delivers to a legal `Packet`: the last step of every source, free of any library's types."""

from dataclasses import dataclass
from fractions import Fraction

from ingest.annexb import ParameterSets
from ingest.camera import CameraId, StreamRole
from ingest.clock import Clock
from ingest.errors import StreamChanged
from ingest.jpeg import jpeg_size
from ingest.packet import Codec, Packet, StreamDescription
from ingest.sps import picture_size, read_sequence
from ingest.timestamps import TimestampGuard


@dataclass(frozen=True, slots=True)
class StreamPlace:
    """Which stream of which camera, in which epoch."""

    camera_id: CameraId
    role: StreamRole
    epoch: int


class PacketBuilder:
    """Builds the packets of one epoch: times checked, key frames complete, a changed picture size noticed."""

    def __init__(
        self,
        place: StreamPlace,
        description: StreamDescription,
        time_base: Fraction,
        clock: Clock,
        extradata: bytes = b"",
    ) -> None:
        self._place = place
        self._codec = description.codec
        self._time_base = time_base
        self._clock = clock
        period_s = 1 / description.frame_rate if description.frame_rate else None
        self._sets = None if self._codec is Codec.MJPEG else ParameterSets(self._codec, extradata)
        self._guard = TimestampGuard(time_base, period_s, self._reordering())
        self._header: bytes | None = None
        self._size: tuple[int, int] | None = None
        self._sequence = 0

    def build(self, data: bytes, pts: int | None, dts: int | None, *, is_keyframe: bool) -> Packet:
        """The packet of an access unit that has just arrived. H.264 and H.265 data is Annex B.

        Raises:
            StreamChanged: the picture size is not the one that this epoch began with.
            TimestampsJumped: the stream's clock was set.

        """
        now_s = self._clock.monotonic_s()
        stamp = self._guard.check(pts, dts, now_s)
        if self._sets is None:
            self._refuse_other_size(data)
        else:
            unit = self._sets.complete(data, is_keyframe=is_keyframe)
            data, is_keyframe = unit.data, unit.can_start
            # Not before the first key frame: a session description may be older than the camera's settings.
            if is_keyframe and self._sets.sps is not None:
                self._refuse_other_size(self._sets.sps)
        self._sequence += 1
        return Packet(
            camera_id=self._place.camera_id,
            role=self._place.role,
            codec=self._codec,
            data=data,
            pts=stamp.pts,
            dts=stamp.dts,
            time_base=self._time_base,
            is_keyframe=is_keyframe,
            epoch=self._place.epoch,
            sequence=self._sequence,
            received_at=self._clock.now(),
            received_monotonic_s=now_s,
        )

    def _reordering(self) -> int:
        """How many pictures are reordered, as far as the announced parameter sets tell."""
        if self._sets is None or self._sets.sps is None:
            return 0
        try:
            return read_sequence(self._codec, self._sets.sps).reordering or 0
        except ValueError:
            return 0

    def _refuse_other_size(self, header: bytes) -> None:
        """`header` is what tells the size: a sequence parameter set, or a whole JPEG."""
        if header == self._header:
            return
        self._header = header
        try:
            size = jpeg_size(header) if self._codec is Codec.MJPEG else picture_size(self._codec, header)
        except ValueError:
            return  # damaged; the decoder counts what comes of it
        if self._size is not None and size != self._size:
            raise StreamChanged(f"The picture changed from {self._size[0]}x{self._size[1]} to {size[0]}x{size[1]}.")
        self._size = size
