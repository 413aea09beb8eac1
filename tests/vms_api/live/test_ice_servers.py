"""What players are told of STUN and TURN servers."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime

from vms_api.live.ice_servers import told_to
from vms_api.live.settings import IceServer

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


def test_a_login_of_the_secret_ends_after_an_hour():
    """The user name begins with its last second; the password is the HMAC of it, as coturn makes it."""
    (told,) = told_to("li", [IceServer(url="turn:turn.example", secret="north")], NOW)
    ends, _, user = told.username.partition(":")
    assert (int(ends), user) == (int(NOW.timestamp()) + 3600, "li")
    digest = hmac.new(b"north", told.username.encode(), hashlib.sha1).digest()
    assert told.credential == base64.b64encode(digest).decode()
    assert told.credential not in repr(told)


def test_fixed_logins_and_none_are_told_as_they_are():
    """STUN asks for none, and its link says nothing of one."""
    servers = [IceServer(url="stun:s"), IceServer(url="turn:t", username="u", credential="c")]
    stun, turn = told_to("li", servers, NOW)
    assert stun.link == '<stun:s>; rel="ice-server"'
    assert turn.link == '<turn:t>; rel="ice-server"; username="u"; credential="c"; credential-type="password"'


def test_the_secret_itself_is_nowhere():
    """Neither in what is told nor in what a log would show."""
    server = IceServer(url="turn:t", secret="north-gate")
    assert "north-gate" not in repr(server)
    assert "north-gate" not in repr(told_to("li", [server], NOW)) + told_to("li", [server], NOW)[0].link
