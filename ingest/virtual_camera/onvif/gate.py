"""Who is let in: HTTP Digest (RFC 7616) and WS-UsernameToken, as far as the camera takes them."""

import base64
import binascii
import hmac
from datetime import UTC, datetime

from ingest.camera import Credential
from ingest.onvif.tree import Tree
from ingest.onvif.username_token import password_digest
from ingest.virtual_camera.digest import DigestGate, Verdict
from ingest.virtual_camera.onvif.device import VirtualDevice
from ingest.virtual_camera.onvif.http import HttpAnswer, HttpRequest
from ingest.virtual_camera.onvif.quirks import Quirk
from ingest.virtual_camera.onvif.soap import SoapRequest

OPEN_OPERATIONS = {
    "GetSystemDateAndTime",
    "GetServices",
    "GetCapabilities",
    "GetServiceCapabilities",
    "GetHostname",
    "GetWsdlUrl",
}
"""Operations that need no login (ONVIF Core Specification, clause 5.9.4.1, class PRE_AUTH)."""

_MAX_NONCES = 1024


class OnvifGate:
    """Checks logins against one device's credential. `refusals` counts attempts with a wrong one."""

    def __init__(self, device: VirtualDevice) -> None:
        self._device = device
        self._digest = DigestGate("Xueliang virtual camera", device.clock.monotonic_s)
        self._nonces: list[bytes] = []
        self.refusals = 0

    def admits(self, request: HttpRequest, soap: SoapRequest) -> bool:
        """Whether the operation may go on."""
        credential = self._device.camera.credential
        if credential is None:
            return True
        name = soap.operation.name
        if name in OPEN_OPERATIONS and not (name == "GetSystemDateAndTime" and self._needs_login_for_time):
            return True
        token = soap.header.first("Security", "UsernameToken") if soap.header else None
        if token and not self._device.has(Quirk.DIGEST_ONLY):
            return self._counted(self._is_right(token, credential))
        header = request.headers.get("authorization", "")
        if header and not self._device.has(Quirk.WSSE_ONLY):
            verdict = self._digest.judge(credential, request.method, header, lambda uri: uri == request.target)
            return verdict is Verdict.STALE or self._counted(verdict is Verdict.ACCEPTED)
        return False

    def lets_look(self, request: HttpRequest) -> bool:
        """Whether a plain HTTP request, for a snapshot, may go on."""
        credential = self._device.camera.credential
        header = request.headers.get("authorization", "")
        if credential is None:
            return True
        return self._digest.judge(credential, request.method, header, lambda uri: uri == request.target) is (
            Verdict.ACCEPTED
        )

    def challenge(self) -> HttpAnswer:
        """The 401 that asks for a login."""
        if self._device.has(Quirk.BARE_401) or self._device.has(Quirk.WSSE_ONLY):
            return HttpAnswer(401)
        return HttpAnswer(401, headers=(("WWW-Authenticate", self._digest.challenge()),))

    @property
    def _needs_login_for_time(self) -> bool:
        return self._device.has(Quirk.TIME_NEEDS_LOGIN)

    def _counted(self, is_right: bool) -> bool:
        self.refusals += not is_right
        return is_right

    def _is_right(self, token: Tree, credential: Credential) -> bool:
        try:
            nonce = base64.b64decode(token.text("Nonce"), validate=True)
            created = datetime.fromisoformat(token.text("Created")).astimezone(UTC)
        except (ValueError, binascii.Error):
            return False
        age_s = abs((self._device.now() - created).total_seconds())
        if nonce in self._nonces or age_s > self._device.manners.token_window_s:
            return False
        self._nonces = [*self._nonces[-_MAX_NONCES:], nonce]
        expected = password_digest(nonce, token.text("Created"), credential.password)
        known = token.text("Username") == credential.username
        return known and hmac.compare_digest(token.text("Password").encode(), expected.encode())
