"""node-cost: processor time of ingest and analysis for the demo's four cameras, split by stage."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

from analytics.alert import Severity
from analytics.detection import Outcome
from analytics.detector_choice import select_detector
from analytics.geometry import Point
from analytics.lane_stats import LaneStats
from analytics.model_store import known_models, model_folders
from analytics.pipeline import AnalysisPipeline
from analytics.rule import AnyRule, CameraPlan, IntrusionRule, LineCrossingRule
from analytics.schedule import Schedule
from analytics.settings import AnalyticsSettings
from analytics.track import TrackUpdate
from analytics.zone import Tripwire, Zone
from benchmarks.report import Figure, Report, silence
from ingest.audio import AudioPacket
from ingest.av_decoder import AvDecoder
from ingest.av_encoder import AvEncoder
from ingest.camera import Camera, CameraId, StreamProfile, StreamRole
from ingest.clock import SystemClock
from ingest.decoder import Decoder
from ingest.drops import Drops
from ingest.encoder import Codecs
from ingest.fleet import CameraFleet
from ingest.frame import Frame
from ingest.mask import NO_MASKS, CurrentMasks
from ingest.packet import Packet, StreamDescription
from ingest.rtsp_source import RtspOpener
from ingest.settings import IngestSettings
from ingest.source import PacketSource
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.thread import VirtualCameraThread
from vms_api.commands.demo import prepare_clips
from vms_api.demo.scenario import PLACES, Place, Watch

WARM_UP_S, DURATION_S = 15.0, 79.0
"""One turn of the longer clip, after tracker, gate and caches have settled."""
LIMIT = 0.25


@dataclass
class Meter:
    """Processor seconds per stage; each thread adds its own time."""

    demux_s: float = 0.0
    decode_s: float = 0.0


class MeteredOpener:
    """Opens sources whose reading is metered; otherwise the opener it wraps."""

    def __init__(self, opener: RtspOpener, meter: Meter) -> None:
        self._opener = opener
        self._meter = meter

    def open(self, camera: Camera, profile: StreamProfile, epoch: int) -> "MeteredSource":
        """As the wrapped opener."""
        return MeteredSource(self._opener.open(camera, profile, epoch), self._meter)


class MeteredSource:
    """A source that adds the processor time of each read to the meter."""

    def __init__(self, source: PacketSource, meter: Meter) -> None:
        self._source = source
        self._meter = meter

    @property
    def description(self) -> StreamDescription:
        """As the wrapped source."""
        return self._source.description

    @property
    def clock_offset_s(self) -> float | None:
        """As the wrapped source."""
        return self._source.clock_offset_s

    def packets(self) -> Iterator[Packet | AudioPacket | None]:
        """The wrapped source's packets, each read metered."""
        packets = self._source.packets()
        while True:
            started_s = time.thread_time()
            packet = next(packets, None)
            self._meter.demux_s += time.thread_time() - started_s
            yield packet

    def take_drops(self) -> Drops:
        """As the wrapped source."""
        return self._source.take_drops()

    def interrupt(self) -> None:
        """As the wrapped source."""
        self._source.interrupt()

    def close(self) -> None:
        """Frees what is wrapped."""
        self._source.close()


class MeteredDecoder:
    """A decoder that adds its processor time to the meter."""

    def __init__(self, meter: Meter, masks: CurrentMasks) -> None:
        self._decoder: Decoder = AvDecoder(masks)
        self._meter = meter

    @property
    def failed_count(self) -> int:
        """As the wrapped decoder."""
        return self._decoder.failed_count

    def decode(self, packet: Packet) -> Sequence[Frame]:
        """The wrapped decoder's frames, metered."""
        return self._metered(self._decoder.decode, packet)

    def decode_alone(self, packet: Packet) -> Sequence[Frame]:
        """The wrapped decoder's frame, metered."""
        return self._metered(self._decoder.decode_alone, packet)

    def _metered(self, decode: Callable[[Packet], Sequence[Frame]], packet: Packet) -> Sequence[Frame]:
        started_s = time.thread_time()
        frames = decode(packet)
        self._meter.decode_s += time.thread_time() - started_s
        return frames

    def close(self) -> None:
        """Frees what is wrapped."""
        self._decoder.close()


class Interest:
    """Lets the fleet know where something goes on, as the media node does."""

    def __init__(self) -> None:
        self.fleet: CameraFleet | None = None

    def hear(self, update: TrackUpdate) -> None:
        """After each frame, on the inference thread."""
        if update.interest and self.fleet is not None:
            self.fleet.note_interest(update.camera_id, update.interest)


@dataclass(frozen=True, slots=True)
class Costs:
    """Processor seconds per stage at one moment."""

    demux: float
    decode: float
    gate: float
    detect: float
    track: float

    def since(self, earlier: "Costs") -> "Costs":
        """What was spent after `earlier`."""
        return Costs(*(getattr(self, name) - getattr(earlier, name) for name in STAGES))

    @property
    def total(self) -> float:
        """All stages together."""
        return self.demux + self.decode + self.gate + self.detect + self.track


STAGES = ("demux", "decode", "gate", "detect", "track")


def measure() -> Report:
    """Fleet and pipeline as a node runs them; each thread's own processor time is counted, the cameras' is not."""
    clips = prepare_clips(os.environ, silence)
    cameras = [VirtualCamera(place.path, clips[place], start_s=place.start_s) for place in PLACES]
    choice = select_detector(AnalyticsSettings(), known_models(), model_folders())
    meter = Meter()
    interest = Interest()
    pipeline = AnalysisPipeline(choice.detector, AnalyticsSettings(), SystemClock(), silence, interest.hear)
    fleet = interest.fleet = _fleet(pipeline, meter)
    with VirtualCameraThread(cameras) as server:
        pipeline.apply([_plan(place) for place in PLACES])
        pipeline.start()
        fleet.apply([_camera(place, server.url(place.path)) for place in PLACES])
        time.sleep(WARM_UP_S)
        before, started_s = _costs(meter, pipeline), time.monotonic()
        time.sleep(DURATION_S)
        spent, elapsed_s = _costs(meter, pipeline).since(before), time.monotonic() - started_s
        shares = [_judged(pipeline.stats(CameraId(place.path))) for place in PLACES]
        fleet.close()
        pipeline.close()
    return Report(
        "node-cost",
        [
            Figure("total of the four cameras", spent.total / elapsed_s, "core", LIMIT),
            *(Figure(stage, getattr(spent, stage) / elapsed_s, "core") for stage in STAGES),
            Figure("total per camera", spent.total / elapsed_s / len(PLACES), "core"),
        ],
        [
            f"detector {choice.detector.model.name} ({choice.detector.model.runtime}), {DURATION_S:.0f} s",
            f"share of judged frames that reached the detector, per camera: {', '.join(f'{s:.0%}' for s in shares)}",
            "processor time of the camera and inference threads; the virtual cameras' own is not counted",
        ],
    )


def _fleet(pipeline: AnalysisPipeline, meter: Meter) -> CameraFleet:
    settings, clock = IngestSettings(allow_loopback=True), SystemClock()
    return CameraFleet(
        opener=MeteredOpener(RtspOpener(settings, clock), meter),
        codecs=Codecs(partial(MeteredDecoder, meter), AvEncoder),
        settings=settings,
        clock=clock,
        frame_sink=pipeline.offer,
        on_change=silence,
    )


def _camera(place: Place, url: str) -> Camera:
    return Camera(CameraId(place.path), place.name, (StreamProfile(StreamRole.MAIN, url),), masks=NO_MASKS)


def _plan(place: Place) -> CameraPlan:
    return CameraPlan(CameraId(place.path), tuple(_rule(watch) for watch in place.watches))


def _rule(watch: Watch) -> AnyRule:
    points = tuple(Point(x, y) for x, y in watch.points)
    head = (watch.name, watch.name, frozenset(watch.labels), Schedule(ZoneInfo("UTC")), Severity.LOW, watch.cooldown_s)
    if watch.kind == "intrusion":
        return IntrusionRule(*head, zone=Zone(watch.name, watch.name, points))
    return LineCrossingRule(*head, line=Tripwire(watch.name, watch.name, points))


def _costs(meter: Meter, pipeline: AnalysisPipeline) -> Costs:
    lanes = [pipeline.stats(CameraId(place.path)) for place in PLACES]
    return Costs(
        demux=meter.demux_s,
        decode=meter.decode_s,
        gate=sum(lane.gate_cpu_s for lane in lanes),
        detect=sum(lane.detect_cpu_s for lane in lanes),
        track=sum(lane.track_cpu_s for lane in lanes),
    )


def _judged(lane: LaneStats) -> float:
    analysed, gated = lane.counts[Outcome.ANALYSED], lane.counts[Outcome.GATED]
    return analysed / max(1, analysed + gated)
