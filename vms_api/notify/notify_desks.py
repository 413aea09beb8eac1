"""All that the control process has to do with telling others, put together once."""

import random
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from ingest.clock import Clock
from vms_api.accounts.rights_board import RightsBoard
from vms_api.audit.log import AuditLog
from vms_api.cameras.health_board import HealthBoard
from vms_api.cameras.sealing import PasswordSeal
from vms_api.database import Database
from vms_api.events import EventLog
from vms_api.notify.camera_feed import CameraFeed
from vms_api.notify.desk import ReceiverDesk
from vms_api.notify.lane import LaneGround
from vms_api.notify.lanes import LaneBoard
from vms_api.notify.mail_sender import MailServer
from vms_api.notify.notifier import Notifier
from vms_api.notify.reach import ReachPolicy
from vms_api.notify.roll import ReceiverRoll
from vms_api.notify.sender_kit import SenderKit
from vms_api.notify.subscription_desk import SubscriptionDesk
from vms_api.settings import SiteFile


@dataclass(frozen=True, slots=True)
class NotifyDesks:
    """Receivers, their lanes, people's choices, and what puts messages into the outbox."""

    roll: ReceiverRoll
    notifier: Notifier
    lanes: LaneBoard
    desk: ReceiverDesk
    subscriptions: SubscriptionDesk


@dataclass(frozen=True, slots=True)
class NotifySurroundings:
    """What of the control process telling others needs."""

    database: Database
    events: EventLog
    audit: AuditLog
    rights: RightsBoard
    health: HealthBoard
    clock: Clock


def notify_desks(
    settings: SiteFile, around: NotifySurroundings, seal: PasswordSeal, mail_password: str | None
) -> NotifyDesks:
    """The parts, each with what it needs of the others; from now on events about alerts are told."""
    database, audit, rights, clock = around.database, around.audit, around.rights, around.clock
    zone, roll = ZoneInfo(settings.site.time_zone), ReceiverRoll()
    kit = SenderKit(
        seal=seal,
        policy=ReachPolicy(settings.notify.allowed_networks),
        mail=MailServer.of(settings.notify, settings.site.name, settings.site.language, zone, mail_password),
        feed=CameraFeed(database, around.health, around.events),
        rights=rights,
        clock=clock,
    )
    lanes = LaneBoard(LaneGround(database, audit, rights, roll, clock, random.random), kit.sender)
    notifier = Notifier(roll, rights, clock, zone, _origin(settings), lanes.wake)
    around.events.subscribe(notifier.hear)
    return NotifyDesks(
        roll=roll,
        notifier=notifier,
        lanes=lanes,
        desk=ReceiverDesk(database, audit, roll, lanes, kit, clock),
        subscriptions=SubscriptionDesk(database, audit, roll, has_mail=kit.mail is not None),
    )


def _origin(settings: SiteFile) -> str:
    """Where people open the page: what the site file says, else this machine."""
    return settings.server.public_origin or f"http://{settings.server.host}:{settings.server.port}"
