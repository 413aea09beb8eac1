"""What WHEP players on pages of other sites need to be told (draft-ietf-wish-whep-04; Fetch standard, CORS).

Only pages of the configured origins are told anything, and they come with a token: no cookie of ours goes along.
"""

from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SDP = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"
_OFFERED = {"Accept-Post": SDP, "Accept-Patch": f"{FRAGMENT}, {SDP}", "Allow": "OPTIONS, POST, PATCH, DELETE"}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "OPTIONS, POST, PATCH, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match",
    "Access-Control-Max-Age": "600",
}
_EXPOSED = {"Access-Control-Expose-Headers": "Accept-Patch, Accept-Post, ETag, Link, Location, Retry-After"}


class WhepCors:
    """Answers OPTIONS before anybody is asked who he is, and lets configured pages read the other answers."""

    def __init__(self, app: ASGIApp, origins: Collection[str]) -> None:
        self._app = app
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes everything else on."""
        if scope["type"] != "http" or "/whep" not in scope["path"]:
            await self._app(scope, receive, send)
            return
        allowed = self._allowed(Headers(scope=scope).get("origin"))
        if scope["method"] == "OPTIONS":
            told = _PREFLIGHT if allowed else {}
            await Response(status_code=204, headers=_OFFERED | allowed | told)(scope, receive, send)
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update({**allowed, **(_EXPOSED if allowed else {})})
            await send(message)

        await self._app(scope, receive, answer)

    def _allowed(self, origin: str | None) -> dict[str, str]:
        return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"} if origin in self._origins and origin else {}
