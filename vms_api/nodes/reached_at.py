"""By which address of this machine somebody has come: what a live view may tell about our network."""

import ipaddress

from fastapi import Request

HEADER = "X-Reached-At"
"""From the control process to its node. Empty: nothing is known that could be told."""


def reached_at(request: Request) -> dict[str, str]:
    """The header for the node: the address that the request came in by, which whoever sent it knows already.

    A proxy on this machine comes in by loopback. What people entered there counts then, if it is an address; a name
    is not looked up, as that can take long on a closed network.
    """
    came_in = _address(request.scope["server"][0] if request.scope.get("server") else "")
    entered = _address(request.url.hostname or "")
    if came_in is not None and came_in.is_loopback and not _is_this_machine(request.url.hostname or "", entered):
        came_in = entered
    return {HEADER: "" if came_in is None else str(came_in)}


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _is_this_machine(name: str, entered: ipaddress.IPv4Address | ipaddress.IPv6Address | None) -> bool:
    return name == "localhost" or (entered is not None and entered.is_loopback)
