"""What a scan of networks would do, said before it is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from ingest.address import HostPolicy
from ingest.errors import AddressRefused

MAX_HOSTS = 4096
IN_FLIGHT = 64
"""Hosts that are waited for at the same time."""
TRIES = 2
SENT_TO_A_HOST = 2 * TRIES
"""Datagrams to a host that does not answer: a probe in both dialects, each try."""
WAIT_S = 0.8
"""How long a host has to answer one try."""


@dataclass(frozen=True, slots=True)
class ScanPlan:
    """Which hosts are asked, each at most TRIES times by small UDP datagrams, and how long that takes at most."""

    networks: tuple[IPv4Network, ...]
    hosts: tuple[IPv4Address, ...]

    @property
    def seconds(self) -> float:
        """The longest it can take: nobody answers."""
        rounds = -(-len(self.hosts) // IN_FLIGHT)
        return round(rounds * TRIES * WAIT_S, 1)


def plan_scan(networks: Sequence[str], policy: HostPolicy) -> ScanPlan:
    """The plan for networks such as 192.168.1.0/24, or single addresses. Each host is in it once.

    Raises:
        AddressRefused: not an IPv4 network, one where cameras are not allowed, or more than MAX_HOSTS hosts.

    """
    parsed = tuple(_network(text) for text in networks)
    if not parsed:
        raise AddressRefused("Name at least one network.")
    if sum(network.num_addresses for network in parsed) > MAX_HOSTS + 2 * len(parsed):
        raise AddressRefused(f"A scan asks at most {MAX_HOSTS} hosts: name smaller networks.")
    hosts = dict.fromkeys(host for network in parsed for host in network.hosts())
    if any(not policy.allows(host) for host in hosts):
        raise AddressRefused("There are hosts in these networks where cameras are not allowed.")
    return ScanPlan(parsed, tuple(hosts))


def _network(text: str) -> IPv4Network:
    try:
        return IPv4Network(text.strip(), strict=False)
    except ValueError:
        raise AddressRefused("A network is written like 192.168.1.0/24.") from None
