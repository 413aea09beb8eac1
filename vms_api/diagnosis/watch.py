"""Nothing known is not well: cameras that are away, or were not looked at for long, become unknown."""

import asyncio
from datetime import timedelta

import structlog

from ingest.clock import Clock
from vms_api.cameras.health_board import HealthBoard
from vms_api.database import Database
from vms_api.diagnosis import store
from vms_api.diagnosis.desk import SEEN, QualityDesk
from vms_api.diagnosis.settings import DiagnosisSettings

log = structlog.get_logger()

_TURN_S = 15.0
_AT_ONCE = 200
_LATE = 3
"""So many times the longest wait between two looks without one, and what was known is too old."""
_SLACK_S = 120.0
_DAY_S = 86_400.0


class QualityWatch:
    """Goes round every few seconds. A camera must be away on two rounds in a row: many come back by themselves."""

    def __init__(
        self, desk: QualityDesk, database: Database, health: HealthBoard, settings: DiagnosisSettings, clock: Clock
    ) -> None:
        self._desk = desk
        self._database = database
        self._health = health
        self._settings = settings
        self._clock = clock
        self._away: frozenset[str] = frozenset()
        self._pruned_s: float | None = None

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(_TURN_S)
            await self.turn()

    async def turn(self) -> None:
        """One round."""
        late_s = _LATE * self._settings.every_s / self._settings.speed + _SLACK_S
        async with self._database.read() as connection:
            known, late = await store.list_standing(connection, self._clock.now() - timedelta(seconds=late_s))
        reasons = {camera_id: reason for camera_id in known if (reason := self._why_unknown(camera_id)) is not None}
        twice = {camera_id: reason for camera_id, reason in reasons.items() if camera_id in self._away}
        twice |= {camera_id: "overdue" for camera_id in late if camera_id not in reasons}
        self._away = frozenset(reasons)
        for reason in sorted(set(twice.values())):
            lost = [camera_id for camera_id, why in twice.items() if why == reason]
            log.info("diagnosis.unknown", reason=reason, cameras=len(lost))
            for start in range(0, len(lost), _AT_ONCE):
                await self._desk.lose(lost[start : start + _AT_ONCE], reason)
        await self._prune()

    def _why_unknown(self, camera_id: str) -> str | None:
        health = self._health.reported(camera_id)
        if health is None:
            return "node-away"
        return None if health.state in SEEN else "offline"

    async def _prune(self) -> None:
        """Once a day what is older than it must be kept."""
        now_s = self._clock.monotonic_s()
        if self._pruned_s is not None and now_s - self._pruned_s < _DAY_S:
            return
        self._pruned_s = now_s
        before = self._clock.now() - timedelta(days=self._settings.keep_days)
        async with self._database.write() as transaction:
            gone = await store.delete_changes(transaction, before)
        if gone:
            log.info("diagnosis.changes_forgotten", count=gone)
