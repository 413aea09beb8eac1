"""Asking one device: logging in the way it wants, once, and never again after it has refused."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

from ingest.camera import Credential
from ingest.clock import Clock
from ingest.errors import CredentialsRefused
from ingest.onvif import namespaces as ns
from ingest.onvif.endpoint import Endpoint
from ingest.onvif.envelope import Fault, clean, operation, read_answer, request_bytes
from ingest.onvif.errors import AnswerMalformed
from ingest.onvif.messages import DeviceClock
from ingest.onvif.queue import RequestQueue
from ingest.onvif.transport import DeviceTransport, HttpAnswer, TlsTrust
from ingest.onvif.tree import Tree
from ingest.onvif.username_token import security_header

_UNAUTHORIZED = 401
_MOVED_S = 1.0


class LoginPolicy(StrEnum):
    """How to log in. AUTO takes HTTP Digest where the device asks for it, else a token in the message."""

    AUTO = "auto"
    DIGEST = "digest"
    TOKEN = "token"  # noqa: S105 - a way of logging in


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. `header` is more XML for the SOAP header; an urgent one goes before those that wait.

    `is_waiting` ones (a pull that waits for events) do not take the device's turn.
    """

    endpoint: Endpoint
    body: str
    header: str = ""
    timeout_s: float = 5.0
    is_urgent: bool = False
    is_waiting: bool = False


@dataclass(frozen=True, slots=True)
class Login:
    """Who asks, how, and which certificate is trusted."""

    credential: Credential | None = None
    policy: LoginPolicy = LoginPolicy.AUTO
    trust: TlsTrust = field(default_factory=TlsTrust)


class DeviceConnection:
    """One device. A login that was refused is not tried again: devices lock accounts, and only people know better."""

    def __init__(self, endpoint: Endpoint, login: Login, clock: Clock) -> None:
        self.endpoint = endpoint
        self.clock_reading: DeviceClock | None = None
        self._login = login
        self._clock = clock
        self._queue = RequestQueue()
        self._transport = DeviceTransport(endpoint, login.credential, login.trust)
        self._way: LoginPolicy | None = None if login.policy is LoginPolicy.AUTO else login.policy
        self._was_refused = False

    async def close(self) -> None:
        """Hangs up."""
        await self._transport.close()

    @property
    def way(self) -> LoginPolicy | None:
        """How the device lets itself be logged into; None as long as it was not needed."""
        return self._way

    @property
    def was_refused(self) -> bool:
        """Whether the device did not take the login: it is not tried again on this connection."""
        return self._was_refused

    async def read_clock(self) -> DeviceClock:
        """The device's time against ours; asked without a login, and with one only where the device insists.

        Raises:
            IngestError: the device could not be asked, or tells no time.

        """
        ask = Ask(self.endpoint, operation(ns.DEVICE, "GetSystemDateAndTime"))
        began_s = self._clock.monotonic_s()
        async with self._queue.turn():
            answer = await self._sent(ask, None)
            if _is_refusal(answer):
                answer = await self._logged_in(ask, answer, was_tried=False)
        took_s = self._clock.monotonic_s() - began_s
        tree = _tree(answer)
        offset_s = (device_time(tree) - self._clock.now()).total_seconds() + took_s / 2
        zone = clean(tree.text("SystemDateAndTime", "TimeZone", "TZ"))
        source = clean(tree.text("SystemDateAndTime", "DateTimeType"))
        self.clock_reading = DeviceClock(round(offset_s, 3), round(took_s / 2 + 0.5, 3), zone, source)
        return self.clock_reading

    async def ask(self, ask: Ask) -> Tree:
        """The answer's element.

        Raises:
            CredentialsRefused: the device does not take the login, now or earlier.
            OperationRefused, OperationUnsupported: it took the login, and refused.
            IngestError: it could not be asked.

        """
        self._refuse_to_spray()
        if ask.is_waiting:
            return _tree(await self._answered(ask))
        async with self._queue.turn(is_urgent=ask.is_urgent):
            return _tree(await self._answered(ask))

    async def fetch(self, endpoint: Endpoint, timeout_s: float = 5.0) -> bytes:
        """What a plain GET brings, such as a snapshot.

        Raises:
            CredentialsRefused: the device does not take the login.
            AnswerMalformed: another status than 200.
            IngestError: it could not be asked.

        """
        async with self._queue.turn():
            answer = await self._transport.get(endpoint, timeout_s, has_digest=True)
        if answer.status == _UNAUTHORIZED:
            raise CredentialsRefused("The device does not take the login for its pictures.")
        if answer.status != 200:  # noqa: PLR2004 - HTTP's OK
            raise AnswerMalformed(f"The device answers {answer.status} for its picture.")
        return answer.body

    async def _answered(self, ask: Ask) -> HttpAnswer:
        answer = await self._sent(ask, self._way)
        if not _is_refusal(answer):
            return answer
        return await self._logged_in(ask, answer, was_tried=self._way is not None)

    async def _logged_in(self, ask: Ask, refusal: HttpAnswer, *, was_tried: bool) -> HttpAnswer:
        """The same request with a login; one attempt, and one more when the device's clock had moved."""
        if self._login.credential is None:
            raise CredentialsRefused("The device wants a login.")
        self._refuse_to_spray()
        if not was_tried:
            asked_for = LoginPolicy.DIGEST if refusal.asks_digest else LoginPolicy.TOKEN
            self._way = self._way or asked_for
            refusal = await self._sent(ask, self._way)
        if _is_refusal(refusal) and self._way is LoginPolicy.TOKEN and await self._clock_has_moved():
            refusal = await self._sent(ask, self._way)
        if _is_refusal(refusal):
            self._was_refused = True
            raise CredentialsRefused("The device does not take this user name and password.")
        return refusal

    def _refuse_to_spray(self) -> None:
        if self._was_refused:
            raise CredentialsRefused("The device has refused this login before; it is not tried again.")

    async def _clock_has_moved(self) -> bool:
        """Whether the device's time is another than we thought: then the token was old, not wrong."""
        before = self.clock_reading.offset_s if self.clock_reading else 0.0
        answer = await self._sent(Ask(self.endpoint, operation(ns.DEVICE, "GetSystemDateAndTime")), None)
        if _is_refusal(answer):
            return False
        offset_s = (device_time(_tree(answer)) - self._clock.now()).total_seconds()
        self.clock_reading = DeviceClock(round(offset_s, 3), 1.0)
        return abs(offset_s - before) > _MOVED_S

    async def _sent(self, ask: Ask, way: LoginPolicy | None) -> HttpAnswer:
        header = ask.header
        if way is LoginPolicy.TOKEN and self._login.credential:
            offset_s = self.clock_reading.offset_s if self.clock_reading else 0.0
            header += security_header(self._login.credential, self._clock.now() + timedelta(seconds=offset_s))
        document = request_bytes(ask.body, header)
        return await self._transport.post(ask.endpoint, document, ask.timeout_s, has_digest=way is LoginPolicy.DIGEST)


def device_time(answer: Tree) -> datetime:
    """The time in a GetSystemDateAndTimeResponse: UTC, or else local time with its zone.

    Raises:
        AnswerMalformed: no time that can be read.

    """
    told = answer.first("SystemDateAndTime")
    if told and (utc := _time_fields(told.first("UTCDateTime"), UTC)):
        return utc
    zone = _zone(told.text("TimeZone", "TZ")) if told else None
    if told and zone and (local := _time_fields(told.first("LocalDateTime"), zone)):
        return local.astimezone(UTC)
    raise AnswerMalformed("The device tells no time.")


def _time_fields(told: Tree | None, zone: timezone) -> datetime | None:
    """A date and a time of day; seconds above their range carry over, as some firmware sends 00:61:16."""
    if told is None:
        return None
    try:
        day = datetime(*(int(told.text("Date", name)) for name in ("Year", "Month", "Day")), tzinfo=zone)  # type: ignore[misc,arg-type]
        hours, minutes, seconds = (int(told.text("Time", name)) for name in ("Hour", "Minute", "Second"))
        return day + timedelta(hours=hours, minutes=minutes, seconds=seconds)
    except (ValueError, OverflowError):
        return None


def _zone(text: str) -> timezone | None:
    """A POSIX zone such as CST-8: hours west of Greenwich (POSIX.1-2017, clause 8.3)."""
    digits = text.lstrip("<>ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz").split(",")[0]
    hours, _, minutes = digits.partition(":")
    try:
        west = timedelta(hours=abs(int(hours)), minutes=int(minutes[:2] or 0))
        return timezone(west if hours.startswith("-") else -west)
    except ValueError:
        return None


def _is_refusal(answer: HttpAnswer) -> bool:
    """Whether the login was wrong or missing: 401, or a fault that says so, whatever the status."""
    if answer.status == _UNAUTHORIZED:
        return True
    read = read_answer(answer.body)
    return isinstance(read, Fault) and read.is_about_login


def _tree(answer: HttpAnswer) -> Tree:
    read = read_answer(answer.body)
    if isinstance(read, Fault):
        raise read.error()
    return read
