"""Webhooks as Standard Webhooks 1.0 has them: signed, never redirected, each under an id that stays."""

import asyncio
import base64
import secrets
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urlsplit

import httpx
from standardwebhooks.webhooks import Webhook

from ingest.clock import Clock
from vms_api.notify.delivery import Delivery
from vms_api.notify.outcome import ARRIVED, DeliveryFault, Outcome
from vms_api.notify.reach import ReachPolicy, Unreached
from vms_api.notify.target import WebhookTarget
from vms_api.notify.tls import is_tls_fault, receiver_tls

TIMEOUT_S = 15.0
"""For one exchange as a whole, so that an answer that drips does not last."""
_MAX_ANSWER_BYTES = 64 * 1024
_AT_ONCE = 16
_SECRET_PREFIX = "whsec_"  # noqa: S105 - how every secret of Standard Webhooks begins
_SECRET_BYTES = 32


def new_webhook_secret() -> str:
    """A secret that nobody knows yet, in the form that the libraries of receivers take."""
    return _SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def is_webhook_secret(text: str) -> bool:
    """Whether it is one: `whsec_` and the base64 form of 24 to 64 bytes (Standard Webhooks, Signature scheme)."""
    try:
        key = base64.b64decode(text.removeprefix(_SECRET_PREFIX), validate=True)
    except ValueError:
        return False
    return text.startswith(_SECRET_PREFIX) and 24 <= len(key) <= 64  # noqa: PLR2004 - as the standard has it


class WebhookSender:
    """One URL. Messages about one alert go in their order, those about others beside them."""

    batch = 64
    pace_s = 0.0

    def __init__(
        self, target: WebhookTarget, secret: str, policy: ReachPolicy, clock: Clock, timeout_s: float = TIMEOUT_S
    ) -> None:
        parts = urlsplit(target.url)
        self._scheme, self._host = parts.scheme, parts.hostname or ""
        self._port = parts.port or (443 if self._scheme == "https" else 80)
        self._authority = parts.netloc
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._signer = Webhook(secret)
        self._policy = policy
        self._clock = clock
        self._timeout_s = timeout_s
        self._http = httpx.AsyncClient(
            verify=receiver_tls(target.authority_pem),
            trust_env=False,
            follow_redirects=False,
            timeout=None,  # noqa: S113 - one limit for the whole exchange, set in `_exchange`
            limits=httpx.Limits(max_connections=_AT_ONCE, max_keepalive_connections=_AT_ONCE, keepalive_expiry=30),
            headers={"User-Agent": "Xueliang", "Accept-Encoding": "identity", "Content-Type": "application/json"},
        )

    async def run(self) -> None:
        """Nothing goes on between deliveries."""
        await asyncio.Event().wait()

    async def send(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        """Posts them: the host's address is looked up and judged once for all."""
        try:
            address = await self._policy.pinned(self._host, self._port)
        except Unreached as unreached:
            return [unreached.outcome] * len(deliveries)
        chains: dict[str, list[Delivery]] = defaultdict(list)
        for delivery in deliveries:
            chains[delivery.message.subject].append(delivery)
        gate, outcomes = asyncio.Semaphore(_AT_ONCE), dict[str, Outcome]()

        async def follow(chain: Sequence[Delivery]) -> None:
            async with gate:
                for delivery in chain:
                    outcomes[delivery.id] = await self._exchange(delivery, address)

        await asyncio.gather(*(follow(chain) for chain in chains.values()))
        return [outcomes[delivery.id] for delivery in deliveries]

    async def close(self) -> None:
        """Hangs up."""
        await self._http.aclose()

    async def _exchange(self, delivery: Delivery, address: str) -> Outcome:
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await self._http.send(self._request(delivery, address), stream=True)
                await _read_off(answer)
        except TimeoutError:
            return Outcome(DeliveryFault.TIMED_OUT)
        except httpx.HTTPError as error:
            return Outcome(DeliveryFault.TLS_FAILED if is_tls_fault(error) else DeliveryFault.UNREACHABLE)
        return judged(answer.status_code, answer.headers.get("retry-after"), self._clock.now())

    def _request(self, delivery: Delivery, address: str) -> httpx.Request:
        body, now = delivery.text(), self._clock.now()
        headers = {
            "Host": self._authority,
            "webhook-id": delivery.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signer.sign(delivery.id, now, body),
        }
        host = f"[{address}]" if ":" in address else address
        url = f"{self._scheme}://{host}:{self._port}{self._path}"
        return self._http.build_request(
            "POST", url, headers=headers, content=body.encode(), extensions={"sni_hostname": self._host}
        )


async def _read_off(answer: httpx.Response) -> None:
    """Reads what nobody wants, so that the connection can be used again; a long one is hung up on."""
    try:
        read = 0
        async for chunk in answer.aiter_raw():
            read += len(chunk)
            if read > _MAX_ANSWER_BYTES:
                return
    finally:
        await answer.aclose()


def judged(status: int, retry_after: str | None, now: datetime) -> Outcome:
    """What an answer means (Standard Webhooks 1.0, Deliverability and reliability)."""
    if HTTPStatus(200) <= status < HTTPStatus(300):
        return ARRIVED
    if status == HTTPStatus.GONE:
        return Outcome(DeliveryFault.GONE, str(status))
    if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        return Outcome(DeliveryFault.THROTTLED, str(status), retry_after_s(retry_after, now))
    is_redirect = HTTPStatus(300) <= status < HTTPStatus(400)
    return Outcome(DeliveryFault.REDIRECTED if is_redirect else DeliveryFault.ANSWERED_ERROR, str(status))


def retry_after_s(header: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header names (RFC 9110 clause 10.2.3), as seconds or as a date; None without one."""
    if header is None:
        return None
    if header.strip().isdecimal():
        return float(header.strip()[:9])
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds())
