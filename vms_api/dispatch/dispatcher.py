"""Where alerts go and by when, by the rules, the tree and the rosters of now; and how that is written down."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from ingest.clock import Clock
from vms_api.accounts.rights_board import RightsBoard
from vms_api.alerts import store as alert_store
from vms_api.alerts.alert import Alert
from vms_api.alerts.history import HistoryEntry
from vms_api.alerts.lifecycle import AlertAct
from vms_api.audit.entry import SYSTEM, Actor, AuditEntry, AuditKind, Place
from vms_api.audit.log import AuditLog
from vms_api.database import Connection, Transaction
from vms_api.dispatch import store
from vms_api.dispatch.dispatch_rule import Choice, DispatchRule, choose
from vms_api.dispatch.escalation import STAGES, Standing, answered, gone_on, next_look, placed, reopened
from vms_api.dispatch.ladder import Manning, ladder_from
from vms_api.dispatch.plan import Plan, Rung


class Dispatcher:
    """Asked with every change of an alert. `rules` are those in force, never older than the last commit."""

    def __init__(
        self, rights: RightsBoard, manning: Manning, audit: AuditLog, clock: Clock, fallback: Plan, zone: str
    ) -> None:
        self._rights = rights
        self._manning = manning
        self._audit = audit
        self._clock = clock
        self._fallback = fallback
        self._zone = ZoneInfo(zone)
        self.rules: Sequence[DispatchRule] = ()

    async def load(self, connection: Connection) -> None:
        """Takes the rules into memory."""
        self.take(await store.list_rules(connection))

    def take(self, rules: Sequence[DispatchRule]) -> None:
        """These rules are in force from now on."""
        self.rules = rules

    def placed(self, alert: Alert) -> Standing:
        """A new alert at its first centre, with its times."""
        now, choice = self._clock.now(), self._choice(alert)
        return placed(alert, choice.plan, self.ladder(alert, choice.centre_id), now)

    def ladder(self, alert: Alert, from_id: str | None) -> Sequence[Rung]:
        """The centres of the alert from that one upwards, as they are manned now."""
        now = self._clock.now()
        return ladder_from(self._rights.index.tree, alert.area_id, from_id, lambda id_: self._manning.manned(id_, now))

    def rung_below(self, alert: Alert, rung: Rung) -> Rung | None:
        """The next centre down towards the alert's area."""
        below = [found for found in self.ladder(alert, None) if found.id != rung.id]
        ids = [found.id for found in self.ladder(alert, rung.id)]
        return next((found for found in reversed(below) if found.id not in ids), None)

    async def standing(self, connection: Connection, alert: Alert) -> Standing:
        """The alert with its clock; one that has none is given one by the rules of now."""
        timer = await store.find_timer(connection, alert.id)
        return Standing(alert, timer) if timer else reopened(alert, self._choice(alert).plan, self._clock.now())

    async def followed(self, connection: Connection, alert: Alert, act: AlertAct, *, has_new_time: bool) -> Standing:
        """What an act of somebody means for the times. The alert is that after the act, which may set a time itself."""
        if act is AlertAct.REOPEN:
            return reopened(alert, self._choice(alert).plan, self._clock.now())
        standing = await self.standing(connection, alert)
        is_answered = act is AlertAct.ACKNOWLEDGE or STAGES.get(alert.state) is None or has_new_time
        return answered(standing) if is_answered else standing

    def gone_on(self, standing: Standing) -> Standing:
        """What has become of the alert by now; one that never had a centre is placed."""
        alert = standing.alert
        if alert.centre_id is None:
            choice = self._choice(alert)
            return placed(alert, choice.plan, self.ladder(alert, choice.centre_id), self._clock.now())
        return gone_on(standing, self.ladder(alert, alert.centre_id), self._clock.now())

    async def keep(self, transaction: Transaction, standing: Standing) -> None:
        """Writes down the clock of the alert and the steps that the system took; the alert itself is the caller's."""
        alert = standing.alert
        if STAGES.get(alert.state) is None:
            await store.delete_timer(transaction, alert.id)
            return
        due_at = next_look(standing, self.ladder(alert, alert.centre_id), self._clock.now())
        await store.put_timer(transaction, alert.id, standing.timer, due_at)
        for entry in self.entries(standing):
            await self.write_down(transaction, alert, entry, SYSTEM)

    def entries(self, standing: Standing) -> Sequence[HistoryEntry]:
        """What the history shows of the steps that the system took."""
        now, state = self._clock.now(), standing.alert.state
        return [
            HistoryEntry(
                at=now,
                act=step.act,
                state=state,
                detail={"from": step.origin.name, "to": step.goal.name, "reason": step.reason},
            )
            for step in standing.steps
        ]

    async def write_down(self, transaction: Transaction, alert: Alert, entry: HistoryEntry, actor: Actor) -> None:
        """A step for the history of the alert and for the audit log."""
        await alert_store.add_history(transaction, alert.id, entry)
        place, detail = Place(alert.area_id, alert.camera_id), {"rule": alert.rule_name, **entry.detail}
        row = AuditEntry(AuditKind(f"alert.{entry.act}"), actor, place, alert.id, detail=detail)
        await self._audit.record(transaction, row)

    def _choice(self, alert: Alert) -> Choice:
        """The rule that speaks of such alerts now, else the times of the site."""
        tree = self._rights.index.tree
        lineage = (tree.find(alert.area_id) or tree.root).lineage
        chosen = choose(self.rules, alert, lineage, self._clock.now(), self._zone)
        return chosen or Choice(self._fallback, None)
