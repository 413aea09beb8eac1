"""Rounds as every desk finds them, and how what is done about them is written down."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ingest.clock import Clock
from ingest.transitions import IllegalTransition
from vms_api.accounts.permission import Permission
from vms_api.accounts.rights_board import RightsBoard
from vms_api.alerts.desk import AlertDesk, Handler
from vms_api.audit.entry import Actor, AuditEntry, AuditKind, Place, StatedPurpose
from vms_api.audit.log import AuditLog
from vms_api.cameras.health_board import HealthBoard
from vms_api.database import Connection, Database, Transaction
from vms_api.errors import NotFound
from vms_api.events import EventLog
from vms_api.patrols import round_store
from vms_api.patrols.plan import PatrolStop
from vms_api.patrols.round import RoundEntry, RoundSummary
from vms_api.patrols.round_errors import RoundElsewhere, RoundMovedOn, RoundTaken
from vms_api.patrols.round_lifecycle import TRANSITIONS, RoundAct, RoundState
from vms_api.patrols.round_stop import RoundStop
from vms_api.tickets.desk import TicketDesk

StopsOf = Callable[[Connection, str, int], Awaitable[Sequence[PatrolStop]]]
"""The stops of a version of a plan, in its order: by the plan's id and the version."""


@dataclass(frozen=True, slots=True)
class RoundGround:
    """What the desks of rounds stand on."""

    database: Database
    events: EventLog
    audit: AuditLog
    clock: Clock
    rights: RightsBoard
    health: HealthBoard
    alerts: AlertDesk
    tickets: TicketDesk
    stops_of: StopsOf


class RoundBook:
    """Finds rounds for who may have them, and writes down what is done."""

    def __init__(self, ground: RoundGround) -> None:
        self._events = ground.events
        self._audit = ground.audit
        self._clock = ground.clock

    async def found(
        self, connection: Connection, round_id: str, by: Handler, permission: Permission = Permission.PATROL_VIEW
    ) -> RoundSummary:
        """The round, for who may do that in its area.

        Raises:
            NotFound: no such round, or not one that the person sees.
            NotAllowed: the person sees it, but may not.

        """
        round_ = await round_store.find_round(connection, round_id)
        if round_ is None:
            raise NotFound("no such round")
        by.access.require(permission, round_.area_id)
        return round_

    async def in_hand(
        self, connection: Connection, round_id: str, by: Handler, lease_epoch: int | None
    ) -> RoundSummary:
        """The running round of the person, as long as this is the screen on which it goes on.

        Raises:
            NotFound, NotAllowed: as `found`.
            RoundMovedOn: it is not running.
            RoundTaken: somebody else has it.
            RoundElsewhere: another screen has it; without an epoch that is not asked.

        """
        round_ = await self.found(connection, round_id, by, Permission.PATROL_RUN)
        if round_.state is not RoundState.RUNNING:
            raise RoundMovedOn(f"the round is {round_.state}")
        if round_.user_id != by.actor.user_id:
            raise RoundTaken(round_.user_name)
        if lease_epoch is not None and lease_epoch != round_.lease_epoch:
            raise RoundElsewhere
        return round_

    def after(self, round_: RoundSummary, act: RoundAct) -> RoundState:
        """The state that follows.

        Raises:
            RoundMovedOn: the table has no such step.

        """
        try:
            return TRANSITIONS.after(round_.state, act)
        except IllegalTransition as error:
            raise RoundMovedOn(str(error)) from None

    async def move(
        self, transaction: Transaction, changed: RoundSummary, act: RoundAct, actor: Actor, note: str = ""
    ) -> None:
        """Writes down a step of the round itself: the round, its history, an audit row and an event."""
        await round_store.save_round(transaction, changed)
        await self.remember(transaction, changed, act, actor, note)
        await self.tell(transaction, changed)

    async def remember(
        self,
        transaction: Transaction,
        round_: RoundSummary,
        act: str,
        actor: Actor,
        note: str = "",
        detail: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        """History and audit row of something that was done about the round."""
        at = self._clock.now()
        told = dict(detail) | ({"to": round_.user_name} if act == RoundAct.HAND_OVER else {})
        entry = RoundEntry(at, act, actor.user_id, actor.username, note, told)
        await round_store.add_history(transaction, round_.id, entry)
        await self.audit(transaction, row_of(AuditKind(f"patrol.{act}"), actor, round_, **told))

    async def audit(self, transaction: Transaction, row: AuditEntry) -> None:
        """An audit row of something that was done."""
        await self._audit.record(transaction, row)

    async def tell(self, transaction: Transaction, round_: RoundSummary) -> None:
        """Tells the pages how the round stands."""
        await self._events.record(transaction, "patrol.round", round_.model_dump(mode="json"), round_.area_id)


def row_of(
    kind: AuditKind,
    actor: Actor,
    round_: RoundSummary,
    stop: RoundStop | None = None,
    purpose: StatedPurpose | None = None,
    **detail: Any,
) -> AuditEntry:
    """An audit row of the round, or of one of its stops."""
    place = Place(stop.area_id or round_.area_id, stop.camera_id) if stop else Place(round_.area_id)
    told = {"round": round_.name, **({"stop": stop.id} if stop else {}), **detail}
    return AuditEntry(kind, actor, place, round_.id, purpose, told)
