"""Receivers made, changed, tried and removed; dead letters replayed. Each with its row."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ingest.clock import Clock
from ingest.identifier import new_identifier
from vms_api.accounts.permission import Permission
from vms_api.audit.difference import difference
from vms_api.audit.entry import Actor, AuditEntry, AuditKind, Outcome, Place
from vms_api.audit.log import AuditLog
from vms_api.database import Database, Transaction
from vms_api.errors import NotFound
from vms_api.notify import store
from vms_api.notify.delivery import TRIED, Delivery, DeliveryState, Message
from vms_api.notify.errors import MailMissing, SecretWrong, TooManyReceivers
from vms_api.notify.lanes import LaneBoard
from vms_api.notify.receiver import TICKETS, Receiver, ReceiverHealth, ReceiverIn, TrialResult
from vms_api.notify.retry import LIFETIME
from vms_api.notify.roll import ReceiverRoll
from vms_api.notify.sender_kit import SenderKit
from vms_api.notify.store import Tally
from vms_api.notify.target import MailTarget, WebhookTarget
from vms_api.notify.webhook_sender import is_webhook_secret, new_webhook_secret

MAX_RECEIVERS = 200


class ReceiverDesk:
    """Whether somebody may manage the receivers of an area is the routes' business."""

    def __init__(
        self, database: Database, audit: AuditLog, roll: ReceiverRoll, lanes: LaneBoard, kit: SenderKit, clock: Clock
    ) -> None:
        self._database = database
        self._audit = audit
        self._roll = roll
        self._lanes = lanes
        self._kit = kit
        self._clock = clock

    def listed(self) -> Sequence[Receiver]:
        """All receivers of areas, in the order they were made; people's own mail is not among them."""
        return [receiver for receiver in self._roll.receivers if receiver.person_id is None]

    def found(self, receiver_id: str) -> Receiver:
        """One of them.

        Raises:
            NotFound: no such receiver.

        """
        receiver = self._roll.find(receiver_id)
        if receiver is None or receiver.person_id is not None:
            raise NotFound("no such receiver")
        return receiver

    async def healths(self, receivers: Sequence[Receiver]) -> Mapping[str, ReceiverHealth]:
        """How these are served, by their ids."""
        async with self._database.read() as connection:
            tallies = await store.tallies(connection)
            stored = {receiver.id: receiver for receiver in await store.list_receivers(connection)}
        return {each.id: self._health(stored.get(each.id, each), tallies.get(each.id, Tally())) for each in receivers}

    async def add(self, body: ReceiverIn, actor: Actor) -> tuple[Receiver, str | None]:
        """A new receiver, and the secret that was made for it.

        Raises:
            SecretWrong, MailMissing, TooManyReceivers: as their classes say.

        """
        if len(self.listed()) >= MAX_RECEIVERS:
            raise TooManyReceivers
        is_made = isinstance(body.target, WebhookTarget) and body.secret is None
        secret = new_webhook_secret() if is_made else body.secret
        receiver = self._receiver(new_identifier(), body, actor, secret, None)
        await self._save(receiver, None, actor, AuditKind.NOTIFY_ADD)
        return receiver, secret if is_made else None

    async def replace(self, receiver_id: str, body: ReceiverIn, actor: Actor) -> Receiver:
        """The whole receiver anew; the secret stays where none is given. One that was stopped is served again.

        Raises:
            NotFound: no such receiver.
            SecretWrong, MailMissing: as their classes say.

        """
        current = self.found(receiver_id)
        keeps = body.secret is None and current.target.kind == body.target.kind
        secret = body.secret
        if secret is None and not keeps and isinstance(body.target, WebhookTarget):
            raise SecretWrong
        receiver = self._receiver(receiver_id, body, actor, secret, current.sealed_secret if keeps else None)
        await self._save(receiver, current, actor, AuditKind.NOTIFY_CHANGE)
        return receiver

    async def renew_secret(self, receiver_id: str, actor: Actor) -> tuple[Receiver, str]:
        """A new secret for a webhook, from the next message on.

        Raises:
            NotFound: no such webhook.

        """
        current = self.found(receiver_id)
        if not isinstance(current.target, WebhookTarget):
            raise NotFound("no such webhook")
        secret = new_webhook_secret()
        receiver = replace(current, sealed_secret=self._kit.seal_secret(secret, receiver_id))
        await self._save(receiver, current, actor, AuditKind.NOTIFY_SECRET)
        return receiver, secret

    async def remove(self, receiver_id: str, actor: Actor) -> None:
        """Removes it with all that waits for it.

        Raises:
            NotFound: no such receiver.

        """
        current = self.found(receiver_id)
        async with self._database.write() as transaction:
            await store.delete_receiver(transaction, receiver_id)
            await self._roll.record_change(transaction)
            await self._record(transaction, current, actor, AuditKind.NOTIFY_REMOVE, {"name": current.name})

    async def attempt(self, receiver_id: str, actor: Actor) -> TrialResult:
        """Sends a test message now, past the queue, and says how it fared.

        Raises:
            NotFound: no such receiver.

        """
        receiver = self.found(receiver_id)
        now, started_s = self._clock.now(), self._clock.monotonic_s()
        facts = {"area_id": receiver.area_ids[0], "severity": "low", "receiver": receiver.name}
        message = Message(TRIED, now, receiver.area_ids[0], TRIED, facts)
        async with self._kit.trial(receiver) as sender:
            delivery = Delivery(new_identifier(), receiver_id, message, now, now + LIFETIME)
            [outcome] = await sender.send([delivery])
        ended = Outcome.DONE if outcome.has_arrived else Outcome.FAILED
        detail = {"name": receiver.name, **({"code": outcome.fault} if outcome.fault else {})}
        entry = AuditEntry(AuditKind.NOTIFY_TRY, actor, _place(receiver), receiver_id, detail=detail, outcome=ended)
        await self._audit.record_alone(entry)
        seconds = round(self._clock.monotonic_s() - started_s, 3)
        return TrialResult(arrived=outcome.has_arrived, fault=outcome.fault, detail=outcome.detail, seconds=seconds)

    async def replay(self, receiver_id: str, delivery_id: str | None, actor: Actor) -> int:
        """Has one dead letter of the receiver tried anew, or all of them; how many they are.

        Raises:
            NotFound: no such receiver, or no such dead letter.

        """
        receiver = self.found(receiver_id)
        now = self._clock.now()
        async with self._database.write() as transaction:
            ids = None if delivery_id is None else [delivery_id]
            count = await store.replay_dead(transaction, receiver_id, now, now + LIFETIME, ids)
            if delivery_id is not None and not count:
                raise NotFound("no such dead letter")
            detail = {"name": receiver.name, "count": count}
            await self._record(transaction, receiver, actor, AuditKind.NOTIFY_REPLAY, detail)
            transaction.tell_after_commit(lambda: self._lanes.wake([receiver_id]))
        return count

    async def delivery(self, delivery_id: str) -> Delivery:
        """One delivery that has not arrived.

        Raises:
            NotFound: no such delivery.

        """
        async with self._database.read() as connection:
            delivery = await store.find_delivery(connection, delivery_id)
        if delivery is None:
            raise NotFound("no such delivery")
        return delivery

    async def deliveries(
        self, receiver_id: str, state: DeliveryState, after: str | None, limit: int
    ) -> Sequence[Delivery]:
        """What waits for a receiver, or its dead letters, the oldest first."""
        async with self._database.read() as connection:
            return await store.list_deliveries(connection, receiver_id, state, after, limit)

    def _receiver(
        self, receiver_id: str, body: ReceiverIn, actor: Actor, secret: str | None, sealed: bytes | None
    ) -> Receiver:
        if isinstance(body.target, WebhookTarget) and secret is not None and not is_webhook_secret(secret):
            raise SecretWrong
        if isinstance(body.target, MailTarget) and self._kit.mail is None:
            raise MailMissing
        return Receiver(
            id=receiver_id,
            name=body.name,
            area_ids=(body.area_id,),
            owner_id=actor.user_id or "",
            owner=actor.username or "",
            target=body.target,
            severities=frozenset(body.severities),
            kinds=frozenset(body.kinds),
            changes=body.changes,
            enabled=body.enabled,
            sealed_secret=sealed if secret is None else self._kit.seal_secret(secret, receiver_id),
        )

    async def _save(self, receiver: Receiver, before: Receiver | None, actor: Actor, kind: AuditKind) -> None:
        async with self._database.write() as transaction:
            await store.save_receiver(transaction, receiver)
            await self._roll.record_change(transaction)
            new = _plain(receiver)
            detail = difference(_plain(before), new) if before else new
            await self._record(transaction, receiver, actor, kind, {"name": receiver.name, **detail})

    async def _record(
        self, transaction: Transaction, receiver: Receiver, actor: Actor, kind: AuditKind, detail: Mapping[str, Any]
    ) -> None:
        await self._audit.record(transaction, AuditEntry(kind, actor, _place(receiver), receiver.id, detail=detail))

    def _health(self, receiver: Receiver, tally: Tally) -> ReceiverHealth:
        lane = self._lanes.lane(receiver.id)
        rests_until = lane.breaker.opens_at() if lane else None
        health = ReceiverHealth(
            state="ok",
            waiting=tally.waiting,
            dead=tally.dead,
            arrived_at=receiver.arrived_at,
            failed_at=receiver.failed_at,
            fault=receiver.fault,
            detail=receiver.detail,
        )
        if receiver.stopped:
            return health.model_copy(update={"state": "stopped", "fault": receiver.stopped})
        if not receiver.enabled:
            return health.model_copy(update={"state": "disabled"})
        if not self._has_rights(receiver):
            return health.model_copy(update={"state": "orphaned"})
        if rests_until is not None and rests_until > self._clock.now():
            return health.model_copy(update={"state": "resting", "rests_until": rests_until})
        is_failing = receiver.failed_at is not None and receiver.failed_at > (receiver.arrived_at or receiver.failed_at)
        never = receiver.failed_at is not None and receiver.arrived_at is None
        return health.model_copy(update={"state": "failing"}) if is_failing or never else health

    def _has_rights(self, receiver: Receiver) -> bool:
        """Whether its owner sees in its area what it is told of."""
        rights = self._kit.rights.index
        needed = Permission.TICKET_VIEW if receiver.kinds == {TICKETS} else Permission.ALERT_VIEW
        return any(rights.allows(receiver.owner_id, needed, area_id) for area_id in receiver.area_ids)


def _place(receiver: Receiver) -> Place:
    return Place(next(iter(receiver.area_ids), None))


def _plain(receiver: Receiver) -> dict[str, Any]:
    """What the audit log shows of a receiver: all but its secret and the authority's certificate."""
    return {
        "area_id": receiver.area_ids[0],
        "target": receiver.target.model_dump(mode="json", exclude={"authority_pem"}),
        "severities": sorted(receiver.severities),
        "kinds": sorted(receiver.kinds),
        "changes": receiver.changes,
        "enabled": receiver.enabled,
        "owner": receiver.owner,
    }
