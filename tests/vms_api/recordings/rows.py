"""Index rows for tests: a minute each, one after the other, unless told otherwise."""

from datetime import datetime, timedelta
from typing import Any

from ingest.identifier import new_identifier
from tests.fakes.clock import START
from vms_api.recordings.segment import Segment

CAMERA, VOLUME = "camera-a", "volume-a"


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def segment(minute: float, camera_id: str = CAMERA, **changes: Any) -> Segment:
    recording_id = changes.pop("recording_id", None) or new_identifier()
    values = {
        "recording_id": recording_id,
        "camera_id": camera_id,
        "role": "main",
        "volume_id": VOLUME,
        "path": f"{camera_id}/2026-01-01/00/{recording_id}.mp4",
        "started_at": at(minute),
        "duration_s": 60.0,
        "size_bytes": 1_000_000,
        "sha256": "ab" * 32,
        "epoch": 1,
        "node_epoch": 1,
        "mask_version": 0,
        "codec": "h264",
        "width": 1920,
        "height": 1080,
        "keyframe_count": 60,
    }
    return Segment.model_validate({**values, **changes})
