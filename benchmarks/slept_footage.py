"""The demo's cameras over their clips, with and without sleep, as fast as it goes: does sleep cost any alert.

Nothing depends on how busy the machine is: packets are at their media times, and what is decoded of them is what
`AnalysedStream` decides, told of interest by the analysis as a node tells it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from analytics.alert import Alert
from analytics.detector import Detector
from analytics.pipeline import AnalysisPipeline
from analytics.rule import AnyRule, CameraPlan
from analytics.settings import AnalyticsSettings
from analytics.track import TrackUpdate
from benchmarks.analysed_footage import CAMERA, DAWN, Borrowed, FootageClock, timed
from benchmarks.labelled_scene import area, line
from ingest.analysed_stream import AnalysedStream
from ingest.av_decoder import AvDecoder
from ingest.camera import Camera, StreamProfile, StreamRole
from ingest.errors import SourceEnded
from ingest.fanout import PacketFanout
from ingest.file_source import FileOpener
from ingest.frame import Frame
from ingest.mask import NO_MASKS, CurrentMasks
from ingest.packet import Packet
from ingest.settings import IngestSettings
from vms_api.demo.scenario import Place

_BETWEEN_LAPS_S = 0.1


@dataclass(slots=True)
class Night:
    """What one run told, how many packets there were and how many were decoded."""

    alerts: list[Alert] = field(default_factory=list)
    packet_count: int = 0
    decoded_count: int = 0

    @property
    def told_s(self) -> tuple[float, ...]:
        """When each alert was raised, in seconds of the footage."""
        return tuple((alert.frame_received_at - DAWN).total_seconds() for alert in self.alerts)


def play(clip: Path, rules: Sequence[AnyRule], detector: Detector, settings: IngestSettings, seconds: float) -> Night:
    """The clip over and over for so many seconds of its own time."""
    night, clock, fanout = Night(), FootageClock(), PacketFanout()

    def hear(update: TrackUpdate) -> None:
        if update.interest:
            stream.note_interest(update.interest)

    def look(frame: Frame) -> None:
        clock.media_s = frame.media_time_s
        pipeline.offer(timed(frame))
        pipeline.step(0.0)

    pipeline = AnalysisPipeline(Borrowed(detector), AnalyticsSettings(), clock, night.alerts.append, hear)
    pipeline.apply([CameraPlan(CAMERA, tuple(rules))])
    stream = AnalysedStream(AvDecoder(CurrentMasks(NO_MASKS)), look, settings)
    for packet in _packets(clip, seconds):
        fanout.publish(packet)
        night.packet_count += 1
        night.decoded_count += sum(1 for _ in stream.take(packet, fanout.gop))
    stream.close()
    pipeline.close()
    return night


def rules_of(place: Place) -> Sequence[AnyRule]:
    """The demo's rules, never quiet, so that each event is told."""
    return [
        (area if watch.kind == "intrusion" else line)(watch.name, watch.points, watch.labels) for watch in place.watches
    ]


def _packets(clip: Path, seconds: float) -> Iterator[Packet]:
    """Those of a camera that shows the clip again and again without a break."""
    begun_s, number = 0.0, 0
    while begun_s < seconds:
        at_s = begun_s
        for packet in lap(clip):
            at_s, number = begun_s + packet.media_time_s, number + 1
            shift = round(begun_s / packet.time_base)
            pts, dts = packet.pts + shift, packet.dts + shift
            yield replace(packet, sequence=number, pts=pts, dts=dts, received_monotonic_s=at_s)
        begun_s = at_s + _BETWEEN_LAPS_S


def lap(clip: Path) -> Iterator[Packet]:
    """The clip's packets, once."""
    camera = Camera(CAMERA, CAMERA, (StreamProfile(StreamRole.MAIN, f"file:{clip}"),))
    source = FileOpener(FootageClock(), realtime=False).open(camera, camera.streams[0], epoch=1)
    try:
        yield from (packet for packet in source.packets() if packet is not None)
    except SourceEnded:
        return
    finally:
        source.close()
