"""Dispatch rules: made, changed and removed, each with its row."""

from collections.abc import Mapping, Sequence

from ingest.identifier import new_identifier
from vms_api.accounts.rights_board import RightsBoard
from vms_api.audit.difference import difference
from vms_api.audit.entry import Actor, AuditEntry, AuditKind, Place
from vms_api.audit.log import AuditLog
from vms_api.database import Database, Transaction
from vms_api.dispatch import store
from vms_api.dispatch.dispatch_rule import DispatchRule, DispatchRuleIn
from vms_api.dispatch.dispatcher import Dispatcher
from vms_api.dispatch.errors import CentreUnknown
from vms_api.dispatch.ladder import centres
from vms_api.errors import NotFound


class DispatchRuleDesk:
    """Changes the rules; alerts that come in after the commit go by them, those that are open keep their times."""

    def __init__(self, database: Database, audit: AuditLog, rights: RightsBoard, dispatcher: Dispatcher) -> None:
        self._database = database
        self._audit = audit
        self._rights = rights
        self._dispatcher = dispatcher

    def listed(self) -> Sequence[DispatchRule]:
        """All rules, in the order of their positions."""
        return self._dispatcher.rules

    def find(self, rule_id: str) -> DispatchRule:
        """One rule.

        Raises:
            NotFound: no such rule.

        """
        rule = next((rule for rule in self._dispatcher.rules if rule.id == rule_id), None)
        if rule is None:
            raise NotFound("no such dispatch rule")
        return rule

    async def add(self, body: DispatchRuleIn, actor: Actor) -> DispatchRule:
        """A new rule.

        Raises:
            CentreUnknown: it names a centre that is none at or above its area.

        """
        rule = DispatchRule(id=new_identifier(), **body.model_dump())
        self._check(rule)
        async with self._database.write() as transaction:
            await store.insert_rule(transaction, rule)
            detail = rule.model_dump(mode="json", exclude={"id"})
            await self._record(transaction, AuditKind.DISPATCH_RULE_ADD, actor, rule, detail)
        return rule

    async def replace(self, rule_id: str, body: DispatchRuleIn, actor: Actor) -> DispatchRule:
        """The whole rule anew. Raises as `add`, and NotFound."""
        rule = DispatchRule(id=rule_id, **body.model_dump())
        self._check(rule)
        async with self._database.write() as transaction:
            current = await store.find_rule(transaction.connection, rule_id)
            if current is None:
                raise NotFound("no such dispatch rule")
            await store.update_rule(transaction, rule)
            changes = difference(current.model_dump(mode="json"), rule.model_dump(mode="json"))
            detail = {"name": rule.name, "changes": changes}
            await self._record(transaction, AuditKind.DISPATCH_RULE_CHANGE, actor, rule, detail)
        return rule

    async def remove(self, rule_id: str, actor: Actor) -> None:
        """Removes a rule; the alerts that it placed stay where they are.

        Raises:
            NotFound: no such rule.

        """
        async with self._database.write() as transaction:
            current = await store.find_rule(transaction.connection, rule_id)
            if current is None:
                raise NotFound("no such dispatch rule")
            await store.delete_rule(transaction, rule_id)
            detail = {"name": current.name}
            await self._record(transaction, AuditKind.DISPATCH_RULE_REMOVE, actor, current, detail)

    def _check(self, rule: DispatchRule) -> None:
        above = {area.id for area in centres(self._rights.index.tree, rule.area_id)}
        if rule.centre_id is not None and rule.centre_id not in above:
            raise CentreUnknown

    async def _record(
        self, transaction: Transaction, kind: AuditKind, actor: Actor, rule: DispatchRule, detail: Mapping[str, object]
    ) -> None:
        entry = AuditEntry(kind, actor, Place(rule.area_id), rule.id, detail=detail)
        await self._audit.record(transaction, entry)
        rules = await store.list_rules(transaction.connection)
        transaction.after_commit(lambda: self._dispatcher.take(rules))
