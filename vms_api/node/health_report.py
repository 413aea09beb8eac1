"""The health of cameras as JSON: one spelling for the heartbeat, the API, the events and the page."""

from datetime import datetime
from typing import Any

from analytics.lane_stats import LaneStats
from ingest.decode_place import DecodePlace
from ingest.health import CameraHealth, StreamHealth


def camera_report(health: CameraHealth, analysis: dict[str, Any], now: datetime) -> dict[str, Any]:
    """CameraHealth of the API: the streams' states with what analysis does beside them."""
    since = health.streams[0].since if health.streams else now
    return {
        "state": health.state,
        "since": since.isoformat(),
        "streams": [stream_report(stream) for stream in health.streams],
        "analysis": analysis,
        "frozen": any(stream.frozen for stream in health.streams),
        "mask_version": health.mask_version,
        "reported_at": now.isoformat(),
    }


def stream_report(stream: StreamHealth) -> dict[str, Any]:
    """StreamHealth of the API."""
    described = stream.description
    fault = stream.fault
    return {
        "role": stream.role,
        "state": stream.state,
        "since": stream.since.isoformat(),
        "codec": described.codec if described else None,
        "width": described.width if described else None,
        "height": described.height if described else None,
        "profile": described.profile if described else None,
        "frame_rate": round(stream.frame_rate, 2),
        "bitrate_bps": round(stream.bitrate_bps),
        "has_b_frames": stream.has_b_frames,
        "last_packet_at": _iso(stream.last_packet_at),
        "last_keyframe_at": _iso(stream.last_keyframe_at),
        "reconnect_count": stream.reconnect_count,
        "decode_failed_count": stream.decode_failed_count,
        "audio_codec": described.audio.codec if described and described.audio else None,
        "drops": {str(cause): count for cause, count in stream.drops.items()},
        "decoding": _decoding(stream.decoding),
        "asleep": stream.asleep,
        "clock_offset_s": None if stream.clock_offset_s is None else round(stream.clock_offset_s, 3),
        "frozen": stream.frozen,
        "retry_at": _iso(stream.retry_at),
        "fault": {"code": fault.code, "message": fault.message, "at": fault.at.isoformat()} if fault else None,
    }


def _decoding(place: DecodePlace | None) -> dict[str, Any] | None:
    """Decoding of the API; null for a stream that is not analysed."""
    if place is None:
        return None
    return {
        "on_gpu": place.on_gpu,
        "gpu_bytes": place.gpu_bytes,
        "refusal": place.refusal,
        "refusals": {str(cause): count for cause, count in place.refusals.items()},
    }


def lane_report(state: str, lane: LaneStats) -> dict[str, Any]:
    """What became of the camera's frames; `state` is `off` for a camera that is not analysed."""
    return {
        "state": "failed" if lane.fault else state,
        "fault": lane.fault,
        "analysed_fps": round(lane.analysed_fps, 2),
        **{f"{outcome}_count": count for outcome, count in lane.counts.items()},
        "skips": {str(cause): count for cause, count in lane.skips.items()},
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
