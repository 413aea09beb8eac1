"""Mail by the site's own mail server (RFC 5321), several alerts in one letter where they come close together."""

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Literal
from zoneinfo import ZoneInfo

import aiosmtplib

from ingest.clock import Clock
from vms_api.notify import mail_text
from vms_api.notify.delivery import Delivery
from vms_api.notify.outcome import ARRIVED, DeliveryFault, Outcome
from vms_api.notify.settings import NotifySettings
from vms_api.notify.tls import is_tls_fault

TIMEOUT_S = 20.0
PASSWORD_VARIABLE = "XUELIANG_SMTP_PASSWORD"  # noqa: S105 - the variable's name


@dataclass(frozen=True, slots=True)
class MailServer:
    """The site's mail server, and how letters are written. `tls` None: as the system trusts."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    username: str | None
    sender: str
    site: str
    language: str
    zone: ZoneInfo
    password: str | None = field(default=None, repr=False)
    tls: ssl.SSLContext | None = field(default=None, repr=False)

    @classmethod
    def of(
        cls, settings: NotifySettings, site: str, language: str, zone: ZoneInfo, password: str | None
    ) -> "MailServer | None":
        """As the site file has it; None where it names none."""
        if settings.smtp_host is None:
            return None
        return cls(
            host=settings.smtp_host,
            port=settings.smtp_port,
            security=settings.smtp_security,
            username=settings.smtp_username,
            sender=settings.smtp_from,
            site=site,
            language=language,
            zone=zone,
            password=password,
        )


class MailSender:
    """One receiver's letters: at most one a minute, each with all that came meanwhile."""

    batch = 100
    pace_s = 60.0

    def __init__(self, to: Sequence[str], server: MailServer | None, clock: Clock) -> None:
        self._to = list(to)
        self._server = server
        self._clock = clock

    async def run(self) -> None:
        """Nothing goes on between letters."""
        await asyncio.Event().wait()

    async def send(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        """One letter with all of them."""
        if self._server is None:
            return [Outcome(DeliveryFault.NOT_SET_UP)] * len(deliveries)
        return [await post(self._letter(deliveries, self._server), self._to, self._server)] * len(deliveries)

    async def close(self) -> None:
        """There is no connection between letters."""

    def _letter(self, deliveries: Sequence[Delivery], server: MailServer) -> EmailMessage:
        messages = [delivery.message for delivery in deliveries]
        letter = EmailMessage()
        letter["Subject"] = mail_text.subject(messages, server.language, server.site)
        letter["From"] = server.sender
        letter["To"] = ", ".join(self._to)
        letter["Date"] = format_datetime(self._clock.now())
        letter["Message-ID"] = f"<{deliveries[0].id}@{server.sender.rpartition('@')[2]}>"  # the same at a later try
        letter["Auto-Submitted"] = "auto-generated"  # RFC 3834 clause 5: no holiday notices
        letter.set_content(mail_text.text(messages, server.language, server.zone))
        return letter


async def post(letter: EmailMessage, to: Sequence[str], server: MailServer) -> Outcome:
    """Hands one letter to the mail server; how that ended."""
    try:
        async with asyncio.timeout(TIMEOUT_S + 5):
            await aiosmtplib.send(
                letter,
                recipients=list(to),
                sender=server.sender,
                hostname=server.host,
                port=server.port,
                username=server.username,
                password=server.password if server.username else None,
                use_tls=server.security == "tls",
                start_tls=server.security == "starttls",
                tls_context=server.tls or ssl.create_default_context(),
                timeout=TIMEOUT_S,
            )
    except (TimeoutError, aiosmtplib.SMTPTimeoutError):
        return Outcome(DeliveryFault.TIMED_OUT)
    except aiosmtplib.SMTPAuthenticationError as error:
        return Outcome(DeliveryFault.LOGIN_REFUSED, str(error.code))
    except aiosmtplib.SMTPResponseException as error:
        return Outcome(DeliveryFault.ANSWERED_ERROR, str(error.code))
    except aiosmtplib.SMTPRecipientsRefused as error:
        return Outcome(DeliveryFault.ANSWERED_ERROR, str(error.recipients[0].code))
    except (OSError, aiosmtplib.SMTPException) as error:
        return Outcome(DeliveryFault.TLS_FAILED if is_tls_fault(error) else DeliveryFault.UNREACHABLE)
    return ARRIVED
