"""Asking for, granting and using the right to see a camera without its masks."""

from datetime import timedelta

from ingest.clock import Clock
from ingest.identifier import new_identifier
from vms_api.accounts.account import User
from vms_api.cameras import unmask_store
from vms_api.cameras.errors import RequestDecided, SecondPersonRequired, UnmaskGrantNeeded
from vms_api.cameras.unmask import UnmaskRequest, UnmaskRequestIn, UnmaskState
from vms_api.database import Connection, Database
from vms_api.errors import NotFound


class UnmaskDesk:
    """Keeps the requests. Whether somebody may ask or decide at all is the routes' business."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def ask(self, camera_id: str, body: UnmaskRequestIn, user: User) -> UnmaskRequest:
        """A new request that waits for a second person."""
        request = UnmaskRequest(
            **body.model_dump(),
            id=new_identifier(),
            camera_id=camera_id,
            state=UnmaskState.PENDING,
            requested_by=user.username,
            requested_at=self._clock.now(),
        )
        async with self._database.write() as transaction:
            await unmask_store.insert_request(transaction, request, user.id)
        return request

    async def decide(self, request_id: str, state: UnmaskState, user: User) -> UnmaskRequest:
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
        return decided

    async def camera_of(self, request_id: str) -> str:
        """The id of the camera that a request is about.

        Raises:
            NotFound: no such request.

        """
        async with self._database.read() as connection:
            request, _ = await _existing(connection, request_id)
        return request.camera_id

    async def seconds_left(self, camera_id: str, user: User) -> float:
        """For how long the user may see the camera without its masks from now on.

        Raises:
            UnmaskGrantNeeded: nobody has approved it, or the time is over.

        """
        async with self._database.read() as connection:
            expires_at = await unmask_store.latest_expiry(connection, camera_id, user.id)
        left_s = (expires_at - self._clock.now()).total_seconds() if expires_at is not None else 0.0
        if left_s <= 0:
            raise UnmaskGrantNeeded
        return left_s


async def _existing(connection: Connection, request_id: str) -> tuple[UnmaskRequest, str]:
    found = await unmask_store.find_request(connection, request_id)
    if found is None:
        raise NotFound("no such request")
    return found
