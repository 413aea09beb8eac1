"""Zones and rules of cameras: what is to be watched for, and where."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ingest.identifier import new_identifier
from vms_api.audit.difference import difference
from vms_api.audit.entry import Actor, AuditEntry, AuditKind
from vms_api.audit.log import AuditLog
from vms_api.cameras import watch_store
from vms_api.cameras.registry import CameraRegistry, existing_camera
from vms_api.cameras.rule import Rule, RuleIn, RulePatch, check_zone_kind
from vms_api.cameras.zone import Zone, ZoneIn, ZonePatch, check_outline
from vms_api.database import Connection, Database, Transaction
from vms_api.errors import InvalidRequest, NotFound, ZoneInUse
from vms_api.problems import field_errors

Model = TypeVar("Model", bound=BaseModel)


class WatchDesk:
    """Changes zones and rules; each change is a change of its camera."""

    def __init__(self, database: Database, registry: CameraRegistry, audit: AuditLog) -> None:
        self._database = database
        self._registry = registry
        self._audit = audit

    async def add_zone(self, camera_id: str, body: ZoneIn, actor: Actor) -> Zone:
        """A new zone.

        Raises:
            NotFound: no such camera.
            InvalidRequest: the outline is not one.

        """
        check_outline(body)
        zone = Zone(id=new_identifier(), **body.model_dump())
        async with self._database.write() as transaction:
            await existing_camera(transaction.connection, camera_id)
            await watch_store.insert_zone(transaction, camera_id, zone)
            await self._record(transaction, camera_id, actor, AuditKind.ZONE_ADD, None, zone)
        return zone

    async def change_zone(self, camera_id: str, zone_id: str, patch: ZonePatch, actor: Actor) -> Zone:
        """Changes any part of a zone.

        Raises:
            NotFound: no such zone on this camera.
            InvalidRequest: the outline is not one.
            ZoneInUse: a rule uses it and needs its kind.

        """
        async with self._database.write() as transaction:
            connection = transaction.connection
            current = await _existing_zone(connection, camera_id, zone_id)
            zone = _patched(Zone, current, patch)
            check_outline(zone)
            if zone.kind != current.kind and await watch_store.is_zone_used(connection, zone_id):
                raise ZoneInUse
            await watch_store.update_zone(transaction, zone)
            await self._record(transaction, camera_id, actor, AuditKind.ZONE_CHANGE, current, zone)
        return zone

    async def remove_zone(self, camera_id: str, zone_id: str, actor: Actor) -> None:
        """Removes a zone.

        Raises:
            NotFound: no such zone on this camera.
            ZoneInUse: a rule uses it.

        """
        async with self._database.write() as transaction:
            current = await _existing_zone(transaction.connection, camera_id, zone_id)
            if await watch_store.is_zone_used(transaction.connection, zone_id):
                raise ZoneInUse
            await watch_store.delete_zone(transaction, zone_id)
            await self._record(transaction, camera_id, actor, AuditKind.ZONE_REMOVE, current, None)

    async def add_rule(self, camera_id: str, body: RuleIn, actor: Actor) -> Rule:
        """A new rule.

        Raises:
            NotFound: no such camera.
            ZoneKindWrong: the zone is not there or of the other kind.

        """
        rule = Rule(id=new_identifier(), **body.model_dump())
        async with self._database.write() as transaction:
            await existing_camera(transaction.connection, camera_id)
            check_zone_kind(rule, await watch_store.find_zone(transaction.connection, camera_id, rule.zone_id))
            await watch_store.insert_rule(transaction, camera_id, rule, actor.user_id)
            await self._record(transaction, camera_id, actor, AuditKind.RULE_ADD, None, rule)
        return rule

    async def change_rule(self, camera_id: str, rule_id: str, patch: RulePatch, actor: Actor) -> Rule:
        """Changes any part of a rule.

        Raises:
            NotFound: no such rule on this camera.
            ZoneKindWrong: the zone is not there or of the other kind.

        """
        async with self._database.write() as transaction:
            connection = transaction.connection
            current = await _existing_rule(connection, camera_id, rule_id)
            rule = _merged(Rule, current, patch.changed(current))
            check_zone_kind(rule, await watch_store.find_zone(connection, camera_id, rule.zone_id))
            await watch_store.update_rule(transaction, rule, actor.user_id)
            await self._record(transaction, camera_id, actor, AuditKind.RULE_CHANGE, current, rule)
        return rule

    async def remove_rule(self, camera_id: str, rule_id: str, actor: Actor) -> None:
        """Removes a rule; its alerts stay.

        Raises:
            NotFound: no such rule on this camera.

        """
        async with self._database.write() as transaction:
            current = await _existing_rule(transaction.connection, camera_id, rule_id)
            await watch_store.delete_rule(transaction, rule_id)
            await self._record(transaction, camera_id, actor, AuditKind.RULE_REMOVE, current, None)

    async def _record(
        self,
        transaction: Transaction,
        camera_id: str,
        actor: Actor,
        kind: AuditKind,
        before: Zone | Rule | None,
        after: Zone | Rule | None,
    ) -> None:
        camera = await existing_camera(transaction.connection, camera_id)
        await self._registry.record_change(transaction, "camera.changed", camera)
        subject = after or before
        entry = AuditEntry(kind, actor, camera.place, subject.id if subject else None, detail=_changes(before, after))
        await self._audit.record(transaction, entry)


def _changes(before: Zone | Rule | None, after: Zone | Rule | None) -> Mapping[str, Any]:
    """All of what was added, the name of what was removed, else what differs."""
    if after is None:
        return {"name": before.name} if before else {}
    new = after.model_dump(mode="json", exclude={"id"})
    return difference(before.model_dump(mode="json", exclude={"id"}), new) if before else new


async def _existing_zone(connection: Connection, camera_id: str, zone_id: str) -> Zone:
    zone = await watch_store.find_zone(connection, camera_id, zone_id)
    if zone is None:
        raise NotFound("no such zone")
    return zone


async def _existing_rule(connection: Connection, camera_id: str, rule_id: str) -> Rule:
    rule = await watch_store.find_rule(connection, camera_id, rule_id)
    if rule is None:
        raise NotFound("no such rule")
    return rule


def _patched(model: type[Model], current: Model, patch: BaseModel) -> Model:
    return _merged(model, current, patch.model_dump(exclude_unset=True))


def _merged(model: type[Model], current: Model, changed: Mapping[str, Any]) -> Model:
    try:
        return model.model_validate({**current.model_dump(), **changed})
    except ValidationError as error:
        raise InvalidRequest(errors=field_errors(error.errors())) from None
