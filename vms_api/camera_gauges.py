"""The figures of single cameras for Prometheus, by the camera's id."""

from collections.abc import Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge

from vms_api.cameras.health import CameraHealth, StreamHealth

_STREAM_LABELS = ("camera_id", "role")


class CameraGauges:
    """Each showing replaces the one before: a camera that is gone, or not for this caller, leaves nothing behind.

    What a camera has counted since its node started is a gauge here, because a new node begins at zero.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, text: str, labels: tuple[str, ...] = _STREAM_LABELS) -> Gauge:
            return Gauge(f"xueliang_{name}", text, labels, registry=registry)

        self._live = gauge("stream_live", "1 while the stream is live")
        self._frozen = gauge("stream_frozen", "1 while packets come but the picture stays the same")
        self._frame_rate = gauge("stream_frames_per_second", "Frames per second over the last seconds")
        self._bitrate = gauge("stream_bits_per_second", "Bits per second over the last seconds")
        self._last_packet = gauge("stream_last_packet_seconds", "When the last packet came, Unix time")
        self._last_keyframe = gauge("stream_last_keyframe_seconds", "When the last key frame came, Unix time")
        self._reconnects = gauge("stream_reconnects", "Connections after the first since the node started")
        self._undecodable = gauge("stream_undecodable", "Packets that could not be decoded since the node started")
        self._offset = gauge("stream_clock_offset_seconds", "The camera's clock minus ours")
        self._drops = gauge(
            "stream_drops", "What did not arrive whole since the node started", (*_STREAM_LABELS, "cause")
        )
        self._on_gpu = gauge("stream_decoded_on_gpu", "1 while the GPU decodes the stream for analysis")
        self._refusals = gauge(
            "stream_gpu_refusals",
            "How often the GPU did not take the stream since the node started",
            (*_STREAM_LABELS, "cause"),
        )
        self._skips = gauge(
            "camera_skipped_frames",
            "Frames that were not analysed though they should have been, since the node started",
            ("camera_id", "cause"),
        )
        self._recording = gauge("camera_recording", "1 while the camera is recorded", ("camera_id",))
        self._all = (
            *(self._live, self._frozen, self._frame_rate, self._bitrate, self._last_packet, self._last_keyframe),
            *(self._reconnects, self._undecodable, self._offset, self._drops, self._skips, self._recording),
            *(self._on_gpu, self._refusals),
        )

    def show(self, cameras: Mapping[str, CameraHealth]) -> None:
        """Makes these, and no others, the cameras told of."""
        for gauge in self._all:
            gauge.clear()
        for camera_id, health in cameras.items():
            if health.recording is not None:
                self._recording.labels(camera_id).set(health.recording.state == "recording")
            for cause, count in health.analysis.skips.items():
                self._skips.labels(camera_id, cause).set(count)
            for stream in health.streams:
                self._show_stream(camera_id, stream)

    def _show_stream(self, camera_id: str, stream: StreamHealth) -> None:
        place = (camera_id, stream.role)
        self._live.labels(*place).set(stream.state == "live")
        self._frozen.labels(*place).set(stream.frozen)
        self._reconnects.labels(*place).set(stream.reconnect_count)
        self._undecodable.labels(*place).set(stream.decode_failed_count)
        known: tuple[tuple[Gauge, float | None], ...] = (
            (self._frame_rate, stream.frame_rate),
            (self._bitrate, stream.bitrate_bps),
            (self._last_packet, _unix(stream.last_packet_at)),
            (self._last_keyframe, _unix(stream.last_keyframe_at)),
            (self._offset, stream.clock_offset_s),
        )
        for gauge, value in known:
            if value is not None:
                gauge.labels(*place).set(value)
        if stream.decoding is not None:
            self._on_gpu.labels(*place).set(stream.decoding.on_gpu)
            for cause, count in stream.decoding.refusals.items():
                self._refusals.labels(*place, cause).set(count)
        for cause, count in stream.drops.items():
            self._drops.labels(*place, cause).set(count)


def _unix(at: datetime | None) -> float | None:
    return at.timestamp() if at else None
