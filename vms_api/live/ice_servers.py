"""What players are told of STUN and TURN servers: logins of a TURN server's own secret end by themselves.

The scheme is that of "A REST API for access to TURN services" (draft-uberti-behave-turn-rest-00), which coturn knows as
`use-auth-secret`: the user name begins with the second at which it ends, the password is its HMAC.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from vms_api.live.settings import IceServer

LOGIN_LASTS = timedelta(hours=1)
"""TURN asks for it when a relay is set up; a view that is open goes on."""


@dataclass(frozen=True, slots=True)
class ToldServer:
    """A server with the login that one person gets; both empty for a server without logins."""

    url: str
    username: str
    credential: str = field(repr=False)

    @property
    def link(self) -> str:
        """As a Link header's value (draft-ietf-wish-whep-04, RFC 8288)."""
        login = f'; username="{self.username}"; credential="{self.credential}"; credential-type="password"'
        return f'<{self.url}>; rel="ice-server"' + (login if self.username else "")


def told_to(user_id: str, servers: Iterable[IceServer], now: datetime) -> list[ToldServer]:
    """The servers as that person may use them from now on."""
    return [_told(server, user_id, now + LOGIN_LASTS) for server in servers]


def _told(server: IceServer, user_id: str, until: datetime) -> ToldServer:
    if not server.secret:
        return ToldServer(server.url, server.username, server.credential)
    username = f"{int(until.timestamp())}:{user_id}"
    digest = hmac.new(server.secret.encode(), username.encode(), hashlib.sha1).digest()
    return ToldServer(server.url, username, base64.b64encode(digest).decode())
