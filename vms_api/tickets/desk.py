"""Where faults come in, one ticket for each, and where their repair is written down."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from ingest.clock import Clock
from ingest.identifier import new_identifier
from ingest.transitions import IllegalTransition
from vms_api.accounts.permission import Permission
from vms_api.accounts.rights_board import RightsBoard
from vms_api.alerts.attachment import ATTACH, Attachment
from vms_api.alerts.desk import Handler
from vms_api.audit.entry import Actor, AuditEntry, AuditKind, Place
from vms_api.audit.log import AuditLog
from vms_api.cameras import store as camera_store
from vms_api.database import Connection, Database, Transaction
from vms_api.errors import NotFound
from vms_api.events import EventLog
from vms_api.tickets import maintenance_store, store
from vms_api.tickets.cause import BY_HAND, Cause, worse
from vms_api.tickets.errors import (
    TicketAssigneeWrong,
    TicketDuplicateWrong,
    TicketMovedOn,
    TicketNoteMissing,
)
from vms_api.tickets.handling import (
    TicketActIn,
    TicketAssignIn,
    TicketCloseIn,
    TicketDueIn,
    TicketFixIn,
    TicketIn,
    TicketPauseIn,
    ahead,
    instant_text,
)
from vms_api.tickets.lifecycle import TRANSITIONS, TicketAct, TicketState
from vms_api.tickets.maintenance import covers
from vms_api.tickets.settings import TicketSettings
from vms_api.tickets.ticket import Fault, Finding, Pause, Subject, Ticket, TicketDetail, TicketEntry
from vms_api.tickets.times import due_after, hours_of

CHANGED = "ticket.changed"
"""The event: the ticket as it is now, and `act`, the step that made it so."""

FOUND, JOIN, AGAIN, CLEAR, MOVE, NOTE = "found", "join", "found-again", "clear", "move", "note"
"""What is no act of the table: how it began, the same found again, the fault back or gone, its camera moved, a note."""

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class TicketGround(NamedTuple):
    """What the desk stands on."""

    database: Database
    events: EventLog
    audit: AuditLog
    rights: RightsBoard
    clock: Clock
    settings: TicketSettings


class TicketDesk:
    """Takes findings in and changes tickets by the acts of people and of the system."""

    def __init__(self, ground: TicketGround) -> None:
        self._database = ground.database
        self._events = ground.events
        self._audit = ground.audit
        self._rights = ground.rights
        self._clock = ground.clock
        self._settings = ground.settings

    async def found(self, transaction: Transaction, finding: Finding) -> str | None:
        """A camera has a fault: opens its ticket, joins the open one, or opens again what was closed a short while ago.

        The id of the ticket; None when the camera was removed meanwhile.
        """
        camera = await camera_store.find_camera(transaction.connection, finding.camera_id)
        if camera is None:
            return None
        fault = Fault(
            Subject.of_camera(camera.id, camera.name, camera.area_id),
            finding.cause,
            finding.at,
            finding.severity,
            finding.facts,
            finding.evidence,
            finding.source,
        )
        return (await self.take(transaction, fault)).id

    async def cleared(
        self, transaction: Transaction, camera_id: str, cause: Cause, at: datetime, evidence: str | None = None
    ) -> None:
        """The camera's fault is gone: closes a fixed ticket, of another one it is written down. Nothing without one."""
        await self.gone(transaction, f"camera:{camera_id}", cause, at, evidence)

    async def take(self, transaction: Transaction, fault: Fault) -> Ticket:
        """The ticket of a fault, whatever it is about."""
        connection = transaction.connection
        current = await store.find_open(connection, fault.subject.key, fault.cause)
        if current is None:
            latest = await store.find_latest(connection, fault.subject.key, fault.cause)
            if latest is not None and (original := await self._original(connection, latest)):
                return original
            if latest is not None and self._is_recent(latest, fault.at, self._settings.reopen_hours):
                return await self._back(transaction, latest, fault, due_at=await self._due(connection, fault))
            opened = await self._open(transaction, fault, latest)
            if opened is not None:
                return opened
            current = await store.find_open(connection, fault.subject.key, fault.cause)
            if current is None:
                raise RuntimeError("the table of tickets took no new one and has no open one")
        if current.cleared_at is not None or (current.fixed_at is not None and fault.at > current.fixed_at):
            return await self._back(transaction, current, fault)
        return await self._join(transaction, current, fault)

    async def gone(
        self, transaction: Transaction, subject: str, cause: Cause, at: datetime, evidence: str | None = None
    ) -> None:
        """The fault of a subject is gone. Raises nothing where it has no ticket, or is known to be gone."""
        ticket = await store.find_open(transaction.connection, subject, cause)
        if ticket is None or ticket.cleared_at is not None:
            return
        ticket = ticket.model_copy(update={"cleared_at": at, "proof": evidence})
        if ticket.state is TicketState.FIXED:
            await self.settle(transaction, ticket, TicketAct.CONFIRM)
            return
        detail = {"evidence": evidence} if evidence else {}
        await self._write(transaction, ticket, TicketEntry(at=at, act=CLEAR, state=ticket.state, detail=detail))

    async def settle(
        self, transaction: Transaction, ticket: Ticket, act: TicketAct, detail: Mapping[str, Any] = _NOTHING
    ) -> Ticket:
        """What the system itself does: a fixed ticket is confirmed or sent back, a forgotten one closed."""
        now = self._clock.now()
        state = TRANSITIONS.after(ticket.state, act)
        closing = {"closed_at": now} if state is TicketState.CLOSED else {"fixed_at": None, "closed_at": None}
        ticket = ticket.model_copy(update={**ticket.resumed(now), "state": state, **closing})
        await self._write(transaction, ticket, TicketEntry(at=now, act=act, state=state, detail=dict(detail)))
        return ticket

    async def follow(self, transaction: Transaction, ticket: Ticket, area_id: str) -> Ticket:
        """The ticket goes with its camera, which was moved to another area; whoever has it and its time stay."""
        moved = ticket.model_copy(update={"area_id": area_id})
        entry = TicketEntry(at=self._clock.now(), act=MOVE, state=ticket.state, detail={"area_id": area_id})
        await self._write(transaction, moved, entry)
        return moved

    async def open_by_hand(self, body: TicketIn, by: Handler) -> TicketDetail:
        """A fault that somebody has noticed; one that is open for the camera already is joined.

        Raises:
            NotFound: no such camera, or not one that the person sees.
            NotAllowed: the person may not handle tickets there.

        """
        async with self._database.write() as transaction:
            camera = await camera_store.find_camera(transaction.connection, body.camera_id)
            if camera is None:
                raise NotFound("no such camera")
            by.access.require(Permission.TICKET_HANDLE, camera.area_id)
            subject = Subject.of_camera(camera.id, camera.name, camera.area_id)
            fault = Fault(subject, Cause.OTHER, self._clock.now(), body.severity)
            ticket = await self.take(transaction, fault)
            entry = self._entry(ticket, NOTE, by.actor, body.note)
            await self._write(transaction, ticket, entry)
            await self._record(transaction, ticket, AuditKind.TICKET_OPEN, by.actor, {})
            return await self._detail(transaction.connection, ticket)

    async def read(self, ticket_id: str, by: Handler) -> TicketDetail:
        """A ticket with its history.

        Raises:
            NotFound: no such ticket, or not one that the person sees.

        """
        async with self._database.read() as connection:
            return await self._detail(connection, await self._found(connection, ticket_id, by, Permission.TICKET_VIEW))

    async def act(self, ticket_id: str, act: TicketAct, body: TicketActIn, by: Handler) -> TicketDetail:
        """Brings the ticket a step further: state, history, event and audit row in one transaction.

        Raises:
            NotFound: no such ticket, or not one that the person sees.
            NotAllowed: the person may not handle tickets there.
            TicketMovedOn: somebody was faster, or the table has no such step.
            TicketAssigneeWrong, TicketDuplicateWrong, TicketNoteMissing, TicketTimeWrong: as their classes say.

        """
        async with self._database.write() as transaction:
            ticket = await self._found(transaction.connection, ticket_id, by, Permission.TICKET_HANDLE)
            if act is TicketAct.REOPEN and (ticket.assignee_id or ticket.contractor):
                act = TicketAct.SEND_BACK
            try:
                state = TRANSITIONS.after(ticket.state, act)
            except IllegalTransition as error:
                raise TicketMovedOn(str(error)) from None
            changes, told = await self._changes(transaction.connection, ticket, act, body, by)
            ended = {} if act is TicketAct.PAUSE else ticket.resumed(self._clock.now())
            ticket = ticket.model_copy(update={**ended, **changes, "state": state})
            await self._write(transaction, ticket, self._entry(ticket, act, by.actor, body.note, told))
            if ticket.duplicate_of is not None:
                await store.pass_on_duplicates(transaction, ticket.id, ticket.duplicate_of)
            kind = AuditKind.TICKET_REOPEN if act is TicketAct.SEND_BACK else AuditKind(f"ticket.{act}")
            await self._record(transaction, ticket, kind, by.actor, told)
            if act is TicketAct.FIX and ticket.cleared_at is not None:
                ticket = await self.settle(transaction, ticket, TicketAct.CONFIRM)
            return await self._detail(transaction.connection, ticket)

    async def note(self, ticket_id: str, text: str, by: Handler) -> TicketDetail:
        """Writes something down with the ticket, whatever its state. Raises NotFound and NotAllowed as `act`."""
        async with self._database.write() as transaction:
            ticket = await self._found(transaction.connection, ticket_id, by, Permission.TICKET_HANDLE)
            await self._write(transaction, ticket, self._entry(ticket, NOTE, by.actor, text))
            await self._record(transaction, ticket, AuditKind.TICKET_NOTE, by.actor, {})
            return await self._detail(transaction.connection, ticket)

    async def attached(self, transaction: Transaction, attachment: Attachment, by: Handler) -> None:
        """Writes down that a file was put to its ticket. Raises NotFound and NotAllowed as `act`."""
        ticket_id = attachment.ticket_id or ""
        ticket = await self._found(transaction.connection, ticket_id, by, Permission.TICKET_HANDLE)
        detail = {"attachment_id": attachment.id, "name": attachment.name}
        await self._write(transaction, ticket, self._entry(ticket, ATTACH, by.actor, "", detail))

    def handlers(self, area_id: str) -> Mapping[str, str]:
        """The people to whom tickets of the area can be given, the nearest first: user names by their ids."""
        names = self._rights.index.usernames
        holders = self._rights.index.holders(Permission.TICKET_HANDLE, area_id)
        return {holding.user_id: names[holding.user_id] for holding in holders}

    async def _changes(
        self, connection: Connection, ticket: Ticket, act: TicketAct, body: TicketActIn, by: Handler
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """What the act changes beside the state, and what the history says of it."""
        now, changes, told = self._clock.now(), dict[str, Any](), dict[str, Any]()
        match act, body:
            case TicketAct.ASSIGN, TicketAssignIn():
                changes, told = self._assigned(ticket, body, now)
            case TicketAct.START, _ if ticket.assignee_id is None and ticket.contractor is None:
                changes = {"assignee_id": by.actor.user_id, "assignee": by.actor.username}
            case TicketAct.DUE, TicketDueIn(due_at=due_at):
                changes["due_at"] = due = ahead(due_at, now, "due_at")
                told["due_at"] = instant_text(due)
            case TicketAct.PAUSE, TicketPauseIn(reason=reason, until=until):
                ends = None if until is None else ahead(until, now, "until")
                changes["pause"] = pause = Pause(reason=reason, note=body.note, since=now, until=ends)
                told = pause.model_dump(mode="json", include={"reason", "until"}, exclude_none=True)
            case TicketAct.FIX, TicketFixIn(parts=parts):
                changes = {"fixed_at": now, "parts": [*ticket.parts, *parts]}
                told = {"parts": parts} if parts else {}
            case TicketAct.CLOSE, TicketCloseIn(duplicate_of=str(original_id)):
                original = await self._other(connection, ticket, original_id, by)
                changes = {"closed_at": now, "duplicate_of": original_id}
                told = {"duplicate_of": original_id, "number_of": original.number}
            case TicketAct.CLOSE, _:
                _check_closing(ticket, body)
                changes["closed_at"] = now
            case ((TicketAct.REOPEN | TicketAct.SEND_BACK), _):
                changes = {"fixed_at": None, "closed_at": None, "cleared_at": None, "proof": None, "duplicate_of": None}
                if ticket.closed_at:
                    changes["due_at"] = await self._due_again(connection, ticket, now)
        return changes, told

    def _assigned(self, ticket: Ticket, body: TicketAssignIn, now: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
        if (body.user_id is None) == (body.contractor is None):
            raise TicketAssigneeWrong
        people = self.handlers(ticket.area_id)
        if body.user_id is not None and body.user_id not in people:
            raise TicketAssigneeWrong
        name = people.get(body.user_id or "")
        given = {"assignee_id": body.user_id, "assignee": name, "contractor": body.contractor}
        told: dict[str, Any] = {"to": body.contractor.name if body.contractor else name}
        if body.due_at is None:
            return given, told
        due_at = ahead(body.due_at, now, "due_at")
        return given | {"due_at": due_at}, told | {"due_at": instant_text(due_at)}

    async def _other(self, connection: Connection, ticket: Ticket, original_id: str, by: Handler) -> Ticket:
        """The open ticket as whose duplicate this one is closed."""
        original = await store.find_ticket(connection, original_id)
        if original is None or original.id == ticket.id or original.state is TicketState.CLOSED:
            raise TicketDuplicateWrong
        if not by.access.allows(Permission.TICKET_VIEW, original.area_id):
            raise TicketDuplicateWrong
        return original

    async def _original(self, connection: Connection, latest: Ticket) -> Ticket | None:
        """The open ticket that stands for what was closed as its duplicate."""
        original = await store.find_ticket(connection, latest.duplicate_of) if latest.duplicate_of else None
        return original if original is not None and original.state is not TicketState.CLOSED else None

    async def _open(self, transaction: Transaction, fault: Fault, latest: Ticket | None) -> Ticket | None:
        is_repeat = latest is not None and self._is_recent(latest, fault.at, self._settings.repeat_days * 24)
        ticket = Ticket(
            id=new_identifier(),
            number=0,
            subject=fault.subject.key,
            camera_id=fault.subject.camera_id,
            camera_name=fault.subject.name,
            camera_count=len(fault.subject.camera_ids),
            area_id=fault.subject.area_id,
            cause=fault.cause,
            severity=fault.severity,
            opened_at=fault.at,
            found_at=fault.at,
            due_at=await self._due(transaction.connection, fault),
            repeats=latest.repeats + 1 if latest is not None and is_repeat else 0,
            repeated=is_repeat,
            evidence=fault.evidence,
            source=fault.source,
            facts=dict(fault.facts),
        )
        opened = await store.insert_ticket(transaction, ticket, fault.subject.camera_ids)
        if opened is not None:
            await self._write(transaction, opened, _of(fault, FOUND, opened.state))
        return opened

    async def _join(self, transaction: Transaction, ticket: Ticket, fault: Fault) -> Ticket:
        """Another finding of what is known: what is new of it is taken over, and told if it is worth it."""
        changed = await self._taken_over(transaction, ticket, fault)
        is_news = changed.evidence != ticket.evidence or changed.severity != ticket.severity or fault.source is not None
        if is_news or changed.camera_count != ticket.camera_count:
            await self._write(transaction, changed, _of(fault, JOIN, changed.state))
        else:
            await store.update_ticket(transaction, changed.at(self._clock.now()))
        return changed

    async def _back(
        self, transaction: Transaction, ticket: Ticket, fault: Fault, due_at: datetime | None = None
    ) -> Ticket:
        """The fault is there again, or still."""
        has_somebody = ticket.assignee_id is not None or ticket.contractor is not None
        state = ticket.state
        if state in {TicketState.FIXED, TicketState.CLOSED}:
            state = TRANSITIONS.after(state, TicketAct.SEND_BACK if has_somebody else TicketAct.REOPEN)
        back = {"cleared_at": None, "fixed_at": None, "closed_at": None, "proof": None, "duplicate_of": None}
        counted = {"state": state, "repeats": ticket.repeats + 1, "repeated": True, "due_at": due_at or ticket.due_at}
        taken = await self._taken_over(transaction, ticket, fault)
        changed = taken.model_copy(update=back | counted)
        await self._write(transaction, changed, _of(fault, AGAIN, state))
        return changed

    async def _taken_over(self, transaction: Transaction, ticket: Ticket, fault: Fault) -> Ticket:
        await store.put_cameras(transaction, ticket.id, fault.subject.camera_ids)
        camera_ids = await store.cameras_of(transaction.connection, ticket.id)
        return ticket.model_copy(
            update={
                "found_at": fault.at,
                "camera_count": len(camera_ids),
                "area_id": fault.subject.area_id,
                "camera_name": fault.subject.name,
                "severity": worse(ticket.severity, fault.severity),
                "facts": {**ticket.facts, **fault.facts},
                "evidence": fault.evidence or ticket.evidence,
                "source": fault.source or ticket.source,
            }
        )

    async def _due(self, connection: Connection, fault: Fault) -> datetime:
        """What is found in the midst of maintenance has its time from the end of it."""
        lineage, camera_id = self._lineage(fault.subject.area_id), fault.subject.camera_id or ""
        windows = await maintenance_store.approved_windows(connection, fault.at, fault.at)
        window = covers(windows, camera_id, lineage, fault.at)
        times = await maintenance_store.read_times(connection)
        hours = hours_of(times, lineage, fault.severity, self._settings)
        return due_after(window.ends_at if window else fault.at, hours)

    async def _due_again(self, connection: Connection, ticket: Ticket, now: datetime) -> datetime:
        times = await maintenance_store.read_times(connection)
        return due_after(now, hours_of(times, self._lineage(ticket.area_id), ticket.severity, self._settings))

    def _lineage(self, area_id: str) -> list[str]:
        area = self._rights.index.tree.find(area_id)
        return list(area.lineage) if area else []

    def _is_recent(self, ticket: Ticket, at: datetime, hours: float) -> bool:
        return ticket.closed_at is not None and at - ticket.closed_at < timedelta(hours=hours)

    async def _found(self, connection: Connection, ticket_id: str, by: Handler, permission: Permission) -> Ticket:
        ticket = await store.find_ticket(connection, ticket_id)
        if ticket is None:
            raise NotFound("no such ticket")
        by.access.require(Permission.TICKET_VIEW, ticket.area_id)
        by.access.require(permission, ticket.area_id)
        return ticket

    async def _detail(self, connection: Connection, ticket: Ticket) -> TicketDetail:
        history = await store.list_history(connection, ticket.id)
        camera_ids = await store.cameras_of(connection, ticket.id)
        shown = ticket.at(self._clock.now())
        return TicketDetail(**dict(shown), history=history, camera_ids=camera_ids)

    def _entry(
        self, ticket: Ticket, act: str, actor: Actor, note: str, detail: Mapping[str, Any] = _NOTHING
    ) -> TicketEntry:
        return TicketEntry(
            at=self._clock.now(),
            act=act,
            state=ticket.state,
            user_id=actor.user_id,
            username=actor.username,
            note=note,
            detail=dict(detail),
        )

    async def _write(self, transaction: Transaction, ticket: Ticket, entry: TicketEntry) -> None:
        """Row, history and event."""
        shown = ticket.at(self._clock.now())
        await store.update_ticket(transaction, shown)
        await store.add_history(transaction, ticket.id, entry)
        await self._events.record(
            transaction, CHANGED, shown.model_dump(mode="json") | {"act": entry.act}, ticket.area_id
        )

    async def _record(
        self, transaction: Transaction, ticket: Ticket, kind: AuditKind, actor: Actor, detail: Mapping[str, Any]
    ) -> None:
        place = Place(ticket.area_id, ticket.camera_id)
        told = {"number": ticket.number, "cause": ticket.cause, **detail}
        await self._audit.record(transaction, AuditEntry(kind, actor, place, ticket.id, detail=told))


def _of(fault: Fault, act: str, state: TicketState) -> TicketEntry:
    """What the history says of a finding."""
    maybe = {"evidence": fault.evidence, "source": fault.source}
    detail = {**fault.facts, **{name: value for name, value in maybe.items() if value is not None}}
    return TicketEntry(at=fault.at, act=act, state=state, detail=detail)


def _check_closing(ticket: Ticket, body: TicketActIn) -> None:
    """A fault that is not seen to be gone takes a reason, but for what only people can see, and reported as mended."""
    is_seen_by_people = ticket.cause in BY_HAND and ticket.state is TicketState.FIXED
    if ticket.cleared_at is None and not body.note and not is_seen_by_people:
        raise TicketNoteMissing
