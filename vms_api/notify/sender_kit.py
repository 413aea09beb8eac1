"""Makes the sender that fits a receiver."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from ingest.clock import Clock
from vms_api.accounts.rights_board import RightsBoard
from vms_api.cameras.sealing import PasswordSeal
from vms_api.notify.camera_feed import CameraFeed
from vms_api.notify.mail_sender import MailSender, MailServer
from vms_api.notify.mqtt_sender import MqttSender, MqttSite
from vms_api.notify.reach import ReachPolicy
from vms_api.notify.receiver import Receiver
from vms_api.notify.sender import Sender
from vms_api.notify.syslog_sender import SyslogSender
from vms_api.notify.target import MailTarget, MqttTarget, SyslogTarget, WebhookTarget
from vms_api.notify.webhook_sender import WebhookSender


@dataclass(frozen=True, slots=True)
class SenderKit:
    """What senders need: the key to their secrets, where they may go, the mail server, the cameras' states."""

    seal: PasswordSeal
    policy: ReachPolicy
    mail: MailServer | None
    feed: CameraFeed
    rights: RightsBoard
    clock: Clock

    def seal_secret(self, secret: str, receiver_id: str) -> bytes:
        """The secret as it is stored: it opens only for the same receiver."""
        return self.seal.seal(secret, _bound(receiver_id))

    def sender(self, receiver: Receiver, on_back: Callable[[], None]) -> Sender:
        """The one that serves the receiver."""
        areas = lambda: receiver.camera_areas(self.rights.index)  # noqa: E731
        return self._made(receiver, MqttSite(f"xueliang-{receiver.id}", self.feed, areas, on_back))

    @asynccontextmanager
    async def trial(self, receiver: Receiver) -> AsyncIterator[Sender]:
        """One for a single message, beside the one that serves the receiver; it leaves nothing behind."""
        sender = self._made(receiver, None)
        beside = asyncio.create_task(sender.run(), name="notify-trial")
        try:
            yield sender
        finally:
            beside.cancel()
            with suppress(asyncio.CancelledError):
                await beside
            await sender.close()

    def _made(self, receiver: Receiver, site: MqttSite | None) -> Sender:
        secret = None
        if receiver.sealed_secret is not None:
            secret = self.seal.open(receiver.sealed_secret, _bound(receiver.id))
        match receiver.target:
            case WebhookTarget() as target:
                return WebhookSender(target, secret or "", self.policy, self.clock)
            case MqttTarget() as target:
                return MqttSender(target, secret, self.policy, site)
            case MailTarget(to=to):
                return MailSender(to, self.mail, self.clock)
            case SyslogTarget() as target:
                return SyslogSender(target, self.policy)


def _bound(receiver_id: str) -> str:
    return f"notify:{receiver_id}"
