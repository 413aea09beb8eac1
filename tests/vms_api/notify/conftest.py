"""An outbox on a real database, with the rights of one owner, real senders and a clock that a test moves."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_network
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ingest.identifier import new_identifier
from tests.fakes.clock import ManualClock
from vms_api.accounts.permission import Role
from vms_api.accounts.rights import Grant, RightsIndex, RightsRecord
from vms_api.accounts.rights_board import RightsBoard
from vms_api.areas.area import Area, AreaTree
from vms_api.audit.log import AuditLog
from vms_api.cameras.health_board import HealthBoard
from vms_api.cameras.sealing import PasswordSeal
from vms_api.database import Database
from vms_api.events import EventLog
from vms_api.notify import store
from vms_api.notify.camera_feed import CameraFeed
from vms_api.notify.delivery import Delivery, DeliveryState
from vms_api.notify.lane import Lane, LaneGround
from vms_api.notify.lanes import LaneBoard
from vms_api.notify.mail_sender import MailServer
from vms_api.notify.notifier import Notifier
from vms_api.notify.reach import ReachPolicy
from vms_api.notify.receiver import Receiver
from vms_api.notify.roll import ReceiverRoll
from vms_api.notify.sender import Sender
from vms_api.notify.sender_kit import SenderKit
from vms_api.notify.target import WebhookTarget
from vms_api.notify.webhook_sender import new_webhook_secret

SHANGHAI = ZoneInfo("Asia/Shanghai")
HERE_ONLY = ReachPolicy((ip_network("127.0.0.0/8"),))


def area(id_: str, path: str, at: datetime) -> Area:
    parents = path.strip("/").split("/")
    return Area(id_, parents[-2] if len(parents) > 1 else None, id_.title(), "other", None, path, at, at)


def rights_of(owner: str, area_id: str, at: datetime, role: Role = Role.ADMIN) -> RightsIndex:
    """A site with two villages, in which one person has a role."""
    tree = AreaTree([area("site", "/site/", at), area("east", "/site/east/", at), area("west", "/site/west/", at)])
    grant = Grant(new_identifier(), owner, None, role, area_id, at, "admin")
    return RightsIndex(RightsRecord(tree, [grant], usernames={owner: "Li"}))


def alert_facts(alert_id: str | None = None, **changes: Any) -> dict[str, Any]:
    """What the event of an alert holds, as far as it is told."""
    facts = {
        "id": alert_id or new_identifier(),
        "camera_id": "cam",
        "camera_name": "Gate",
        "rule_name": "Yard",
        "kind": "intrusion",
        "severity": "high",
        "state": "new",
        "verdict": None,
        "raised_at": "2026-01-01T00:00:00Z",
        "stored_at": "2026-01-01T00:00:01Z",
        "acknowledged_at": None,
        "evidence_url": "/never/told.jpg",
        "owner": "never told",
    }
    return {**facts, **changes}


@dataclass
class Outbox:
    """Everything but the HTTP side. `owner` may see alerts everywhere, unless a test says otherwise."""

    database: Database
    events: EventLog
    rights: RightsBoard
    roll: ReceiverRoll
    ground: LaneGround
    lanes: LaneBoard
    kit: SenderKit
    clock: ManualClock
    senders: list[Sender] = field(default_factory=list)

    def receiver(self, url: str = "http://127.0.0.1:9/hook", **changes: Any) -> Receiver:
        receiver_id = changes.get("id", new_identifier())
        fields: dict[str, Any] = {
            "id": receiver_id,
            "name": "Village",
            "area_ids": ("site",),
            "owner_id": "owner",
            "owner": "Li",
            "target": WebhookTarget(kind="webhook", url=url),
            "severities": frozenset({"low", "medium", "high"}),
            "sealed_secret": self.kit.seal_secret(new_webhook_secret(), receiver_id),
        }
        return Receiver(**{**fields, **changes})

    async def add(self, *receivers: Receiver) -> None:
        async with self.database.write() as transaction:
            for receiver in receivers:
                await store.save_receiver(transaction, receiver)
            await self.roll.record_change(transaction)

    async def happen(self, count: int = 1, area_id: str = "east", kind: str = "alert.raised", **facts: Any) -> None:
        """Alerts are raised, each with its own transaction."""
        for _ in range(count):
            async with self.database.write() as transaction:
                await self.events.record(transaction, kind, alert_facts(**facts), area_id)

    def lane(self, receiver: Receiver) -> Lane:
        self.senders.append(self.kit.sender(receiver, lambda: None))
        return Lane(receiver, self.senders[-1], self.ground)

    async def letters(self, receiver: Receiver, state: DeliveryState = DeliveryState.WAITING) -> Sequence[Delivery]:
        async with self.database.read() as connection:
            return await store.list_deliveries(connection, receiver.id, state, None, 1000)

    async def stored(self, receiver: Receiver) -> Receiver:
        async with self.database.read() as connection:
            (found,) = [one for one in await store.list_receivers(connection) if one.id == receiver.id]
        return found


def built_outbox(database: Database, clock: Any, mail: MailServer | None = None) -> Outbox:
    """The parts on a database, as the control process puts them together."""
    events, rights, roll = EventLog(database, clock), RightsBoard(), ReceiverRoll()
    rights.index = rights_of("owner", "site", clock.now())
    feed = CameraFeed(database, HealthBoard(events, clock), events)
    kit = SenderKit(PasswordSeal(bytes(32)), HERE_ONLY, mail, feed, rights, clock)
    ground = LaneGround(database, AuditLog(database, clock), rights, roll, clock, lambda: 0.5)
    lanes = LaneBoard(ground, kit.sender)
    events.subscribe(Notifier(roll, rights, clock, SHANGHAI, "https://desk.example", lanes.wake).hear)
    return Outbox(database, events, rights, roll, ground, lanes, kit, clock)


@pytest.fixture
async def outbox(database: Database) -> AsyncIterator[Outbox]:
    built = built_outbox(database, ManualClock())
    yield built
    for sender in built.senders:
        await sender.close()
