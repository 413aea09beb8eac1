"""A scan as the API takes and shows it."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ingest.onvif.probe import FoundDevice

Network = Annotated[str, Field(min_length=1, max_length=43)]
OwnAddress = Annotated[str, Field(min_length=7, max_length=15)]


class NetworksIn(BaseModel):
    """Networks such as 192.168.1.0/24; empty for whoever answers multicast.

    `interfaces` are own addresses to multicast on; empty: as the system routes it.
    """

    model_config = ConfigDict(extra="forbid")

    networks: Annotated[list[Network], Field(max_length=16)] = []
    interfaces: Annotated[list[OwnAddress], Field(max_length=16)] = []


class Plan(BaseModel):
    """What a scan would do: how many hosts it asks, how many at a time, and how many seconds it takes at most.

    Each host is sent at most `datagrams` small UDP datagrams; without hosts it is who listens on the interfaces.
    """

    networks: list[str]
    interfaces: list[str]
    hosts: int
    in_flight: int
    datagrams: int
    seconds: float


class ScanState(StrEnum):
    """Where the latest scan stands."""

    NONE = "none"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class ProposedDevice(BaseModel):
    """A device that answered. Nothing is added by itself."""

    ip: str
    address: str
    address_is_guessed: bool
    identity: str
    name: str
    hardware: str
    location: str
    profiles: list[str]

    @classmethod
    def of(cls, found: FoundDevice) -> "ProposedDevice":
        """As the API shows it."""
        names = (name for name in cls.model_fields if name != "profiles")
        return cls(**{name: getattr(found, name) for name in names}, profiles=list(found.profiles))


class Scan(BaseModel):
    """The latest scan: `done` of `total` hosts asked, and what was found so far. By multicast there is no total."""

    state: ScanState = ScanState.NONE
    networks: list[str] = []
    interfaces: list[str] = []
    started_at: datetime | None = None
    started_by: str | None = None
    done: int = 0
    total: int = 0
    found: list[ProposedDevice] = []
