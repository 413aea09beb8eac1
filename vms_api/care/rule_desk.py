"""Rules that need no picture: made, changed and removed, each with its row."""

from collections.abc import Mapping, Sequence

from ingest.identifier import new_identifier
from vms_api.audit.difference import difference
from vms_api.audit.entry import Actor, AuditEntry, AuditKind
from vms_api.audit.log import AuditLog
from vms_api.cameras.registry import existing_camera
from vms_api.care import rule_store
from vms_api.care.desk import CareDesk
from vms_api.care.device_rule import DeviceRule, DeviceRuleIn
from vms_api.database import Connection, Database, Transaction
from vms_api.errors import NotFound


class DeviceRuleDesk:
    """Holds the rules in memory too, for who judges: `rules` is by camera, and never older than the last commit."""

    def __init__(self, database: Database, audit: AuditLog, care: CareDesk) -> None:
        self._database = database
        self._audit = audit
        self._care = care
        self.rules: Mapping[str, Sequence[DeviceRule]] = {}

    async def load(self) -> None:
        """Takes the enabled rules into memory."""
        async with self._database.read() as connection:
            found = await rule_store.list_rules(connection)
        enabled = [(camera_id, rule) for camera_id, rule in found if rule.enabled]
        self.rules = {id_: [rule for of_id, rule in enabled if of_id == id_] for id_ in {id_ for id_, _ in enabled}}

    def listening(self) -> list[str]:
        """The cameras whose rules need notices."""
        return [id_ for id_, rules in self.rules.items() if any(rule.kind == "device_notice" for rule in rules)]

    async def listed(self, camera_id: str) -> Sequence[DeviceRule]:
        """The camera's rules.

        Raises:
            NotFound: no such camera.

        """
        async with self._database.read() as connection:
            await existing_camera(connection, camera_id)
            return [rule for _, rule in await rule_store.list_rules(connection, camera_id)]

    async def find(self, camera_id: str, rule_id: str) -> DeviceRule:
        """One rule.

        Raises:
            NotFound: no such rule on this camera.

        """
        async with self._database.read() as connection:
            return await _existing(connection, camera_id, rule_id)

    async def add(self, camera_id: str, body: DeviceRuleIn, actor: Actor) -> DeviceRule:
        """A new rule.

        Raises:
            NotFound: no such camera.
            DeviceMissing: the rule needs a device, and the camera has none.

        """
        rule = DeviceRule(id=new_identifier(), **body.model_dump())
        async with self._database.write() as transaction:
            await self._check(transaction, camera_id, rule)
            await rule_store.insert_rule(transaction, camera_id, rule)
            await self._record(transaction, camera_id, actor, None, rule)
        await self.load()
        return rule

    async def replace(self, camera_id: str, rule_id: str, body: DeviceRuleIn, actor: Actor) -> DeviceRule:
        """The whole rule anew. Raises as `add`."""
        rule = DeviceRule(id=rule_id, **body.model_dump())
        async with self._database.write() as transaction:
            current = await _existing(transaction.connection, camera_id, rule_id)
            await self._check(transaction, camera_id, rule)
            await rule_store.update_rule(transaction, rule)
            await self._record(transaction, camera_id, actor, current, rule)
        await self.load()
        return rule

    async def remove(self, camera_id: str, rule_id: str, actor: Actor) -> None:
        """Removes a rule; its alerts stay.

        Raises:
            NotFound: no such rule on this camera.

        """
        async with self._database.write() as transaction:
            current = await _existing(transaction.connection, camera_id, rule_id)
            await rule_store.delete_rule(transaction, rule_id)
            await self._record(transaction, camera_id, actor, current, None)
        await self.load()

    async def _check(self, transaction: Transaction, camera_id: str, rule: DeviceRule) -> None:
        if rule.kind == "device_notice" or rule.relay:
            await self._care.known(transaction.connection, camera_id)

    async def _record(
        self,
        transaction: Transaction,
        camera_id: str,
        actor: Actor,
        before: DeviceRule | None,
        after: DeviceRule | None,
    ) -> None:
        camera = await existing_camera(transaction.connection, camera_id)
        old = before.model_dump(mode="json", exclude={"id"}) if before else {}
        new = after.model_dump(mode="json", exclude={"id"}) if after else {}
        kind = AuditKind.RULE_CHANGE if old and new else AuditKind.RULE_ADD if new else AuditKind.RULE_REMOVE
        detail = difference(old, new) if old and new else new or {"name": old["name"]}
        subject = after or before
        entry = AuditEntry(kind, actor, camera.place, subject.id if subject else None, detail=detail)
        await self._audit.record(transaction, entry)


async def _existing(connection: Connection, camera_id: str, rule_id: str) -> DeviceRule:
    rule = await rule_store.find_rule(connection, camera_id, rule_id)
    if rule is None:
        raise NotFound("no such rule")
    return rule
