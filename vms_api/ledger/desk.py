"""Writing ledgers, by hand or by import, and what a site requires of a camera."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ingest.clock import Clock
from vms_api.audit.difference import difference
from vms_api.audit.entry import Actor, AuditEntry, AuditKind
from vms_api.audit.log import AuditLog
from vms_api.cameras.camera import CameraRecord
from vms_api.cameras.registry import existing_camera
from vms_api.database import Connection, Database, Transaction
from vms_api.ledger import store
from vms_api.ledger.errors import LedgerVersionStale
from vms_api.ledger.field import FIELDS
from vms_api.ledger.ledger import LedgerIn, LedgerRecord, SignIn, Values, checked
from vms_api.ledger.places import ProhibitedIn, ProhibitedPlaces, added_kinds, check_place, check_sign
from vms_api.ledger.settings import LedgerSettings


class LedgerDesk:
    """Changes ledgers under the site's rules; each change is audited with what it changed."""

    def __init__(self, database: Database, audit: AuditLog, clock: Clock, settings: LedgerSettings) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self.settings = settings

    async def change(self, camera_id: str, body: LedgerIn, actor: Actor) -> LedgerRecord:
        """Replaces the whole ledger.

        Raises:
            NotFound: no such camera.
            InvalidRequest: a field is unknown, or a value is none of its field.
            LedgerVersionStale: somebody else has changed it meanwhile.
            PlaceProhibited: no camera may be in such a place.
            SignMissing: the camera is in service, and the site wants its sign recorded.

        """
        values = checked(body.values)
        async with self._database.write() as transaction:
            current = await store.find_ledger(transaction.connection, camera_id)
            if current.version != body.base_version:
                raise LedgerVersionStale(f"the ledger is at version {current.version}")
            return await self._write(transaction, camera_id, values, AuditKind.LEDGER_CHANGE, actor)

    async def record_sign(self, camera_id: str, sign: SignIn, actor: Actor) -> LedgerRecord:
        """Records the sign; all else stays as it is.

        Raises:
            NotFound: no such camera.
            InvalidRequest: not a date.

        """
        given = checked({"sign_on": sign.placed_on, "sign_place": sign.place})
        async with self._database.write() as transaction:
            current = await store.find_ledger(transaction.connection, camera_id)
            values = {**current.values, **given}
            return await self._write(transaction, camera_id, values, AuditKind.LEDGER_SIGN, actor)

    async def prohibit(self, body: ProhibitedIn, actor: Actor) -> ProhibitedPlaces:
        """Sets which kinds of place the site prohibits beside those of the law.

        Raises:
            InvalidRequest: not a kind of place.

        """
        kinds = added_kinds(body)
        async with self._database.write() as transaction:
            before = await store.list_prohibited(transaction.connection)
            await store.replace_prohibited(transaction, kinds)
            detail = {"kinds": [sorted(before), sorted(kinds)]}
            await self._audit.record(transaction, AuditEntry(AuditKind.PLACES_CHANGE, actor, detail=detail))
        return ProhibitedPlaces.of(kinds)

    async def check_service(self, connection: Connection, camera: CameraRecord) -> None:
        """Before a camera goes into service.

        Raises:
            PlaceProhibited: it is in a place that was prohibited since.
            SignMissing: the site wants its sign recorded.

        """
        ledger = await store.find_ledger(connection, camera.id)
        check_place(ledger.values, await store.list_prohibited(connection))
        if self.settings.sign_required:
            check_sign(ledger.values)

    async def record(
        self, transaction: Transaction, camera: CameraRecord, before: LedgerRecord, values: Values, actor: Actor
    ) -> LedgerRecord:
        """The next version of a ledger with its audit row; the caller saves it (`store.save_ledgers`)."""
        await self._audit.record(transaction, _entry(AuditKind.LEDGER_CHANGE, actor, camera, before.values, values))
        return self._next(before, values, actor)

    async def _write(
        self, transaction: Transaction, camera_id: str, values: Values, kind: AuditKind, actor: Actor
    ) -> LedgerRecord:
        camera = await existing_camera(transaction.connection, camera_id)
        before = await store.find_ledger(transaction.connection, camera_id)
        check_place(values, await store.list_prohibited(transaction.connection))
        if camera.enabled and self.settings.sign_required:
            check_sign(values)
        ledger = self._next(before, values, actor)
        await store.save_ledgers(transaction, {camera_id: ledger})
        await self._audit.record(transaction, _entry(kind, actor, camera, before.values, values))
        return ledger

    def _next(self, before: LedgerRecord, values: Values, actor: Actor) -> LedgerRecord:
        return replace(
            before,
            values=values,
            version=before.version + 1,
            updated_at=self._clock.now(),
            updated_by=actor.username,
        )


def _entry(kind: AuditKind, actor: Actor, camera: CameraRecord, before: Values, after: Values) -> AuditEntry:
    return AuditEntry(kind, actor, camera.place, camera.id, detail=_changes(before, after))


def _changes(before: Values, after: Values) -> Mapping[str, Any]:
    """What was changed; of a person's name or number only that it was."""
    everything = {**dict.fromkeys(before), **after}
    changes = difference(before, everything)
    return {name: "changed" if _is_personal(name) else change for name, change in changes.items()}


def _is_personal(name: str) -> bool:
    return name in FIELDS and FIELDS[name].group == "responsibility" and FIELDS[name].restricted
