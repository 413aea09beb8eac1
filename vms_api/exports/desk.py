"""Asking for exports, deciding about them and handing them out, each act with its audit rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ingest.clock import Clock
from ingest.identifier import new_identifier
from ingest.transitions import IllegalTransition
from vms_api.accounts.account import User
from vms_api.accounts.one_time import OneTimeTokens
from vms_api.audit.entry import SYSTEM, Actor, AuditEntry, AuditKind, Outcome, Place, StatedPurpose
from vms_api.audit.log import AuditLog
from vms_api.cameras.errors import SecondPersonRequired
from vms_api.database import Connection, Database
from vms_api.errors import NotFound
from vms_api.exports import store
from vms_api.exports.errors import ExportStateWrong, ExportTicketWrong, ExportTooLong
from vms_api.exports.export import KEPT_FOR, Export, ExportIn, ExportPurpose
from vms_api.exports.lifecycle import TRANSITIONS, ExportAct, ExportState
from vms_api.exports.store import ExportRow

TICKET_S = 60.0

_KINDS = {
    ExportAct.APPROVE: AuditKind.EXPORT_APPROVE,
    ExportAct.REJECT: AuditKind.EXPORT_REJECT,
    ExportAct.FINISH: AuditKind.EXPORT_BUILD,
    ExportAct.FAIL: AuditKind.EXPORT_BUILD,
    ExportAct.EXPIRE: AuditKind.EXPORT_EXPIRE,
}
"""Acts that leave audit rows with the change of state; a download leaves them when it begins."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for, as the routes have looked it up: the places of its cameras, and the purpose."""

    body: ExportIn
    places: Sequence[Place]
    purpose: StatedPurpose | None


class ExportDesk:
    """Keeps the exports. Whether somebody may ask or decide at all is the routes' business."""

    def __init__(self, database: Database, audit: AuditLog, clock: Clock, max_hours: float) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._max_hours = max_hours
        self._tickets: OneTimeTokens[tuple[str, str]] = OneTimeTokens(clock, TICKET_S)

    def check_length(self, body: ExportIn) -> None:
        """Refuses ten years at once, before anything is looked up.

        Raises:
            ExportTooLong: with the site's limit.

        """
        if body.end - body.start > timedelta(hours=self._max_hours):
            raise ExportTooLong(self._max_hours)

    def draft(self, request: Request, user: User) -> ExportRow:
        """The export that would be asked for."""
        body, purpose, now = request.body, request.purpose, self._clock.now()
        export = Export(
            **body.model_dump(),
            id=new_identifier(),
            purpose=ExportPurpose(id=purpose.id, key=purpose.key, reference=purpose.reference) if purpose else None,
            state=ExportState.REQUESTED,
            missing=[],
            requested_by=user.username,
            requested_at=now,
            expires_at=now + KEPT_FOR,
        )
        return ExportRow(export, user.id, None, [place.area_id or "" for place in request.places])

    async def ask(self, row: ExportRow, actor: Actor) -> Export:
        """A new request, that waits for a second person."""
        async with self._database.write() as transaction:
            await store.insert_export(transaction, row)
            for entry in _entries(AuditKind.EXPORT, actor, row):
                await self._audit.record(transaction, entry)
        return row.export

    async def decide(self, export_id: str, act: ExportAct, user: User, actor: Actor) -> Export:
        """Approves or rejects.

        Raises:
            NotFound: no such export.
            SecondPersonRequired: it is the person's own.
            ExportStateWrong: it was decided before, or waited too long.

        """
        row = await self.find(export_id)
        if row.requested_by_id == user.id:
            raise SecondPersonRequired
        if row.export.expires_at <= self._clock.now():
            raise ExportStateWrong
        decision = {"decided_by": user.username, "decided_at": self._clock.now()}
        return await self.move(export_id, act, actor, decided_by_id=user.id, **decision)

    async def move(self, export_id: str, act: ExportAct, actor: Actor = SYSTEM, **changes: Any) -> Export:
        """Takes an export one step on, with its audit rows.

        Raises:
            NotFound: no such export.
            ExportStateWrong: not from where it stands.

        """
        async with self._database.write() as transaction:
            row = await _existing(transaction.connection, export_id)
            decided_by_id = changes.pop("decided_by_id", row.decided_by_id)
            try:
                state = TRANSITIONS.after(row.export.state, act)
            except IllegalTransition as error:
                raise ExportStateWrong(str(error)) from error
            moved = row.export.model_copy(update={"state": state, **changes})
            await store.update_export(transaction, moved, decided_by_id)
            if kind := _KINDS.get(act):
                for entry in _entries(kind, actor, ExportRow(moved, row.requested_by_id, decided_by_id, row.area_ids)):
                    await self._audit.record(transaction, entry)
        return moved

    async def find(self, export_id: str) -> ExportRow:
        """The export.

        Raises:
            NotFound: no such export.

        """
        async with self._database.read() as connection:
            return await _existing(connection, export_id)

    def issue_ticket(self, row: ExportRow, user: User) -> str:
        """A ticket for one download, by the person who asked.

        Raises:
            ExportStateWrong: it is not ready, or was downloaded.

        """
        if row.export.state is not ExportState.READY:
            raise ExportStateWrong
        return self._tickets.issue((row.export.id, user.id))

    async def hand_out(self, row: ExportRow, ticket: str, user: User, actor: Actor) -> None:
        """Takes the ticket, and records the download before its first byte.

        Raises:
            ExportTicketWrong: it was used, is over, or is for something or somebody else.
            ExportStateWrong: the package is not there any more.

        """
        if self._tickets.redeem(ticket) != (row.export.id, user.id):
            raise ExportTicketWrong
        if row.export.state is not ExportState.READY:
            raise ExportStateWrong
        async with self._database.write() as transaction:
            for entry in _entries(AuditKind.EXPORT_DOWNLOAD, actor, row):
                await self._audit.record(transaction, entry)

    async def downloaded(self, export_id: str) -> None:
        """The last byte was sent."""
        await self.move(export_id, ExportAct.DOWNLOAD, downloaded_at=self._clock.now())


def places_of(row: ExportRow) -> Sequence[Place]:
    """Where the cameras were when the export was asked for."""
    return [Place(area, camera) for area, camera in zip(row.area_ids, row.export.camera_ids, strict=True)]


def _entries(kind: AuditKind, actor: Actor, row: ExportRow) -> Sequence[AuditEntry]:
    """One row for each camera: who looks for what was done with a camera finds it."""
    export = row.export
    detail: dict[str, Any] = {"from": export.start.isoformat(), "to": export.end.isoformat()}
    detail |= {"requested_by": export.requested_by, "missing_spans": len(export.missing)}
    detail |= {"failure": export.failure} if export.failure else {}
    outcome = Outcome.FAILED if export.failure else Outcome.DONE
    stated = export.purpose
    purpose = StatedPurpose(stated.id, stated.key, stated.reference) if stated else None
    return [AuditEntry(kind, actor, place, export.id, purpose, detail, outcome) for place in places_of(row)]


async def _existing(connection: Connection, export_id: str) -> ExportRow:
    found = await store.find_export(connection, export_id)
    if found is None:
        raise NotFound("no such export")
    return found
