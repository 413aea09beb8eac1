"""A broker of MQTT 5: alerts as they happen, the cameras' states kept there, a last will for when this site is gone."""

import asyncio
import ssl
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import aiomqtt
import structlog
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from vms_api.notify.camera_feed import CameraFeed, CameraTold
from vms_api.notify.delivery import Delivery
from vms_api.notify.mqtt_topics import OFFLINE, ONLINE, Topics, camera_told
from vms_api.notify.outcome import ARRIVED, DeliveryFault, Outcome
from vms_api.notify.reach import ReachPolicy, Unreached
from vms_api.notify.target import MqttTarget
from vms_api.notify.tls import is_tls_fault, receiver_tls

log = structlog.get_logger()

_TIMEOUT_S = 10.0
_KEEP_ALIVE_S = 30
_RECONNECT_S, _LONGEST_RECONNECT_S = 1.0, 60.0
_LOOK_AGAIN_S = 30.0
"""So often the list of cameras is read anew: they come, go and are renamed."""
_BAD_LOGIN, _NOT_AUTHORISED = 0x86, 0x87  # MQTT 5.0 clause 3.2.2.2


@dataclass(frozen=True, slots=True)
class MqttSite:
    """What of this site a broker is told: the cameras of these areas. `client_id` is the same over restarts."""

    client_id: str
    feed: CameraFeed
    areas: Callable[[], Collection[str]]
    on_back: Callable[[], None]


class MqttSender:
    """Stays connected. Deliveries are published with QoS 1 and have arrived when the broker says so.

    Without a `site` it is a trial: nothing is kept at the broker, and there is no last will.
    """

    batch = 64
    pace_s = 0.0

    def __init__(self, target: MqttTarget, password: str | None, policy: ReachPolicy, site: MqttSite | None) -> None:
        self._target = target
        self._password = password
        self._policy = policy
        self._site = site
        self._topics = Topics(target.prefix)
        self._client: aiomqtt.Client | None = None
        self._settled = asyncio.Event()
        self._fault = Outcome(DeliveryFault.UNREACHABLE)

    async def run(self) -> None:
        """Connects, and connects again, until cancelled."""
        wait_s = _RECONNECT_S
        while True:
            try:
                await self._session()
            except Unreached as unreached:
                self._fault = unreached.outcome
            except (aiomqtt.MqttError, OSError) as error:
                self._fault = _fault(error)
            wait_s = _RECONNECT_S if self._client else min(wait_s * 2, _LONGEST_RECONNECT_S)
            self._client = None
            self._settled.set()
            await asyncio.sleep(wait_s)
            self._settled.clear()

    async def send(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        """Publishes them all. Without a connection, and when none comes soon, they wait."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_TIMEOUT_S):
                await self._settled.wait()
        client = self._client
        if client is None:
            return [self._fault] * len(deliveries)
        return await asyncio.gather(*(self._published(client, delivery) for delivery in deliveries))

    async def close(self) -> None:
        """The connection ends with `run`."""

    async def _published(self, client: aiomqtt.Client, delivery: Delivery) -> Outcome:
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        properties.ContentType = "application/json"
        properties.UserProperty = [("delivery-id", delivery.id)]
        try:
            topic, text = self._topics.of(delivery), delivery.text()
            await client.publish(topic, text, qos=1, properties=properties, timeout=_TIMEOUT_S)
        except aiomqtt.MqttError as error:
            return _fault(error)
        return ARRIVED

    async def _session(self) -> None:
        """One connection, from its beginning to its end."""
        address = await self._policy.pinned(self._target.host, self._target.port)
        async with aiomqtt.Client(**self._connection(address)) as client:
            if self._site is not None:
                await client.publish(self._topics.status, ONLINE, qos=1, retain=True)
            self._client = client
            self._settled.set()
            if self._site is None:
                await asyncio.Event().wait()
            else:
                await self._attend(client, self._site)

    async def _attend(self, client: aiomqtt.Client, site: MqttSite) -> None:
        """Keeps the cameras' states until the connection ends; those kept of cameras that are gone are erased."""
        site.on_back()
        known = dict[str, CameraTold]()
        only_others = SubscribeOptions(qos=1, noLocal=True)
        following = asyncio.create_task(self._follow(client, site, known), name="mqtt-cameras")
        following.add_done_callback(_log_failure)
        try:
            await client.subscribe(self._topics.camera_states, options=only_others)
            async for message in client.messages:
                camera_id = self._topics.camera_id(str(message.topic))
                if message.payload and camera_id not in known:
                    await self._erase(client, [camera_id])
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            with suppress(aiomqtt.MqttError):
                await client.publish(self._topics.status, OFFLINE, qos=1, retain=True, timeout=1)

    async def _follow(self, client: aiomqtt.Client, site: MqttSite, known: dict[str, CameraTold]) -> None:
        with site.feed.listen() as listener:
            while True:
                cameras = await site.feed.cameras(site.areas())
                changed = [camera for id_, camera in cameras.items() if known.get(id_) != camera]
                gone = known.keys() - cameras.keys()
                known.clear()
                known.update(cameras)
                for camera in changed:
                    await self._keep(client, camera)
                await self._erase(client, gone)
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_AGAIN_S):
                        await site.feed.changed(listener)

    async def _keep(self, client: aiomqtt.Client, camera: CameraTold) -> None:
        await client.publish(self._topics.camera_state(camera.id), camera_told(camera), qos=1, retain=True)
        if self._target.home_assistant:
            topic, text = self._topics.announcement(camera.id), self._topics.announced(camera)
            await client.publish(topic, text, qos=1, retain=True)

    async def _erase(self, client: aiomqtt.Client, camera_ids: Iterable[str]) -> None:
        """An empty retained message removes the one that is kept (MQTT 5.0 clause 3.3.1.3)."""
        for camera_id in camera_ids:
            await client.publish(self._topics.camera_state(camera_id), b"", qos=1, retain=True)
            await client.publish(self._topics.announcement(camera_id), b"", qos=1, retain=True)

    def _connection(self, address: str) -> dict[str, Any]:
        target, site = self._target, self._site
        will = aiomqtt.Will(self._topics.status, OFFLINE, qos=1, retain=True) if site else None
        return {
            "hostname": address,
            "port": target.port,
            "username": target.username,
            "password": self._password if target.username else None,
            "identifier": site.client_id if site else None,
            "protocol": aiomqtt.ProtocolVersion.V5,
            "will": will,
            "keepalive": _KEEP_ALIVE_S,
            "timeout": _TIMEOUT_S,
            "tls_context": _named(receiver_tls(target.authority_pem), target.host) if target.tls else None,
        }


def _named(context: ssl.SSLContext, host: str) -> ssl.SSLContext:
    """The context for a connection to an address whose certificate must bear the host's name."""
    wrap = context.wrap_socket

    def wrapped(sock: Any, *args: Any, **options: Any) -> ssl.SSLSocket:
        secured = wrap(sock, *args, **{**options, "server_hostname": host})
        secured.settimeout(_TIMEOUT_S)
        try:
            secured.do_handshake()
        except OSError:
            secured.close()  # paho leaves it open
            raise
        return secured

    context.wrap_socket = wrapped  # type: ignore[method-assign]  # paho names the address it dials
    return context


def _log_failure(task: asyncio.Task[None]) -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, aiomqtt.MqttError):  # a lost connection is noticed elsewhere
        log.error("notify.cameras-failed", exc_info=error)


def _fault(error: Exception) -> Outcome:
    code = getattr(error, "rc", None)
    if isinstance(code, ReasonCode) and code.value in {_BAD_LOGIN, _NOT_AUTHORISED}:
        return Outcome(DeliveryFault.LOGIN_REFUSED, str(code.value))
    if is_tls_fault(error) or "SSL" in str(error):  # aiomqtt hands on the text of an error, not the error
        return Outcome(DeliveryFault.TLS_FAILED)
    return Outcome(DeliveryFault.TIMED_OUT if "timed out" in str(error).lower() else DeliveryFault.UNREACHABLE)
