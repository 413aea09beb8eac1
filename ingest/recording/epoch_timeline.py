"""The times of one epoch as files have them: counted from its first recorded picture."""

from fractions import Fraction

from ingest.audio import AudioPacket
from ingest.packet import Packet
from ingest.recording.access_unit import TrackSample, length_prefixed
from ingest.recording.fmp4_writer import VIDEO_TIMESCALE

_DRIFT_S = 1.0
"""Sound whose own clock is this far from its arrival is put where it arrived."""


class EpochTimeline:
    """Turns packets of one epoch into samples.

    Pictures are placed by their decoding time. Sound has a clock of its own with an origin of its own (RFC 3550
    clause 5.1): it is placed by its arrival first, and by its clock from there on. `number` is the epoch's in
    the files: of all timelines of a node no two have the same.
    """

    def __init__(self, first: Packet, number: int = 1) -> None:
        self.number = number
        self._origin = first.dts
        self._arrived_s = first.received_monotonic_s
        self._per_unit = first.time_base * VIDEO_TIMESCALE
        self._sound: tuple[int, float] | None = None

    def picture(self, packet: Packet) -> TrackSample:
        """The packet as a sample of 1/90000 s."""
        return TrackSample(
            data=length_prefixed(packet.codec, packet.data),
            time=self._units(packet.dts - self._origin),
            composition=self._units(packet.pts - packet.dts),
            is_keyframe=packet.is_keyframe,
        )

    def sound(self, packet: AudioPacket, clock_rate: int) -> TrackSample:
        """The packet as a sample of 1/`clock_rate` s."""
        arrival_s = packet.received_monotonic_s - self._arrived_s
        own_s = float(packet.pts * packet.time_base)
        if self._sound is None or packet.epoch != self._sound[0] or abs(own_s + self._sound[1] - arrival_s) > _DRIFT_S:
            self._sound = packet.epoch, arrival_s - own_s
        time = max(0, round((own_s + self._sound[1]) * clock_rate))
        return TrackSample(packet.data, time, 0, is_keyframe=True)

    def _units(self, stamps: int) -> int:
        return stamps if self._per_unit == Fraction(1) else round(stamps * self._per_unit)
