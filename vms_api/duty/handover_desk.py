"""Shift handovers: what is open and what is faulty is found by the system, and the next person signs for it."""

from collections.abc import Sequence

from ingest.clock import Clock
from ingest.identifier import new_identifier
from vms_api.accounts.rights_board import RightsBoard
from vms_api.areas.area import Area
from vms_api.audit.entry import Actor, AuditEntry, AuditKind, Place
from vms_api.audit.log import AuditLog
from vms_api.cameras import store as camera_store
from vms_api.cameras.health_board import HealthBoard
from vms_api.cameras.store import CameraQuery
from vms_api.database import Connection, Database
from vms_api.dispatch import store as dispatch_store
from vms_api.dispatch.ladder import centre_name, centres
from vms_api.duty import store
from vms_api.duty.errors import HandoverOwn, HandoverSigned
from vms_api.duty.handover import (
    MOST_LISTED,
    FaultyCamera,
    Handover,
    HandoverRecord,
    OpenAlert,
    OpenPatrol,
    Signature,
    troubles,
)
from vms_api.duty.roster_desk import RosterDesk
from vms_api.errors import NotFound
from vms_api.patrols import due_store


class HandoverDesk:
    """Keeps handovers for ever. Each is written once and signed once, by somebody else."""

    def __init__(
        self,
        database: Database,
        audit: AuditLog,
        rights: RightsBoard,
        health: HealthBoard,
        rosters: RosterDesk,
        clock: Clock,
    ) -> None:
        self._database = database
        self._audit = audit
        self._rights = rights
        self._health = health
        self._rosters = rosters
        self._clock = clock

    async def hand_over(self, centre_id: str, note: str, actor: Actor) -> Handover:
        """Writes down how things stand at the centre now.

        Raises:
            NotFound: no such centre.

        """
        area, duty = self._rosters.centre(centre_id), self._rosters.on_duty(centre_id)
        async with self._database.write() as transaction:
            record = await self._record(transaction.connection, area)
            handover = Handover(
                id=new_identifier(),
                centre_id=centre_id,
                centre_name=centre_name(area),
                at=duty.at,
                user_id=actor.user_id or "",
                username=actor.username or "",
                shift=duty.shift,
                note=note,
                record=record.model_copy(update={"on_duty": [person.username for person in duty.people]}),
            )
            await store.insert_handover(transaction, handover)
            detail = {"open": record.open_count, "faulty": record.faulty_count, "shift": duty.shift}
            entry = AuditEntry(AuditKind.DUTY_HANDOVER, actor, Place(centre_id), handover.id, detail=detail)
            await self._audit.record(transaction, entry)
        return handover

    async def find(self, handover_id: str) -> Handover:
        """One handover.

        Raises:
            NotFound: no such handover.

        """
        async with self._database.read() as connection:
            return await _existing(connection, handover_id)

    async def listed(self, centre_id: str, before: str | None, limit: int) -> Sequence[Handover]:
        """The centre's handovers, the newest first.

        Raises:
            NotFound: no such centre.

        """
        self._rosters.centre(centre_id)
        async with self._database.read() as connection:
            return await store.list_handovers(connection, centre_id, before, limit)

    async def sign(self, handover_id: str, note: str, actor: Actor) -> Handover:
        """Takes over what was handed over.

        Raises:
            NotFound: no such handover.
            HandoverOwn: by whoever handed it over.
            HandoverSigned: somebody was faster.

        """
        async with self._database.write() as transaction:
            handover = await _existing(transaction.connection, handover_id)
            if handover.user_id == actor.user_id:
                raise HandoverOwn
            if handover.signature is not None:
                raise HandoverSigned
            signature = Signature(
                at=self._clock.now(), user_id=actor.user_id or "", username=actor.username or "", note=note
            )
            await store.insert_signature(transaction, handover_id, signature)
            detail = {"from": handover.username}
            entry = AuditEntry(AuditKind.DUTY_SIGN, actor, Place(handover.centre_id), handover_id, detail=detail)
            await self._audit.record(transaction, entry)
        return handover.model_copy(update={"signature": signature})

    async def _record(self, connection: Connection, area: Area) -> HandoverRecord:
        alerts = await dispatch_store.open_alerts(connection, area.id, MOST_LISTED)
        counts = (await dispatch_store.count_open(connection)).get(area.id)
        below = [found.id for found in self._rights.index.tree.below(area)]
        cameras = await camera_store.list_cameras(connection, CameraQuery(below))
        healths = [(camera, self._health.of(camera)) for camera in cameras]
        faulty = [
            FaultyCamera(id=camera.id, name=camera.name, state=health.state, troubles=found, since=health.since)
            for camera, health in healths
            if (found := troubles(health))
        ]
        patrols = await due_store.open_rounds(connection, self._answered_for(area))
        return HandoverRecord(
            open_count=counts.open if counts else 0,
            overdue_count=counts.overdue if counts else 0,
            open_alerts=[OpenAlert.of(alert) for alert in alerts],
            faulty_count=len(faulty),
            faulty_cameras=faulty[:MOST_LISTED],
            on_duty=[],
            patrol_count=len(patrols),
            open_patrols=[OpenPatrol.of(patrol) for patrol in patrols[:MOST_LISTED]],
        )

    def _answered_for(self, area: Area) -> Sequence[str]:
        """The areas of which this is the nearest centre."""
        tree = self._rights.index.tree
        return [below.id for below in tree.below(area) if centres(tree, below.id)[0].id == area.id]


async def _existing(connection: Connection, handover_id: str) -> Handover:
    handover = await store.find_handover(connection, handover_id)
    if handover is None:
        raise NotFound("no such handover")
    return handover
