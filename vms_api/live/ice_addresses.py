"""Which addresses of this machine are offered to browsers.

aioice 0.13 leaves 127.0.0.1 out and takes every other address of the machine; it has no setting for either. The one
function that decides is replaced here, once, at start. `tests/vms_api/live/test_ice_addresses.py` fails when a new
aioice no longer asks it.
"""

from contextvars import ContextVar

from aioice import ice

_reached_at: ContextVar[tuple[str, ...] | None] = ContextVar("reached_at", default=None)


def tell_reached(addresses: tuple[str, ...]) -> None:
    """For the session that the running task makes: where the site file names no address, these are offered alone."""
    _reached_at.set(addresses)


def offer_only(addresses: tuple[str, ...]) -> None:
    """Makes ICE offer exactly these host addresses.

    An empty tuple means those by which the browser has come to us, or, where nobody says them, every address of this
    machine, loopback included.
    """
    every_address = ice.get_host_addresses

    def get_host_addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        told = addresses or _reached_at.get()
        if told is not None:
            return [a for a in told if (use_ipv6 if ":" in a else use_ipv4)]
        return [*every_address(use_ipv4, use_ipv6), *(["127.0.0.1"] if use_ipv4 else [])]

    ice.get_host_addresses = get_host_addresses
