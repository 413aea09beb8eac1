"""Imports of ledgers: read, planned, committed in the background, batch by batch."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from ingest.clock import Clock
from ingest.identifier import new_identifier
from vms_api.accounts.permission import Permission
from vms_api.areas.area import Area
from vms_api.audit.entry import Actor, AuditEntry, AuditKind
from vms_api.audit.log import AuditLog
from vms_api.cameras import store as camera_store
from vms_api.cameras.registry import CameraRegistry
from vms_api.cameras.store import CameraQuery
from vms_api.database import Database
from vms_api.errors import InvalidRequest, NotFound
from vms_api.ledger import store
from vms_api.ledger.area_finder import AreaFinder, AreaScope
from vms_api.ledger.csv_table import read_csv
from vms_api.ledger.desk import LedgerDesk
from vms_api.ledger.errors import ImportStateWrong, TooManyImports
from vms_api.ledger.field import COLUMNS
from vms_api.ledger.heading import Heading, find_heading
from vms_api.ledger.import_commit import ImportCommit
from vms_api.ledger.import_plan import ImportPlanner, Order, Surveyed, described
from vms_api.ledger.known_cameras import KnownCameras
from vms_api.ledger.ledger_import import ImporterRights, ImportState, MappingIn, OpenImport, usable
from vms_api.ledger.planned_row import PlannedRow
from vms_api.ledger.table import MAX_ROWS, Table, too_large, unreadable
from vms_api.ledger.xlsx_table import read_xlsx

log = structlog.get_logger()

MAX_OPEN = 8
"""Imports that are in memory at the same time; of one person only the latest that is not running."""
KEPT = timedelta(hours=1)
_ZIP, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class ImportFile:
    """A file as it came."""

    name: str
    data: bytes


class ImportDesk:
    """Keeps the open imports. Each belongs to who began it, and is there for nobody else."""

    def __init__(
        self, database: Database, registry: CameraRegistry, ledgers: LedgerDesk, audit: AuditLog, clock: Clock
    ) -> None:
        self._database = database
        self._registry = registry
        self._ledgers = ledgers
        self._audit = audit
        self._clock = clock
        self._open: dict[str, OpenImport] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def begin(self, file: ImportFile, access: ImporterRights, actor: Actor) -> OpenImport:
        """Reads a table and plans with the mapping that was used for such a table last, else by its titles.

        Raises:
            FileUnreadable, FileTooLarge, HeaderMissing: no table that can be imported.
            TooManyImports: others are open.

        """
        self._forget_old(actor)
        table, heading = await asyncio.to_thread(_read, file.data)
        async with self._database.read() as connection:
            remembered = await store.find_mapping(connection, heading.signature)
        self._forget_old(actor)
        mapping = usable(dict(remembered), heading) if remembered else heading.guessed()
        expires_at = self._clock.now() + KEPT
        opened = OpenImport(new_identifier(), file.name, table, heading, access, actor, expires_at, mapping)
        opened.is_remembered = remembered is not None
        self._open[opened.id] = opened
        try:
            opened.rows = await self._planned(opened)
        except BaseException:
            del self._open[opened.id]
            raise
        return opened

    def find(self, import_id: str, user_id: str) -> OpenImport:
        """The person's import.

        Raises:
            NotFound: there is none, or it is somebody else's, or an hour old.

        """
        opened = self._open.get(import_id)
        if opened is None or opened.actor.user_id != user_id:
            raise NotFound("no such import")
        return opened

    async def map(self, opened: OpenImport, body: MappingIn) -> None:
        """Plans with another mapping.

        Raises:
            ImportStateWrong: it is being committed, or was.
            InvalidRequest: no such column or field, or one field twice.

        """
        _require_planned(opened)
        _check_mapping(body.mapping, opened.heading)
        area = _area(opened.access, body.area_id)
        wanted = replace_mapping(opened, body.mapping, area)
        rows = await self._planned(wanted)
        _require_planned(opened)
        opened.mapping, opened.area, opened.rows = wanted.mapping, area, rows

    async def commit(self, opened: OpenImport) -> None:
        """Begins to write what was planned; returns at once. The mapping is remembered for tables with these titles.

        Raises:
            ImportStateWrong: it was begun before.

        """
        _require_planned(opened)
        opened.state = ImportState.RUNNING
        now, actor = self._clock.now(), opened.actor
        async with self._database.write() as transaction:
            signature = opened.heading.signature
            await store.save_mapping(transaction, signature, opened.mapping, now, actor.username)
            await self._audit.record(transaction, _entry(opened, state="begun"))
        task = asyncio.create_task(self._run(opened), name="ledger-import")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def cancel(self, opened: OpenImport) -> None:
        """Gives an import up: one that runs ends after its batch, and keeps what it has written."""
        opened.is_cancelled = True
        if opened.state is not ImportState.RUNNING:
            del self._open[opened.id]

    async def close(self) -> None:
        """Ends what runs, after its batch."""
        for opened in self._open.values():
            opened.is_cancelled = True
        for task in list(self._tasks):
            with suppress(asyncio.CancelledError):
                await task

    async def _run(self, opened: OpenImport) -> None:
        try:
            await ImportCommit(self._database, self._registry, self._ledgers, opened).run()
            opened.state = ImportState.CANCELLED if opened.is_cancelled else ImportState.DONE
        except Exception:  # nobody awaits this task: a full disk, say; what was committed stays
            log.exception("ledger.import_failed", import_id=opened.id, done=opened.done)
            opened.state = ImportState.FAILED
        opened.expires_at = self._clock.now() + KEPT
        await self._audit.record_alone(_entry(opened, state=opened.state.value))

    async def _planned(self, opened: OpenImport) -> list[PlannedRow]:
        surveyed = await self._surveyed(opened.access)
        planner = ImportPlanner(self._registry, surveyed, Order(opened.mapping, opened.area))
        return await asyncio.to_thread(planner.plan, opened.table, opened.heading)

    async def _surveyed(self, access: ImporterRights) -> Surveyed:
        rights = access.rights
        seen = frozenset(area.id for area in rights.tree if access.sees(area.id))
        managed = access.area_ids(Permission.CAMERA_MANAGE)
        async with self._database.read() as connection:
            cameras = await camera_store.list_cameras(connection, CameraQuery(seen))
            ledgers = await store.list_ledgers(connection, seen)
            prohibited = await store.list_prohibited(connection)
        known = await asyncio.to_thread(KnownCameras, cameras, ledgers)
        areas = AreaFinder(rights.tree, AreaScope(seen, managed))
        return Surveyed(known, areas, managed, prohibited, self._ledgers.settings.sign_required)

    def _forget_old(self, actor: Actor) -> None:
        """Makes room for the person's next one."""
        now = self._clock.now()
        for opened in list(self._open.values()):
            is_own = opened.actor.user_id == actor.user_id
            if opened.state is not ImportState.RUNNING and (is_own or opened.expires_at <= now):
                del self._open[opened.id]
        if len(self._open) >= MAX_OPEN:
            raise TooManyImports


def replace_mapping(opened: OpenImport, mapping: Mapping[str, str], area: Area | None) -> OpenImport:
    """The import with other columns, to be planned beside the present one."""
    return replace(opened, mapping=dict(mapping), area=area, rows=[])


def _read(data: bytes) -> tuple[Table, Heading]:
    if data.startswith(_OLD_OFFICE):
        raise unreadable("xls-old", "an .xls file, or one with a password: save it as .xlsx without one")
    if not data.strip():
        raise unreadable("file-empty", "nothing is in it")
    table = read_xlsx(data) if data.startswith(_ZIP) else read_csv(data)
    heading = find_heading(table.rows)
    if len(table.rows) - heading.row - 1 > MAX_ROWS:
        raise too_large("too-many-rows", f"an import takes at most {MAX_ROWS} rows")
    return table, heading


def _check_mapping(mapping: Mapping[str, str], heading: Heading) -> None:
    if not set(mapping) <= set(heading.columns) - set(heading.not_kept):
        raise InvalidRequest.field("mapping", "column-unknown", "no such column, or one that is not kept")
    if not set(mapping.values()) <= set(COLUMNS):
        raise InvalidRequest.field("mapping", "field-unknown", "no such field")
    if len(set(mapping.values())) < len(mapping):
        raise InvalidRequest.field("mapping", "field-twice", "two columns are the same field")


def _area(access: ImporterRights, area_id: str | None) -> Area | None:
    if area_id is None:
        return None
    access.require(Permission.CAMERA_MANAGE, area_id)
    return access.rights.tree.find(area_id)


def _require_planned(opened: OpenImport) -> None:
    if opened.state is not ImportState.PLANNED:
        raise ImportStateWrong(f"the import is {opened.state}")


def _entry(opened: OpenImport, state: str) -> AuditEntry:
    detail = {"file": opened.file_name, "state": state, "rows": described(opened.rows), "done": opened.done}
    return AuditEntry(AuditKind.LEDGER_IMPORT, opened.actor, subject=opened.id, detail=detail)


def page(rows: Sequence[PlannedRow], action: str | None, after: int, limit: int) -> tuple[list[PlannedRow], int | None]:
    """At most `limit` rows of an action behind a row number, and the number of the last when there are more."""
    found = [row for row in rows if row.row > after and (action is None or _has(row, action))]
    return found[:limit], found[limit - 1].row if len(found) > limit else None


def _has(row: PlannedRow, action: str) -> bool:
    return row.result == "failed" if action == "failed" else row.action == action
