"""Events of one device, through the one pull point that the whole system has there.

Devices have few places, some only four, and keep a place that nobody gives back until it ends. So there is one for
each device, its life is short, it is renewed while it is used, and given back at the end.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape

from ingest.clock import Clock
from ingest.errors import IngestError
from ingest.onvif import namespaces as ns
from ingest.onvif.connection import Ask
from ingest.onvif.device import OnvifDevice
from ingest.onvif.endpoint import Endpoint
from ingest.onvif.envelope import clean, operation
from ingest.onvif.errors import AnswerMalformed, OperationRefused, OperationUnsupported
from ingest.onvif.messages import DeviceEvent
from ingest.onvif.topics import state_of, topic_of
from ingest.onvif.tree import Tree

LIFE_S = 60
WAIT_S = 10
LIMIT = 64

_EVENTS_ACTION = "http://www.onvif.org/ver10/events/wsdl"
_NOTIFY_ACTION = "http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager"
_NO_DURATION = {"UnacceptableInitialTerminationTimeFault", "UnacceptableInitialTerminationTime", "InvalidArgVal"}
_STATE_NAMES = ("State", "IsMotion", "LogicalState", "IsTamper", "Value")


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where the pull point is, the headers it wants back, and how long it lives when it is not renewed."""

    endpoint: Endpoint
    reference_headers: str
    life_s: float


class PullPoint:
    """One device's events. `dropped` counts notifications of topics that are not taken."""

    def __init__(self, device: OnvifDevice, clock: Clock) -> None:
        self._device = device
        self._clock = clock
        self._subscription: Subscription | None = None
        self._renewed_s = 0.0
        self.dropped = 0

    @property
    def subscription(self) -> Subscription | None:
        """The one that is held: whoever keeps it can give it back after a crash."""
        return self._subscription

    async def open(self) -> None:
        """Takes a place and asks for the present states.

        Raises:
            IngestError: the device has no events, no free place, or could not be asked.

        """
        self._subscription = _subscription(await self._created(), self._device.connection.endpoint)
        self._renewed_s = self._clock.monotonic_s()
        try:
            await self._ask(ns.EVENTS, "SetSynchronizationPoint", _EVENTS_ACTION + "/PullPointSubscription")
        except (OperationRefused, OperationUnsupported):
            return  # then states are known with their first change

    async def _created(self) -> Tree:
        """A place for LIFE_S; where the device takes no duration, for as long as it likes."""
        inner = f"<InitialTerminationTime>PT{LIFE_S}S</InitialTerminationTime>"
        try:
            return await self._device.call(ns.EVENTS, "CreatePullPointSubscription", inner)
        except OperationRefused as refused:
            if refused.subcode not in _NO_DURATION:
                raise
            return await self._device.call(ns.EVENTS, "CreatePullPointSubscription")

    async def pull(self, wait_s: float = WAIT_S) -> list[DeviceEvent]:
        """The events of the next `wait_s` seconds at most; renews the pull point, or takes a new one, when it is due.

        Raises:
            IngestError: the device could not be asked, or refused.

        """
        await self._keep_alive()
        inner = f"<Timeout>PT{wait_s:.0f}S</Timeout><MessageLimit>{LIMIT}</MessageLimit>"
        action = _EVENTS_ACTION + "/PullPointSubscription"
        told = await self._ask(ns.EVENTS, "PullMessages", action, inner, wait_s + 5)
        read = [self._read(notification) for notification in told.all("NotificationMessage")[:LIMIT]]
        events = [event for event in read if event is not None]
        self.dropped += len(read) - len(events)
        return events

    async def close(self) -> None:
        """Gives the place back; a device that cannot be reached any more lets it end."""
        if self._subscription is None:
            return
        try:
            await self._ask(ns.NOTIFICATION, "Unsubscribe", _NOTIFY_ACTION)
        except IngestError:
            return
        finally:
            self._subscription = None

    async def release(self, address: str, reference_headers: str) -> None:
        """Gives back a place that a process held which is dead; one that has ended meanwhile is no matter."""
        own, here = self._subscription, self._device.connection.endpoint
        try:
            self._subscription = Subscription(here.reported(address), reference_headers, LIFE_S)
            await self._ask(ns.NOTIFICATION, "Unsubscribe", _NOTIFY_ACTION)
        except IngestError:
            return
        finally:
            self._subscription = own

    async def _keep_alive(self) -> None:
        subscription = self._subscription
        if subscription is None:
            await self.open()
            return
        now_s = self._clock.monotonic_s()
        if now_s - self._renewed_s < subscription.life_s / 2:
            return
        try:
            inner = f"<TerminationTime>PT{LIFE_S}S</TerminationTime>"
            await self._ask(ns.NOTIFICATION, "Renew", _NOTIFY_ACTION, inner)
            self._renewed_s = now_s
        except (OperationRefused, OperationUnsupported):
            await self.close()
            await self.open()

    async def _ask(self, namespace: str, name: str, action: str, inner: str = "", timeout_s: float = 5.0) -> Tree:
        """One operation of the pull point, addressed as WS-Addressing 1.0 (clause 3.3 of its SOAP binding) wants it."""
        subscription = self._subscription
        if subscription is None:
            raise OperationUnsupported("There is no subscription.")
        verb = f"{action}/{name}Request"
        header = (
            f'<a:Action xmlns:a="{ns.ADDRESSING}">{verb}</a:Action>'
            f'<a:To xmlns:a="{ns.ADDRESSING}">{escape(subscription.endpoint.url)}</a:To>'
            f"{subscription.reference_headers}"
        )
        ask = Ask(
            subscription.endpoint,
            operation(namespace, name, inner),
            header,
            timeout_s,
            is_waiting=name == "PullMessages",
        )
        return await self._device.connection.ask(ask)

    def _read(self, notification: Tree) -> DeviceEvent | None:
        topic = topic_of(notification.text("Topic"))
        message = notification.first("Message", "Message")
        if topic is None or message is None:
            return None
        data = {item.attribute("Name"): item.attribute("Value") for item in _items(message, "Data")}
        states = [state_of(data[name]) for name in _STATE_NAMES if name in data]
        source = "/".join(clean(item.attribute("Value")) for item in _items(message, "Source"))
        is_initial = message.attribute("PropertyOperation") == "Initialized"
        return DeviceEvent(topic, source, states[0] if states else None, self._when(message), is_initial)

    def _when(self, message: Tree) -> datetime | None:
        reading = self._device.connection.clock_reading
        told = _stamp(message.attribute("UtcTime"))
        return told - timedelta(seconds=reading.offset_s) if told and reading else None


def _items(message: Tree, part: str) -> list[Tree]:
    found = message.first(part)
    return found.all("SimpleItem") if found else []


def _subscription(told: Tree, endpoint: Endpoint) -> Subscription:
    """The subscription in a CreatePullPointSubscriptionResponse.

    How long it lives is the difference of the device's own two times, so it does not matter how wrong its clock is.
    """
    reference = told.first("SubscriptionReference")
    address = reference.text("Address") if reference else ""
    if not address:
        raise AnswerMalformed("The device says not where its events are.")
    parameters = reference.first("ReferenceParameters") if reference else None
    headers = "".join(_echoed(each) for each in parameters.children()) if parameters else ""
    now, end = _stamp(told.text("CurrentTime")), _stamp(told.text("TerminationTime"))
    life_s = (end - now).total_seconds() if now and end and end > now else float(LIFE_S)
    return Subscription(endpoint.reported(address), headers, min(life_s, 3600.0))


def _echoed(parameter: Tree) -> str:
    """A reference parameter as a header (WS-Addressing 1.0 SOAP binding, clause 3.4)."""
    return (
        f'<r:{parameter.name} xmlns:r="{escape(parameter.namespace)}" xmlns:a="{ns.ADDRESSING}" '
        f'a:IsReferenceParameter="true">{escape(parameter.text())}</r:{parameter.name}>'
    )


def _stamp(text: str) -> datetime | None:
    """A time of a device, UTC unless it says otherwise; None for what is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
