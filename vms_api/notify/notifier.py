"""Puts what happened to alerts and repair tickets into the outbox, in the transaction in which it happened."""

from collections.abc import Callable, Collection, Sequence
from zoneinfo import ZoneInfo

from ingest.clock import Clock
from ingest.identifier import new_identifier
from vms_api.accounts.rights_board import RightsBoard
from vms_api.database import Transaction
from vms_api.events import Event
from vms_api.notify import store
from vms_api.notify.delivery import RAISED, TICKET_CHANGED, TICKET_OPENED, TICKET_OVERDUE, UPDATED, Delivery, Message
from vms_api.notify.patrol_message import TOLD_OF_PATROLS, patrol_message
from vms_api.notify.receiver import TICKETS
from vms_api.notify.retry import LIFETIME
from vms_api.notify.roll import ReceiverRoll

_PLAIN = ("camera_id", "kind", "severity", "state", "verdict", "raised_at", "stored_at", "acknowledged_at")
_RENAMED = {"alert_id": "id", "camera": "camera_name", "rule": "rule_name"}
_OF_TICKETS = (
    *("number", "subject", "camera_id", "camera_count", "cause", "severity", "state"),
    *("opened_at", "due_at", "overdue", "repeated"),
)
_FOUND = {"found", "found-again"}
"""The steps by which a ticket comes, or comes back."""
_MAYBE = ("incident_id", "level", "overdue", "acknowledge_by", "resolve_by")
"""What is told of an alert: plain, under another name, and where it has it. No picture, no person, no free text."""


class Notifier:
    """Decides which receivers a message is for, and writes a delivery for each. Sending is the lanes' business."""

    def __init__(
        self,
        roll: ReceiverRoll,
        rights: RightsBoard,
        clock: Clock,
        zone: ZoneInfo,
        origin: str,
        wake: Callable[[Collection[str]], None],
    ) -> None:
        self._roll = roll
        self._rights = rights
        self._clock = clock
        self._zone = zone
        self._origin = origin
        self._wake = wake

    async def hear(self, transaction: Transaction, happened: Sequence[Event]) -> None:
        """Tells of what happened; called in the transaction that records the events."""
        if not self._roll.receivers:
            return
        alerts = [self._message(event) for event in happened if event.kind in {RAISED, UPDATED}]
        tickets = [self._ticket_message(event) for event in happened if event.kind in {TICKET_CHANGED, TICKET_OVERDUE}]
        patrols = [self._patrol_message(event) for event in happened if event.kind in TOLD_OF_PATROLS]
        await self.enqueue(transaction, [*alerts, *tickets, *patrols])

    async def enqueue(self, transaction: Transaction, messages: Sequence[Message]) -> None:
        """Writes the deliveries of these messages; they leave after the commit, and not without it."""
        new = [self._delivery(receiver_id, message) for message in messages for receiver_id in self._for(message)]
        if new:
            await store.insert_deliveries(transaction, new)
            transaction.tell_after_commit(lambda: self._wake({delivery.receiver_id for delivery in new}))

    def _for(self, message: Message) -> list[str]:
        rights = self._rights.index
        return [each.id for each in self._roll.receivers if each.wants(message, rights, self._zone)]

    def _delivery(self, receiver_id: str, message: Message) -> Delivery:
        return Delivery(new_identifier(), receiver_id, message, message.at, message.at + LIFETIME)

    def _message(self, event: Event) -> Message:
        alert, area_id = event.data, event.area_id or ""
        facts = {name: alert[name] for name in _PLAIN} | {new: alert[name] for new, name in _RENAMED.items()}
        facts |= {name: alert[name] for name in _MAYBE if alert.get(name) is not None}
        facts |= {
            "area_id": area_id,
            "area": self._area_name(area_id),
            "link": f"{self._origin}/alerts?alert={alert['id']}",
        }
        return Message(event.kind, self._clock.now(), area_id, str(alert["id"]), facts)

    def _ticket_message(self, event: Event) -> Message:
        ticket, area_id = event.data, event.area_id or ""
        facts = {name: ticket[name] for name in _OF_TICKETS} | {"ticket_id": ticket["id"], "kind": TICKETS}
        facts |= {"camera": ticket["camera_name"], "area_id": area_id, "area": self._area_name(area_id)}
        facts["link"] = f"{self._origin}/tickets?id={ticket['id']}"
        is_found = event.kind == TICKET_CHANGED and ticket["act"] in _FOUND
        return Message(TICKET_OPENED if is_found else event.kind, self._clock.now(), area_id, ticket["id"], facts)

    def _patrol_message(self, event: Event) -> Message:
        link = f"{self._origin}/patrol/rounds/{event.data['round_id']}"
        return patrol_message(event, self._clock.now(), self._area_name(event.area_id or ""), link)

    def _area_name(self, area_id: str) -> str:
        """The names from below the root down to the area, as people say it; of the root its own."""
        tree = self._rights.index.tree
        area = tree.find(area_id)
        lineage = [tree.find(id_) for id_ in area.lineage] if area else []
        names = [each.name for each in lineage if each is not None]
        return " / ".join(names[1:] or names)
