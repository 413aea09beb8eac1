"""What is told, and one delivery of it to one receiver."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from vms_api.notify.outcome import DeliveryFault

RAISED, UPDATED, TRIED = "alert.raised", "alert.updated", "receiver.test"
"""The types of messages: what happened to an alert, and that somebody pressed the test button."""

TICKET_OPENED, TICKET_CHANGED, TICKET_OVERDUE = "ticket.opened", "ticket.changed", "ticket.overdue"
"""What happened to a repair ticket: a fault was found or is back, something was done, its time is over."""


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to be told: `facts` are plain JSON values, without a picture and without a secret.

    `subject` is the id of the alert, ticket or round; those of one subject are sent to a receiver in their order. Of
    people's own mail it is only for that of `user_ids`; None: for everybody whom it concerns.
    """

    type: str
    at: datetime
    area_id: str
    subject: str
    facts: Mapping[str, Any]
    user_ids: frozenset[str] | None = None

    @property
    def is_of_ticket(self) -> bool:
        """Whether it is about a repair ticket."""
        return self.type in {TICKET_OPENED, TICKET_CHANGED, TICKET_OVERDUE}


class DeliveryState(StrEnum):
    """A delivery that arrived has no row any more."""

    WAITING = "waiting"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message on its way. The id stays the same over all attempts and replays, so that a receiver can tell."""

    id: str
    receiver_id: str
    message: Message
    next_at: datetime
    expires_at: datetime
    state: DeliveryState = DeliveryState.WAITING
    attempts: int = 0
    fault: DeliveryFault | None = None
    detail: str = ""

    def body(self) -> dict[str, Any]:
        """What receivers are sent: type, timestamp and data, as Standard Webhooks (1.0, Payload structure) has it."""
        message = self.message
        return {"type": message.type, "timestamp": message.at.isoformat(), "data": dict(message.facts)}

    def text(self) -> str:
        """The same as compact JSON."""
        return json.dumps(self.body(), ensure_ascii=False, separators=(",", ":"))


class DeliveryShown(BaseModel):
    """A delivery as the API shows it; `fault` says how the last attempt ended."""

    id: str
    type: str
    subject: str
    camera: str
    severity: str
    at: datetime
    state: DeliveryState
    attempts: int
    next_at: datetime
    expires_at: datetime
    fault: DeliveryFault | None
    detail: str

    @classmethod
    def of(cls, delivery: Delivery) -> "DeliveryShown":
        """As it is shown."""
        facts = delivery.message.facts
        return cls(
            id=delivery.id,
            type=delivery.message.type,
            subject=delivery.message.subject,
            camera=str(facts.get("camera") or facts.get("rule", "")),
            severity=str(facts.get("severity", "")),
            at=delivery.message.at,
            state=delivery.state,
            attempts=delivery.attempts,
            next_at=delivery.next_at,
            expires_at=delivery.expires_at,
            fault=delivery.fault,
            detail=delivery.detail,
        )
