"""Asking for, granting and using the right to see a camera without its masks."""

from dataclasses import dataclass
from datetime import timedelta

from ingest.clock import Clock
from ingest.identifier import new_identifier
from vms_api.accounts.account import User
from vms_api.audit.entry import Actor, AuditEntry, AuditKind, Place, StatedPurpose
from vms_api.audit.log import AuditLog
from vms_api.cameras import unmask_store
from vms_api.cameras.errors import RequestDecided, SecondPersonRequired, UnmaskGrantNeeded
from vms_api.cameras.unmask import UnmaskRequest, UnmaskRequestIn, UnmaskState
from vms_api.database import Connection, Database
from vms_api.errors import FieldError, NotFound
from vms_api.purposes.errors import PurposeUnknown
from vms_api.purposes.settings import PurposeSettings

_DECISIONS = {UnmaskState.APPROVED: AuditKind.UNMASK_APPROVE, UnmaskState.REJECTED: AuditKind.UNMASK_REJECT}


@dataclass(frozen=True, slots=True)
class UnmaskGrant:
    """What was approved, as far as it is not over."""

    purpose: StatedPurpose
    seconds_left: float


class UnmaskDesk:
    """Keeps the requests. Whether somebody may ask or decide at all is the routes' business."""

    def __init__(self, database: Database, audit: AuditLog, purposes: PurposeSettings, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._purposes = purposes
        self._clock = clock

    async def ask(self, place: Place, body: UnmaskRequestIn, user: User, actor: Actor) -> UnmaskRequest:
        """A new request about the camera of a place, that waits for a second person.

        Raises:
            PurposeUnknown: the purpose is not one of the site's list.

        """
        if body.purpose not in {choice.key for choice in self._purposes.choices}:
            raise PurposeUnknown(errors=[FieldError("purpose", PurposeUnknown.code, "not in the list of purposes")])
        request = UnmaskRequest(
            **body.model_dump(),
            id=new_identifier(),
            camera_id=place.camera_id or "",
            state=UnmaskState.PENDING,
            requested_by=user.username,
            requested_at=self._clock.now(),
        )
        async with self._database.write() as transaction:
            await unmask_store.insert_request(transaction, request, user.id)
            await self._audit.record(transaction, _entry(AuditKind.UNMASK_REQUEST, actor, place, request))
        return request

    async def decide(
        self, request_id: str, state: UnmaskState, place: Place, user: User, actor: Actor
    ) -> UnmaskRequest:
        """Approves or rejects; the time that was asked for begins with the approval.

        Raises:
            NotFound: no such request.
            SecondPersonRequired: it is the person's own.
            RequestDecided: it was decided before, or waited too long.

        """
        now = self._clock.now()
        async with self._database.write() as transaction:
            request, requested_by_id = await _existing(transaction.connection, request_id)
            if requested_by_id == user.id:
                raise SecondPersonRequired
            if not request.is_open(now):
                raise RequestDecided
            expires_at = now + timedelta(minutes=request.minutes) if state is UnmaskState.APPROVED else None
            decision = {"state": state, "decided_by": user.username, "decided_at": now, "expires_at": expires_at}
            decided = request.model_copy(update=decision)
            await unmask_store.decide_request(transaction, decided, user.id)
            await self._audit.record(transaction, _entry(_DECISIONS[state], actor, place, decided))
        return decided

    async def camera_of(self, request_id: str) -> str:
        """The id of the camera that a request is about.

        Raises:
            NotFound: no such request.

        """
        async with self._database.read() as connection:
            request, _ = await _existing(connection, request_id)
        return request.camera_id

    async def grant(self, camera_id: str, user: User) -> UnmaskGrant:
        """Why, and for how long from now on, the user may see the camera without its masks.

        Raises:
            UnmaskGrantNeeded: nobody has approved it, or the time is over.

        """
        async with self._database.read() as connection:
            request = await unmask_store.latest_grant(connection, camera_id, user.id)
        if request is None or request.expires_at is None:
            raise UnmaskGrantNeeded
        seconds_left = (request.expires_at - self._clock.now()).total_seconds()
        if seconds_left <= 0:
            raise UnmaskGrantNeeded
        return UnmaskGrant(_stated(request), seconds_left)


def _stated(request: UnmaskRequest) -> StatedPurpose:
    return StatedPurpose(request.id, request.purpose, request.reason)


def _entry(kind: AuditKind, actor: Actor, place: Place, request: UnmaskRequest) -> AuditEntry:
    detail = {"minutes": request.minutes, "requested_by": request.requested_by}
    return AuditEntry(kind, actor, place, request.id, _stated(request), detail)


async def _existing(connection: Connection, request_id: str) -> tuple[UnmaskRequest, str]:
    found = await unmask_store.find_request(connection, request_id)
    if found is None:
        raise NotFound("no such request")
    return found
