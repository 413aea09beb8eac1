"""Which playbacks are open and whose they are; each begins and ends with an audit row."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ingest.clock import Clock
from vms_api.accounts.account import Caller
from vms_api.accounts.errors import Hidden
from vms_api.accounts.logins import LoginBoard
from vms_api.accounts.permission import Permission
from vms_api.accounts.rights_board import RightsBoard
from vms_api.audit.entry import SYSTEM, AuditEntry, AuditKind
from vms_api.audit.log import AuditLog
from vms_api.audit.look_store import OpenLook
from vms_api.database import Database
from vms_api.errors import NotFound
from vms_api.playback.plan import Piece
from vms_api.playback.playback import SpeedClass
from vms_api.playback.store import open_playbacks

LONGEST_OPEN = timedelta(hours=8)
IDLE_S = 300.0
"""A player that asked for nothing in this time is gone; one that was only paused asks for a new playback."""
SWEEP_S = 1.0
MAX_OPEN = 64
"""Playbacks that one login may have open; the longest unused one makes room."""


@dataclass(slots=True)
class OpenPlayback:
    """A playback with its plan. Only who opened it may use it."""

    record: OpenLook
    caller: Caller
    speed_class: SpeedClass
    pieces: Sequence[Piece]
    expires_at: datetime
    used_s: float
    opened_s: float
    camera_id: str = field(init=False)

    def __post_init__(self) -> None:
        self.camera_id = self.record.place.camera_id or ""

    @property
    def keyframes(self) -> bool:
        """Whether it shows key frames alone."""
        return self.speed_class is SpeedClass.KEYFRAMES


class PlaybackBoard:
    """The open playbacks by id. One of somebody else is not there."""

    def __init__(
        self, database: Database, audit: AuditLog, clock: Clock, rights: RightsBoard, logins: LoginBoard
    ) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._rights = rights
        self._logins = logins
        self._open: dict[str, OpenPlayback] = {}
        self._awake = asyncio.Event()
        rights.subscribe(self._awake.set)
        logins.subscribe(self._awake.set)

    def __len__(self) -> int:
        return len(self._open)

    async def open(
        self, record: OpenLook, caller: Caller, speed_class: SpeedClass, pieces: Sequence[Piece]
    ) -> OpenPlayback:
        """A playback begins; returns once that is recorded."""
        entry = AuditEntry(
            AuditKind.PLAYBACK, record.actor, record.place, record.id, record.purpose, dict(record.detail)
        )
        async with self._database.write() as transaction:
            await open_playbacks.insert(transaction, record)
            await self._audit.record(transaction, entry)
        now_s = self._clock.monotonic_s()
        expires_at = record.opened_at + LONGEST_OPEN
        opened = OpenPlayback(record, caller, speed_class, pieces, expires_at, now_s, now_s)
        self._open[record.id] = opened
        await self._make_room(caller)
        return opened

    def own(self, playback_id: str, caller: Caller) -> OpenPlayback:
        """The caller's own playback. Whether the caller may still see the camera is the routes' business.

        Raises:
            NotFound: there is none of that id that the caller has opened, or it has ended.

        """
        playback = self._open.get(playback_id)
        if playback is None:
            raise NotFound("no such playback")
        if playback.caller.key != caller.key:
            raise Hidden("no such playback")
        playback.used_s = self._clock.monotonic_s()
        return playback

    async def end(self, playback: OpenPlayback, reason: str) -> None:
        """It has ended; returns once that is recorded."""
        await self._record_end(playback.record, reason, playback.used_s - playback.opened_s)
        self._open.pop(playback.record.id, None)

    async def end_all(self, reason: str) -> None:
        """This process ends."""
        for playback in list(self._open.values()):
            await self.end(playback, reason)

    async def recover(self) -> None:
        """Ends what was open when the process before this one died; how long it really was, nobody knows."""
        async with self._database.read() as connection:
            left = await open_playbacks.list_open(connection)
        for record in left:
            seconds = max(0.0, (self._clock.now() - record.opened_at).total_seconds())
            await self._record_end(record, "control process ended", seconds)

    async def run(self) -> None:
        """Until cancelled: ends what nobody uses or may use any more."""
        while True:
            self._awake.clear()
            await self.sweep()
            try:
                async with asyncio.timeout(SWEEP_S):
                    await self._awake.wait()
            except TimeoutError:
                continue

    async def sweep(self) -> None:
        """Ends at once what must not go on."""
        now, now_s = self._clock.now(), self._clock.monotonic_s()
        for playback in list(self._open.values()):
            if not self._may_go_on(playback, now):
                await self.end(playback, "right ended")
            elif now >= playback.expires_at or now_s - playback.used_s > IDLE_S:
                await self.end(playback, "idle")

    def _may_go_on(self, playback: OpenPlayback, now: datetime) -> bool:
        area_id = self._rights.area_of(playback.camera_id)
        if area_id is None or not self._logins.is_alive(playback.caller.key, now):
            return False
        return self._rights.index.allows(playback.caller.user.id, Permission.PLAYBACK_VIEW, area_id)

    async def _make_room(self, caller: Caller) -> None:
        own = sorted((p for p in self._open.values() if p.caller.key == caller.key), key=lambda p: p.used_s)
        for playback in own[: max(0, len(own) - MAX_OPEN)]:
            await self.end(playback, "too many")

    async def _record_end(self, record: OpenLook, reason: str, duration_s: float) -> None:
        actor = SYSTEM if reason == "control process ended" else record.actor
        told = {"reason": reason, "duration_s": round(duration_s, 1), "viewer": record.actor.username}
        entry = AuditEntry(
            AuditKind.PLAYBACK_END, actor, record.place, record.id, record.purpose, {**record.detail, **told}
        )
        async with self._database.write() as transaction:
            if await open_playbacks.delete(transaction, record.id):
                await self._audit.record(transaction, entry)
