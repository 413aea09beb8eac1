"""The commit of an import: bounded batches, one transaction each, so that others write in between."""

import itertools
from collections.abc import Mapping, Sequence

from vms_api.accounts.permission import Permission
from vms_api.cameras import store as camera_store
from vms_api.cameras.camera import CameraIn, CameraRecord
from vms_api.cameras.registry import CameraChange, CameraRegistry
from vms_api.database import Connection, Database, RowRefused
from vms_api.errors import InvalidRequest, NameTaken, Problem
from vms_api.ledger import store
from vms_api.ledger.desk import LedgerDesk
from vms_api.ledger.errors import PlaceProhibited, SignMissing
from vms_api.ledger.ledger import NO_LEDGER, CellFault, LedgerRecord
from vms_api.ledger.ledger_import import OpenImport
from vms_api.ledger.places import check_place, check_sign
from vms_api.ledger.planned_row import PlannedRow

BATCH_ROWS = 200
TOLD_BATCHES = 10
"""The node is sent everything each time: after every batch that would be most of the work."""


class _RowRefused(Exception):
    """A row that cannot be written any more: something was changed since it was planned."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(code)
        self.fault = CellFault(field, code)


class ImportCommit:
    """Writes the planned rows of one import."""

    def __init__(self, database: Database, registry: CameraRegistry, ledgers: LedgerDesk, opened: OpenImport) -> None:
        self._database = database
        self._registry = registry
        self._ledgers = ledgers
        self._opened = opened

    async def run(self) -> None:
        """Until all is written, or the import is cancelled."""
        work = iter(self._opened.work)
        try:
            for number in itertools.count(1):
                batch = list(itertools.islice(work, BATCH_ROWS))
                if not batch or self._opened.is_cancelled:
                    return
                await self._write(batch)
                self._opened.done += len(batch)
                if number % TOLD_BATCHES == 0:
                    self._registry.tell()
        finally:
            self._registry.tell()

    async def _write(self, batch: Sequence[PlannedRow]) -> None:
        """A batch; where a row makes the database refuse the whole, each row by itself."""
        try:
            refused = await self._write_together(batch)
        except (RowRefused, NameTaken):
            if len(batch) == 1:
                refused = {batch[0].row: CellFault("name", "name-taken")}
            else:
                for row in batch:
                    await self._write([row])
                return
        for row in batch:
            fault = refused.get(row.row)
            row.result = "failed" if fault else "done"
            if fault:
                row.faults = [fault]

    async def _write_together(self, batch: Sequence[PlannedRow]) -> dict[int, CellFault]:
        refused: dict[int, CellFault] = {}
        made: dict[int, str] = {}
        async with self._database.write() as transaction:
            current = await _current(transaction.connection, batch)
            ledgers = await store.list_ledgers(transaction.connection, camera_ids=current.keys())
            prohibited = await store.list_prohibited(transaction.connection)
            written: dict[str, LedgerRecord] = {}
            changes: list[CameraChange] = []
            for row in batch:
                try:
                    camera, before = self._draft(row, current, ledgers, prohibited)
                except _RowRefused as refusal:
                    refused[row.row] = refusal.fault
                    continue
                if _is_changed(current.get(camera.id), camera):
                    changes.append((current.get(camera.id), camera))
                ledger = {**before.values, **row.ledger}
                if ledger != before.values:
                    actor = self._opened.actor
                    written[camera.id] = await self._ledgers.record(transaction, camera, before, ledger, actor)
                made[row.row] = camera.id
            if changes:
                await self._registry.write(transaction, changes, self._opened.actor)
            if written:
                await store.save_ledgers(transaction, written)
            if made:
                await camera_store.bump_version(transaction)
        for row in batch:
            row.camera_id = made.get(row.row, row.camera_id)
        return refused

    def _draft(
        self,
        row: PlannedRow,
        current: dict[str, CameraRecord],
        ledgers: Mapping[str, LedgerRecord],
        prohibited: frozenset[str],
    ) -> tuple[CameraRecord, LedgerRecord]:
        """The camera as it will be, with the ledger that it has; under the rules and rights of this moment."""
        before = ledgers.get(row.camera_id or "", NO_LEDGER)
        try:
            if row.camera_id is None:
                self._require(row.area_id or "")
                camera = self._registry.drafted(CameraIn(**{"address": None, **row.given}), row.area_id or "")
            elif row.camera_id not in current:
                raise _RowRefused("name", "camera-gone")
            else:
                there = current[row.camera_id]
                camera = self._registry.redrafted(there, row.given)
                self._require(there.area_id)
                self._require(camera.area_id)
            values = {**before.values, **row.ledger}
            check_place(values, prohibited)
            is_new_to_service = camera.enabled and not (row.camera_id and current[row.camera_id].enabled)
            if is_new_to_service and self._ledgers.settings.sign_required:
                check_sign(values)
        except (InvalidRequest, PlaceProhibited, SignMissing) as problem:
            raise _RowRefused(*_place_of(problem)) from None
        return camera, before

    def _require(self, area_id: str) -> None:
        if not self._opened.access.allows(Permission.CAMERA_MANAGE, area_id):
            raise _RowRefused("area", "area-not-managed")


def _is_changed(before: CameraRecord | None, camera: CameraRecord) -> bool:
    return before is None or camera.facts() != before.facts() or camera.sealed_password != before.sealed_password


async def _current(connection: Connection, batch: Sequence[PlannedRow]) -> dict[str, CameraRecord]:
    wanted = [row.camera_id for row in batch if row.camera_id]
    return {camera.id: camera for camera in await camera_store.list_by_id(connection, wanted)} if wanted else {}


def _place_of(problem: Problem) -> tuple[str, str]:
    if problem.errors:
        return problem.errors[0].field, problem.errors[0].code
    return "in_service", problem.code
