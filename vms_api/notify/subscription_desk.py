"""What people choose to hear of themselves. Their own mail is a receiver like any other."""

from vms_api.audit.difference import difference
from vms_api.audit.entry import Actor, AuditEntry, AuditKind
from vms_api.audit.log import AuditLog
from vms_api.database import Database
from vms_api.notify import store
from vms_api.notify.errors import MailMissing
from vms_api.notify.receiver import Receiver
from vms_api.notify.roll import ReceiverRoll
from vms_api.notify.subscription import Subscription
from vms_api.notify.target import MailTarget


class SubscriptionDesk:
    """Reads and replaces people's choices."""

    def __init__(self, database: Database, audit: AuditLog, roll: ReceiverRoll, *, has_mail: bool) -> None:
        self._database = database
        self._audit = audit
        self._roll = roll
        self.has_mail = has_mail

    async def read(self, user_id: str) -> Subscription:
        """What the person has chosen; without a choice, everything but mail and browser notices."""
        async with self._database.read() as connection:
            return await store.find_subscription(connection, user_id) or Subscription()

    async def change(self, chosen: Subscription, actor: Actor) -> None:
        """Replaces the choice of who acts.

        Raises:
            MailMissing: mail is wanted, and the site has no mail server.

        """
        user_id = actor.user_id or ""
        before = await self.read(user_id)
        if chosen.email is not None and not self.has_mail:
            raise MailMissing
        async with self._database.write() as transaction:
            await store.save_subscription(transaction, user_id, chosen)
            if chosen.email is None:
                await store.delete_receiver(transaction, user_id)
            else:
                await store.save_receiver(transaction, _own_mail(chosen, chosen.email, actor))
            await self._roll.record_change(transaction)
            detail = difference(before.model_dump(mode="json"), chosen.model_dump(mode="json"))
            await self._audit.record(transaction, AuditEntry(AuditKind.NOTIFY_CHOICE, actor, detail=detail))


def _own_mail(chosen: Subscription, email: str, actor: Actor) -> Receiver:
    """The receiver that is somebody's own mail; it bears the person's id."""
    user_id = actor.user_id or ""
    return Receiver(
        id=user_id,
        name=actor.username or "",
        area_ids=tuple(chosen.areas),
        owner_id=user_id,
        owner=actor.username or "",
        target=MailTarget(kind="email", to=[email]),
        severities=frozenset(chosen.severities),
        changes=False,
        quiet=tuple(chosen.quiet),
        person_id=user_id,
    )
