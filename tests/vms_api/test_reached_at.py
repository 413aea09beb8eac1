"""By which address of ours a browser has come, as far as it is known."""

import pytest
from fastapi import Request

from vms_api.nodes.reached_at import HEADER, reached_at


@pytest.mark.parametrize(
    ("came_in", "entered", "known"),
    [
        ("192.0.2.7", "site.example", "192.0.2.7"),
        ("192.0.2.7", "203.0.113.5", "192.0.2.7"),
        ("2001:db8::7", "site.example", "2001:db8::7"),
        ("127.0.0.1", "localhost:8000", "127.0.0.1"),
        ("127.0.0.1", "127.0.0.1:8000", "127.0.0.1"),
        ("127.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("127.0.0.1", "site.example", ""),
        ("/run/xueliang.sock", "site.example", ""),
    ],
)
def test_the_address_that_the_browser_knows(came_in: str, entered: str, known: str) -> None:
    """That of the connection, unless a proxy of this machine stands between; then the one that was entered."""
    scope = {
        "type": "http",
        "method": "POST",
        "scheme": "https",
        "path": "/",
        "query_string": b"",
        "server": (came_in, 443),
        "headers": [(b"host", entered.encode())],
    }
    assert reached_at(Request(scope)) == {HEADER: known}
