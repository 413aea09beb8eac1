"""Recording as JSON: one spelling for the outbox and the heartbeat."""

from dataclasses import asdict
from typing import Any

from ingest.recording.gap import Gap
from ingest.recording.open_segment import OpenSegment
from ingest.recording.segment import SegmentInfo
from ingest.recording.state import RecordingState
from ingest.recording.volume import VolumeState


def segment_payload(info: SegmentInfo) -> dict[str, Any]:
    """A whole file."""
    return {**asdict(info), "started_at": info.started_at.isoformat()}


def open_report(segment: OpenSegment) -> dict[str, Any]:
    """A file that is being written: OpenSegment of the API."""
    header = segment.header
    return {
        "recording_id": header.recording_id,
        "camera_id": header.camera_id,
        "role": header.role,
        "volume_id": header.volume_id,
        "path": str(header.path),
        "started_at": header.started_at.isoformat(),
        "duration_s": segment.duration_s,
        "epoch": header.epoch,
        "node_epoch": header.node_epoch,
        "mask_version": header.mask_version,
        "reason": header.reason,
    }


def gap_payload(gap: Gap) -> dict[str, Any]:
    """A gap that has opened, or ended."""
    ended_at = gap.ended_at.isoformat() if gap.ended_at is not None else None
    return {**asdict(gap), "started_at": gap.started_at.isoformat(), "ended_at": ended_at}


def volume_report(state: VolumeState) -> dict[str, Any]:
    """A volume at one moment."""
    return {**asdict(state), "at": state.at.isoformat()}


def recording_report(state: RecordingState) -> dict[str, Any]:
    """RecordingHealth of the API."""
    last = state.last_written_at
    return {
        **asdict(state),
        "since": state.since.isoformat(),
        "last_written_at": last.isoformat() if last is not None else None,
    }
