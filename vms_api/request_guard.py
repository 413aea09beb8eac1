"""What is checked before any route runs, and what is added to every answer."""

import re
import time
from collections.abc import Collection, Mapping
from urllib.parse import parse_qs

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vms_api.accounts.errors import TokenInQuery
from vms_api.errors import BodyTooLarge, ContentTypeRequired, ForeignOrigin, InternalError, Problem
from vms_api.problems import OnProblem, problem_response

log = structlog.get_logger()

PUBLIC_BODY_BYTES = 1024 * 1024
INTERNAL_BODY_BYTES = 8 * 1024 * 1024
"""A delivery carries a JPEG in base64."""
PATROL_PLAN_BODY_BYTES = 4 * 1024 * 1024
"""Ten thousand stops."""
IMPORT_BODY_BYTES = 32 * 1024 * 1024
"""A spreadsheet, or the drawing of a place."""
ATTACHMENT_BODY_BYTES = 1024 * 1024 * 1024
"""A file for an alert or a ticket. How much is taken is for its route to say, which records what it refuses."""
_IMPORTS = "/api/v1/cameras/imports"
_ATTACHMENTS = re.compile(r"/api/v1/(alerts/[^/]+/attachments|tickets/[^/]+/photos)")
_PLANS = re.compile(r"/api/v1/areas/[^/]+/plan")
_PATROL_PLANS = "/api/v1/patrol-plans"

SECURITY_HEADERS: Mapping[str, str] = {
    # Element Plus sets style attributes; pictures of alerts and snapshots come as blobs.
    "Content-Security-Policy": (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src blob:; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

_SECRETS = {"token", "access_token", "api_key", "apikey", "password", "authorization"}
"""Names of query parameters by which people pass secrets elsewhere. Here no parameter has such a name."""
_READS = {"GET", "HEAD", "OPTIONS"}


def _headers(media_origin: str | None) -> Mapping[str, str]:
    """The page may also speak to where media comes from, if that is not this server."""
    if media_origin is None:
        return SECURITY_HEADERS
    policy = f"{SECURITY_HEADERS['Content-Security-Policy']}; connect-src 'self' {media_origin}"
    return {**SECURITY_HEADERS, "Content-Security-Policy": policy}


class RequestGuard:
    """Origin rule, body type and body size of the contract; security headers on every answer; request figures."""

    def __init__(
        self,
        app: ASGIApp,
        public_origin: str | None,
        player_origins: Collection[str],
        media_origin: str | None,
        on_problem: OnProblem,
    ) -> None:
        self._app = app
        self._player_origins = frozenset(player_origins)
        self._on_problem = on_problem
        self._public_origin = public_origin
        self._headers = _headers(media_origin)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets the request through or answers it with a problem."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(scope, send, self._headers)
        try:
            self._check(scope)
        except Problem as problem:
            await self._on_problem(Request(scope), problem)
            await problem_response(problem)(scope, receive, answer.send)
            return
        try:
            await self._app(scope, _bounded(receive, _body_limit(scope)), answer.send)
        except Exception:  # the boundary of a request: whatever it died of, it is answered and the server goes on
            log.exception("request.failed", method=scope["method"], path=scope["path"])
            if answer.has_begun:
                raise
            await problem_response(InternalError())(scope, receive, answer.send)

    def _check(self, scope: Scope) -> None:
        headers, path = Headers(scope=scope), scope["path"]
        if _SECRETS & set(parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)):
            raise TokenInQuery
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > _body_limit(scope):
            raise BodyTooLarge
        if scope["method"] in _READS or path.startswith("/internal/"):
            return
        self._check_origin(scope, headers)
        has_body = length != "0" or "transfer-encoding" in headers
        # Neither of the two is a type that a browser sends for another site without asking first.
        is_file = path == _IMPORTS or _ATTACHMENTS.fullmatch(path) or _PLANS.fullmatch(path)
        wanted = {"application/json", "application/octet-stream"} if is_file else {"application/json"}
        if has_body and "/whep" not in path and _media_type(headers) not in wanted:
            raise ContentTypeRequired(f"the body must be {max(wanted)}")

    def _check_origin(self, scope: Scope, headers: Headers) -> None:
        """Refuses writes that another site's page asks for with this person's cookie (CSRF)."""
        if origin := headers.get("origin"):
            own = {f"{scope['scheme']}://{headers.get('host', '')}", self._public_origin}
            if origin not in own and not self._is_player(origin, scope["path"], headers):
                raise ForeignOrigin
        elif headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
            raise ForeignOrigin

    def _is_player(self, origin: str, path: str, headers: Headers) -> bool:
        """A WHEP player on a page that is let in; it brings a token, and no cookie of ours goes along."""
        return origin in self._player_origins and "/whep" in path and "authorization" in headers


class _Answer:
    """Adds the headers, and counts once when the answer begins."""

    def __init__(self, scope: Scope, send: Send, headers: Mapping[str, str]) -> None:
        self._scope = scope
        self._headers = headers
        self._send = send
        self._began_s = time.perf_counter()
        self.has_begun = False

    async def send(self, message: Message) -> None:
        """Hands the message on."""
        if message["type"] == "http.response.start":
            self.has_begun = True
            headers = MutableHeaders(scope=message)
            for name, value in self._headers.items():
                headers.setdefault(name, value)
            if self._scope["path"].startswith(("/api/", "/internal/")):
                headers.setdefault("Cache-Control", "no-store")
            self._count(message["status"])
        await self._send(message)

    def _count(self, status: int) -> None:
        route = getattr(self._scope.get("route"), "path", "page")
        seconds = time.perf_counter() - self._began_s
        self._scope["app"].state.control.metrics.request_answered(self._scope["method"], route, status, seconds)


def _bounded(receive: Receive, limit: int) -> Receive:
    """A body without a declared length is cut off where it gets too long."""
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise BodyTooLarge
        return message

    return bounded


def _body_limit(scope: Scope) -> int:
    if scope["path"] == _IMPORTS or _PLANS.fullmatch(scope["path"]):
        return IMPORT_BODY_BYTES
    if _ATTACHMENTS.fullmatch(scope["path"]):
        return ATTACHMENT_BODY_BYTES
    if scope["path"].startswith(_PATROL_PLANS):
        return PATROL_PLAN_BODY_BYTES
    return INTERNAL_BODY_BYTES if scope["path"].startswith("/internal/") else PUBLIC_BODY_BYTES


def _media_type(headers: Headers) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()
