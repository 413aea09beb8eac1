"""Packets of a stream into fragments for players, once for all who watch it."""

import structlog

from ingest.packet import Packet
from ingest.recording.access_unit import TrackSample, VideoLayout, length_prefixed, video_layout
from ingest.recording.codec_name import codec_name
from ingest.recording.errors import NotRecordable
from ingest.recording.fmp4_writer import VIDEO_TIMESCALE, Track, fragment, live_beginning, producer_time
from vms_api.live.mse_clock import MseClock
from vms_api.live.mse_fragment import MseFragment, MseOpening
from vms_api.live.rtp_unit import ntp_of

log = structlog.get_logger()


class MseMuxer:
    """Keeps one running clock over all epochs of a stream. Epochs of its own count changes of the stream's layout too.

    Each fragment is one picture, told by its duration's guess (see MseClock), with the wall clock at which it came.
    """

    def __init__(self) -> None:
        self._clock = MseClock()
        self._layout: VideoLayout | None = None
        self._opening: MseOpening | None = None
        self._source_epoch = -1
        self._epoch = 0
        self._number = 0

    def fragment(self, packet: Packet) -> MseFragment | None:
        """The packet's fragment; None before the first key frame of an epoch, and where no player could take it."""
        if packet.epoch != self._source_epoch:
            self._source_epoch, self._opening, self._layout = packet.epoch, None, None
        if packet.is_keyframe:
            self._begin(packet)
        if self._opening is None:
            return None
        time = self._clock.place(packet)
        composition = round((packet.pts - packet.dts) * packet.time_base * VIDEO_TIMESCALE)
        sample = TrackSample(length_prefixed(packet.codec, packet.data), time, composition, packet.is_keyframe)
        self._number += 1
        data = fragment(Track.VIDEO, self._number, [sample], time + self._clock.period)
        shown = producer_time(ntp_of(packet.received_at), time + composition)
        return MseFragment(shown + data, self._opening, time, packet.is_keyframe, self._epoch)

    def _begin(self, packet: Packet) -> None:
        """A key frame: its parameter sets are those of all that follows."""
        try:
            layout = video_layout(packet.codec, packet.data)
            if layout == self._layout:
                return
            self._opening = MseOpening(codec_name(layout), live_beginning(layout))
        except NotRecordable as refusal:
            log.warning("stream does not fit players", camera=packet.camera_id, reason=str(refusal))
            self._layout = self._opening = None
            return
        self._layout = layout
        self._epoch += 1
