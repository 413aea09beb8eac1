"""HTTP to one device: bounded in time and size, never redirected, with a certificate that somebody has chosen."""

import asyncio
import ssl
from dataclasses import dataclass

import httpx

from ingest.camera import Credential
from ingest.errors import HostRefused, SourceTimeout
from ingest.onvif.endpoint import Endpoint
from ingest.onvif.errors import AnswerMalformed, AnswerTooLarge, CertificateRefused, RedirectRefused

MAX_ANSWER_BYTES = 2 * 1024 * 1024
"""The largest honest answers, hundreds of profiles or presets, are a few hundred kilobytes."""


@dataclass(frozen=True, slots=True)
class TlsTrust:
    """Which certificate is taken: one of the system's authorities, or exactly the pinned one (PEM).

    `is_unverified` takes any; it is a choice that somebody makes for one device and that is recorded.
    """

    pinned_pem: str | None = None
    is_unverified: bool = False

    def context(self, endpoint: Endpoint) -> ssl.SSLContext:
        """What the connection is checked with. For plain HTTP nothing is loaded, so no TLS would be taken."""
        if endpoint.scheme == "http":
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if self.is_unverified:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            return context
        context = ssl.create_default_context(cadata=self.pinned_pem)
        if self.pinned_pem:
            context.check_hostname = False  # the certificate itself is what is checked; devices carry any name
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        return context


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """Status and body of an answer; whether it asks for HTTP Digest."""

    status: int
    body: bytes
    asks_digest: bool


class DeviceTransport:
    """One device's HTTP connections; of the kept ones at most two: one for requests, one for a waiting pull."""

    def __init__(self, endpoint: Endpoint, credential: Credential | None, trust: TlsTrust) -> None:
        self._digest = httpx.DigestAuth(credential.username, credential.password) if credential else None
        self._http = httpx.AsyncClient(
            verify=trust.context(endpoint),
            trust_env=False,
            follow_redirects=False,
            timeout=None,  # noqa: S113 - one limit for the whole exchange, set in `exchange`
            limits=httpx.Limits(max_connections=4, max_keepalive_connections=2, keepalive_expiry=20),
            headers={"Accept-Encoding": "identity", "User-Agent": "Xueliang"},
        )

    async def close(self) -> None:
        """Hangs up."""
        await self._http.aclose()

    async def post(self, endpoint: Endpoint, body: bytes, timeout_s: float, *, has_digest: bool) -> HttpAnswer:
        """One SOAP exchange; with `has_digest` the device's challenge is answered, once.

        Raises:
            HostRefused, SourceTimeout: nobody answers, or not in time.
            AnswerMalformed, AnswerTooLarge, RedirectRefused, CertificateRefused: no answer to go on with.

        """
        headers = {"Content-Type": "application/soap+xml; charset=utf-8"}
        request = self._http.build_request("POST", endpoint.url, headers=headers, content=body)
        return await self._exchange(request, timeout_s, has_digest)

    async def get(self, endpoint: Endpoint, timeout_s: float, *, has_digest: bool) -> HttpAnswer:
        """Fetches a picture. Raises as `post`."""
        return await self._exchange(self._http.build_request("GET", endpoint.url), timeout_s, has_digest)

    async def _exchange(self, request: httpx.Request, timeout_s: float, has_digest: bool) -> HttpAnswer:
        request.headers.encoding = "utf-8"  # user names are not all Latin
        try:
            async with asyncio.timeout(timeout_s):
                if not has_digest or self._digest is None:
                    return _read(*await self._send(request))
                return await self._send_with_digest(request, self._digest)
        except TimeoutError:
            raise SourceTimeout("The device did not answer in time.") from None
        except httpx.HTTPError as error:
            raise _reason(error) from None

    async def _send_with_digest(self, request: httpx.Request, digest: httpx.DigestAuth) -> HttpAnswer:
        flow = digest.sync_auth_flow(request)
        response, body = await self._send(next(flow))
        try:
            response, body = await self._send(flow.send(response))
        except StopIteration:
            pass  # the challenge of last time still served, or there was none
        finally:
            flow.close()
        return _read(response, body)

    async def _send(self, request: httpx.Request) -> tuple[httpx.Response, bytes]:
        """The response, and its body read by us: httpx would read one of any size."""
        response = await self._http.send(request, stream=True, auth=None)
        try:
            if response.is_redirect:
                raise RedirectRefused("The device sends its visitors to another address.")
            if response.headers.get("content-encoding", "identity") != "identity":
                raise AnswerMalformed("The device packs its answers although it was asked not to.")
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > MAX_ANSWER_BYTES:
                    raise AnswerTooLarge(f"The device's answer is larger than {MAX_ANSWER_BYTES} bytes.")
        finally:
            await response.aclose()
        return response, bytes(body)


def _read(response: httpx.Response, body: bytes) -> HttpAnswer:
    challenges = response.headers.get_list("www-authenticate")
    asks_digest = any(challenge.lower().startswith("digest") for challenge in challenges)
    return HttpAnswer(response.status_code, body, asks_digest)


def _reason(error: httpx.HTTPError) -> Exception:
    if isinstance(error, httpx.ConnectError):
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            return CertificateRefused("The device's certificate is not the one that is trusted.")
        return HostRefused("Nobody listens at the device's address.")
    if isinstance(error, httpx.ReadError | httpx.WriteError):
        return HostRefused("The device hung up.")
    return AnswerMalformed("The device does not speak HTTP.")
