"""Which addresses of this machine are offered to browsers.

aioice 0.13 leaves 127.0.0.1 out and takes every other address of the machine; it has no setting for either. The one
function that decides is replaced here, once, at start. `tests/vms_api/live/test_ice_addresses.py` fails when a new
aioice no longer asks it.
"""

from aioice import ice


def offer_only(addresses: tuple[str, ...]) -> None:
    """Makes ICE offer exactly these host addresses. An empty tuple means every address, loopback included."""
    every_address = ice.get_host_addresses

    def get_host_addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        if addresses:
            return [a for a in addresses if (use_ipv6 if ":" in a else use_ipv4)]
        return [*every_address(use_ipv4, use_ipv6), *(["127.0.0.1"] if use_ipv4 else [])]

    ice.get_host_addresses = get_host_addresses
