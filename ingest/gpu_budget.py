"""The memory of a GPU that a site gives to decoding, and what is known of the formats that the GPU takes."""

from dataclasses import dataclass
from threading import Lock

from ingest.annexb import nal_units
from ingest.packet import Codec, Packet
from ingest.sps import SampleFormat, read_sequence, sample_format

# Rec. ITU-T H.264 table 7-1: 7 is the SPS; Rec. ITU-T H.265 table 7-1: 33.
_SPS = {Codec.H264: 7, Codec.H265: 33}
# Of one stream at a time: what it predicts from (cameras: 1 to 4, the standards: at most 16), what waits to be looked
# at, and what is kept as the best sight of an object.
_PICTURES = 16
_SESSION_BYTES = 16 << 20
_BITS_OF_A_BYTE = 8


@dataclass(frozen=True, slots=True)
class GpuFormat:
    """What a GPU may take or refuse as a kind; pixels across and down."""

    codec: Codec
    profile: str | None
    samples: SampleFormat
    width: int
    height: int

    @property
    def size_bytes(self) -> int:
        """What decoding one such stream is reckoned to take: an estimate, for the driver tells no figure by stream."""
        per_sample = 2 if self.samples.luma_depth > _BITS_OF_A_BYTE else 1
        return _SESSION_BYTES + _PICTURES * self.width * self.height * 3 // 2 * per_sample


def format_of(packet: Packet) -> GpuFormat | None:
    """The format that a key frame's parameter sets tell; None where they tell none, as for Motion JPEG."""
    wanted = _SPS.get(packet.codec)
    for unit in nal_units(packet.codec, packet.data) if wanted is not None else ():
        if unit.type == wanted:
            sps = packet.data[unit.start : unit.end]
            try:
                told = read_sequence(packet.codec, sps)
                return GpuFormat(packet.codec, told.profile, sample_format(packet.codec, sps), told.width, told.height)
            except ValueError:
                return None
    return None


class GpuBudget:
    """Shared by all cameras of a node; thread-safe."""

    def __init__(self, limit_bytes: int) -> None:
        self._lock = Lock()
        self._limit_bytes = limit_bytes
        self._used_bytes = 0
        self._working: set[GpuFormat] = set()

    @property
    def used_bytes(self) -> int:
        """Spoken for now."""
        return self._used_bytes

    def take(self, size_bytes: int) -> bool:
        """Whether there was room for so much, which is then spoken for until it is given back."""
        with self._lock:
            if self._used_bytes + size_bytes > self._limit_bytes:
                return False
            self._used_bytes += size_bytes
            return True

    def give_back(self, size_bytes: int) -> None:
        """What was taken is free again."""
        with self._lock:
            self._used_bytes -= size_bytes

    def note_works(self, kind: GpuFormat) -> None:
        """The GPU has decoded a picture of it."""
        with self._lock:
            self._working.add(kind)

    def works(self, kind: GpuFormat) -> bool:
        """Whether the GPU has ever decoded it: then a refusal is of the number, not of the format."""
        with self._lock:
            return kind in self._working
