"""Alerts and state changes on their way to the control process: at least once, in order, each with its own id."""

import asyncio
import base64
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog

from analytics.alert import Alert, BetterView
from ingest.camera import CameraId
from ingest.health import StreamHealth
from ingest.identifier import new_identifier
from ingest.recording.gap import Gap
from ingest.recording.segment import SegmentInfo
from ingest.recording.volume import VolumeState
from vms_api.node.quality_report import QualityLook, look_payload
from vms_api.node.recording_report import gap_payload, segment_payload, volume_report
from vms_api.node.store import Entry, OutboxStore

log = structlog.get_logger()

BATCH = 16
RETRY_MIN_S, RETRY_MAX_S = 0.2, 5.0
"""Retry quickly at first (the control process restarts in about a second) and never more than 5 s apart."""


class Refused(Exception):
    """The receiver will never take this entry."""


class Outbox:
    """`put_*` may be called from any thread; `run` belongs to the event loop it is started on."""

    def __init__(self, store: OutboxStore, deliver: Callable[[Entry], Awaitable[None]], epoch: int) -> None:
        self._store = store
        self._deliver = deliver
        self._epoch = epoch
        self._loop = asyncio.get_running_loop()
        self._filled = asyncio.Event()

    def put_alert(self, alert: Alert) -> None:
        """Stores the alert with its evidence; on disk when this returns."""
        self._put(alert.id, "alert", alert_payload(alert, self._epoch))

    def put_better_view(self, view: BetterView) -> None:
        """Stores a better picture of an alert that was put before; on disk when this returns."""
        entry_id = new_identifier()
        self._put(entry_id, "better_view", better_view_payload(entry_id, view))

    def put_state(self, camera_id: CameraId, health: StreamHealth) -> None:
        """Stores the fact that a stream changed its state."""
        entry_id = new_identifier()
        self._put(entry_id, "camera_state", state_payload(entry_id, camera_id, health))

    def put_segment(self, info: SegmentInfo) -> None:
        """Stores the fact that a recorded file is whole."""
        self._put(info.recording_id, "segment", segment_payload(info))

    def put_gap(self, gap: Gap) -> None:
        """Stores the fact that a gap has opened, or ended."""
        self._put(new_identifier(), "gap", gap_payload(gap))

    def put_garbage(self, recording_ids: Sequence[str]) -> None:
        """Stores the fact that files are gone."""
        entry_id = new_identifier()
        self._put(entry_id, "garbage_done", {"id": entry_id, "recording_ids": list(recording_ids)})

    def put_volume(self, state: VolumeState) -> None:
        """Stores the fact that a volume has changed."""
        self._put(new_identifier(), "volume_state", volume_report(state))

    def put_look(self, look: QualityLook) -> None:
        """Stores what a look at a camera's pictures has found."""
        entry_id = new_identifier()
        self._put(entry_id, "quality", look_payload(entry_id, look))

    def _put(self, entry_id: str, kind: str, payload: dict[str, Any]) -> None:
        self._store.put(entry_id, kind, payload)
        self._loop.call_soon_threadsafe(self._filled.set)

    async def run(self) -> None:
        """Delivers until cancelled."""
        delay = RETRY_MIN_S
        while True:
            self._filled.clear()
            entries = await asyncio.to_thread(self._store.oldest, BATCH)
            if not entries:
                await self._filled.wait()
            elif await self._delivered(entries):
                delay = RETRY_MIN_S
            else:
                await asyncio.sleep(delay)
                delay = min(2 * delay, RETRY_MAX_S)

    async def _delivered(self, entries: list[Entry]) -> bool:
        for entry in entries:
            try:
                await self._deliver(entry)
            except ConnectionError as error:
                log.warning("delivery waits", reason=str(error), entry=entry.id)
                return False
            except Refused as error:
                log.exception("delivery set aside", entry=entry.id, kind=entry.kind)
                await asyncio.to_thread(self._store.set_aside, entry, str(error))
            else:
                await asyncio.to_thread(self._store.remove, entry)
        return True


def alert_payload(alert: Alert, epoch: int) -> dict[str, Any]:
    """The alert as JSON, evidence in base64."""
    box = alert.box
    return {
        "id": alert.id,
        "camera_id": alert.camera_id,
        "rule_id": alert.rule_id,
        "rule_name": alert.rule_name,
        "kind": alert.kind,
        "severity": alert.severity,
        "label": alert.label,
        "score": round(alert.score, 3),
        "box": [round(edge, 4) for edge in (box.left, box.top, box.right, box.bottom)],
        "frame_received_at": alert.frame_received_at.isoformat(),
        "raised_at": alert.raised_at.isoformat(),
        "evidence": base64.b64encode(alert.evidence.jpeg).decode() if alert.evidence else None,
        "epoch": epoch,
    }


def better_view_payload(entry_id: str, view: BetterView) -> dict[str, Any]:
    """The view as JSON, its picture in base64."""
    box = view.box
    return {
        "id": entry_id,
        "alert_id": view.alert_id,
        "seen_at": view.seen_at.isoformat(),
        "score": round(view.score, 3),
        "box": [round(edge, 4) for edge in (box.left, box.top, box.right, box.bottom)],
        "evidence": base64.b64encode(view.evidence.jpeg).decode(),
    }


def state_payload(entry_id: str, camera_id: CameraId, health: StreamHealth) -> dict[str, Any]:
    """A state change as JSON."""
    fault = health.fault
    return {
        "id": entry_id,
        "camera_id": camera_id,
        "role": health.role,
        "state": health.state,
        "at": health.since.isoformat(),
        "fault": {"code": fault.code, "message": fault.message, "at": fault.at.isoformat()} if fault else None,
    }
