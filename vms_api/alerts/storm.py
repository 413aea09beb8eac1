"""A rule that raises more than anybody can look at: each alert is stored, but pages hear a count."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from ingest.clock import Clock
from vms_api.alerts import store
from vms_api.alerts.alert import Alert
from vms_api.alerts.incident_store import list_lively
from vms_api.alerts.settings import AlertSettings
from vms_api.database import Database, Transaction
from vms_api.events import EventLog

KIND = "alert.storm"
"""The event: the first alert of the incident with its count, and how many the rule raised within a minute."""

TELL_EVERY_S = 1.0
_MINUTE_S = 60.0


@dataclass(slots=True)
class _Rate:
    """When a rule raised alerts in the last minute (monotonic seconds), and which incident has not been told."""

    at_s: deque[float] = field(default_factory=deque)
    untold: str | None = None


class StormWatch:
    """How often each rule raises alerts. In memory: a restart forgets a storm for a minute."""

    def __init__(self, most_per_minute: int) -> None:
        self._most = most_per_minute
        self._rates: dict[str, _Rate] = {}

    def heard(self, rule_id: str, incident_id: str, now_s: float) -> bool:
        """One more alert of the rule; whether it is one of too many, and only to be counted."""
        rate = self._rates.setdefault(rule_id, _Rate())
        rate.at_s.append(now_s)
        _forget(rate, now_s)
        if len(rate.at_s) <= self._most:
            return False
        rate.untold = incident_id
        return True

    def per_minute(self, rule_id: str, now_s: float) -> int:
        """How many alerts the rule raised within the last minute."""
        rate = self._rates.get(rule_id)
        if rate is None:
            return 0
        _forget(rate, now_s)
        return len(rate.at_s)

    def take_untold(self, now_s: float) -> list[tuple[str, str]]:
        """Rules with counted alerts since the last call, each with its incident. Quiet rules are forgotten."""
        found = [(rule_id, rate.untold) for rule_id, rate in self._rates.items() if rate.untold is not None]
        for rule_id, rate in list(self._rates.items()):
            rate.untold = None
            _forget(rate, now_s)
            if not rate.at_s:
                del self._rates[rule_id]
        return [(rule_id, incident_id) for rule_id, incident_id in found if incident_id is not None]


class Storms:
    """Tells pages once a second of the rules that are in a storm, whatever they raise."""

    def __init__(self, database: Database, events: EventLog, clock: Clock, settings: AlertSettings) -> None:
        self._database = database
        self._events = events
        self._clock = clock
        self._watch = StormWatch(settings.storm_per_minute)

    def is_damped(self, alert: Alert) -> bool:
        """Whether a newly stored alert is only counted. What begins an incident never is."""
        is_counted = self._watch.heard(alert.rule_id, alert.incident_id, self._clock.monotonic_s())
        return is_counted and alert.incident_id != alert.id

    def per_minute(self, rule_id: str) -> int:
        """How many alerts the rule raised within the last minute."""
        return self._watch.per_minute(rule_id, self._clock.monotonic_s())

    async def run(self) -> None:
        """Tells for ever; first what a process that died may not have told any more."""
        await self._recover()
        while True:
            await asyncio.sleep(TELL_EVERY_S)
            await self.tell()

    async def tell(self) -> None:
        """One notice for each rule with counted alerts since the last."""
        for rule_id, incident_id in self._watch.take_untold(self._clock.monotonic_s()):
            async with self._database.write() as transaction:
                first = await store.find_alert(transaction.connection, incident_id)
                if first is not None:
                    await self._record(transaction, first, self.per_minute(rule_id))

    async def _recover(self) -> None:
        """Notices of the incidents that were lively a moment ago: their last counts may not have been told."""
        async with self._database.write() as transaction:
            for first in await list_lively(transaction.connection, self._clock.now()):
                await self._record(transaction, first, self.per_minute(first.rule_id))

    async def _record(self, transaction: Transaction, first: Alert, per_minute: int) -> None:
        told = {"alert": first.model_dump(mode="json"), "per_minute": per_minute}
        await self._events.record(transaction, KIND, told, first.area_id)


def _forget(rate: _Rate, now_s: float) -> None:
    while rate.at_s and now_s - rate.at_s[0] >= _MINUTE_S:
        rate.at_s.popleft()
