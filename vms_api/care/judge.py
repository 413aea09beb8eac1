"""Judges what needs no picture, raises the alerts, and switches the relays that go with them."""

import asyncio
from datetime import datetime

import structlog

from ingest.clock import Clock
from ingest.identifier import new_identifier
from vms_api.alerts.alert import RaisedHere
from vms_api.alerts.desk import AlertDesk
from vms_api.audit.entry import SYSTEM
from vms_api.cameras import store as camera_store
from vms_api.cameras.health_board import HealthBoard
from vms_api.care.acts import DeviceActs
from vms_api.care.device_rule import DeviceRule, OfflineWatch, QuietTimes
from vms_api.care.notice import Notice
from vms_api.care.rule_desk import DeviceRuleDesk
from vms_api.database import Database
from vms_api.errors import Problem

log = structlog.get_logger()

_EVERY_S = 2.0


class DeviceJudge:
    """One for the site. What is quiet, and who was told to be offline, is forgotten with the process."""

    def __init__(
        self,
        database: Database,
        rules: DeviceRuleDesk,
        alerts: AlertDesk,
        acts: DeviceActs,
        health: HealthBoard,
        clock: Clock,
        time_zone: str,
    ) -> None:
        self._database = database
        self._rules = rules
        self._alerts = alerts
        self._acts = acts
        self._health = health
        self._clock = clock
        self._time_zone = time_zone
        self._offline = OfflineWatch()
        self._quiet = QuietTimes()
        self._relays: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Looks for cameras that are gone, until cancelled; then relays that are switched are let go."""
        await self._rules.load()
        try:
            while True:
                await self.look_for_the_gone()
                await asyncio.sleep(_EVERY_S)
        finally:
            for task in self._relays:
                task.cancel()
            await asyncio.gather(*self._relays, return_exceptions=True)

    async def notice(self, camera_id: str, notice: Notice) -> None:
        """A device has noticed something."""
        for rule in self._rules.rules.get(camera_id, ()):
            if rule.is_about(notice):
                await self._raise(camera_id, rule, notice.kind, notice.at)

    async def look_for_the_gone(self) -> None:
        """Raises what is due about cameras that have no live stream."""
        rules = {id_: [rule for rule in of if rule.kind == "camera_offline"] for id_, of in self._rules.rules.items()}
        watched = {id_: of for id_, of in rules.items() if of}
        self._offline.keep(watched)
        if not watched:
            return
        async with self._database.read() as connection:
            cameras = await camera_store.list_cameras(connection)
        now = self._clock.now()
        for camera in cameras:
            if camera.id in watched:
                self._offline.see(camera.id, self._health.of(camera).state, now)
        for camera_id, of in watched.items():
            for rule in of:
                if self._offline.is_due(camera_id, rule, now) and await self._raise(camera_id, rule, "offline", now):
                    self._offline.told(camera_id, rule)

    async def _raise(self, camera_id: str, rule: DeviceRule, label: str, at: datetime) -> bool:
        """Raises an alert if the rule is armed and not quiet; whether it did."""
        now = self._clock.now()
        if not rule.is_armed(now, self._time_zone) or not self._quiet.may_raise(rule, now):
            return False
        raised = RaisedHere(
            id=new_identifier(),
            camera_id=camera_id,
            rule_id=rule.id,
            rule_name=rule.name,
            kind=rule.kind,
            severity=rule.severity,
            label=label,
            noticed_at=at,
            raised_at=now,
            instructions=rule.instructions,
        )
        await self._alerts.raise_here(raised)
        if rule.relay:
            task = asyncio.create_task(self._switch(camera_id, rule), name="rule-relay")
            self._relays.add(task)
            task.add_done_callback(self._relays.discard)
        return True

    async def _switch(self, camera_id: str, rule: DeviceRule) -> None:
        """Switches the rule's relay on, and off again at the end, come what may short of a killed process."""
        if rule.relay is None:
            return
        token = rule.relay.token
        try:
            await self._acts.set_relay(camera_id, token, SYSTEM, is_active=True, rule_id=rule.id)
            try:
                await asyncio.sleep(rule.relay.seconds)
            finally:
                await self._acts.set_relay(camera_id, token, SYSTEM, is_active=False, rule_id=rule.id)
        except Problem as problem:
            log.warning("care.relay-failed", camera=camera_id, rule=rule.id, code=problem.code)
