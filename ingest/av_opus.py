"""AAC into Opus, which browsers take over WebRTC (RFC 7874), once for all who listen to a camera."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import av

from ingest.audio import AudioCodec, AudioDescription, AudioPacket

OPUS_RATE = 48_000
FRAME_SAMPLES = 960
"""20 ms, what browsers expect."""
BITRATE_BPS = 32_000
"""Speech of one channel is clear at that (RFC 7587 clause 3.1.1)."""
_MAX_DRIFT = OPUS_RATE // 5


class OpusTranscode:
    """One stream's sound, mixed down to one channel. Lives on the stream's thread; a new epoch begins it anew."""

    def __init__(self, description: AudioDescription) -> None:
        self._description = description
        self._epoch: int | None = None
        self._next_pts = 0

    def packets(self, packet: AudioPacket) -> Iterator[AudioPacket]:
        """What one AAC access unit completes: none or some packets of 20 ms. A unit that cannot be read is left out."""
        if packet.epoch != self._epoch:
            self._begin(packet)
        due = int(packet.pts * packet.time_base * OPUS_RATE)
        if abs(due - self._next_pts) > _MAX_DRIFT:
            self._next_pts = due  # something was lost on the way
        for encoded in self._encoded(packet.data):
            yield replace(packet, data=encoded, pts=self._next_pts, time_base=Fraction(1, OPUS_RATE))
            self._next_pts += FRAME_SAMPLES

    def _begin(self, packet: AudioPacket) -> None:
        self._epoch = packet.epoch
        self._next_pts = int(packet.pts * packet.time_base * OPUS_RATE)
        self._decoder = av.CodecContext.create("aac", "r")
        self._decoder.extradata = self._description.config
        self._resampler = av.AudioResampler("s16", "mono", OPUS_RATE, FRAME_SAMPLES)
        self._encoder = av.CodecContext.create("libopus", "w")
        self._encoder.sample_rate, self._encoder.layout, self._encoder.format = OPUS_RATE, "mono", "s16"
        self._encoder.bit_rate = BITRATE_BPS
        self._encoder.options = {"application": "voip"}

    def _encoded(self, unit: bytes) -> Iterator[bytes]:
        try:
            for decoded in self._decoder.decode(av.Packet(unit)):
                decoded.pts = None
                for frame in self._resampler.resample(decoded):
                    yield from map(bytes, self._encoder.encode(frame))
        except av.FFmpegError:
            return


def needs_transcode(description: AudioDescription) -> bool:
    """Whether browsers do not take it as it is (RFC 7874 clause 3: Opus and G.711 they all take)."""
    return description.codec is AudioCodec.AAC
