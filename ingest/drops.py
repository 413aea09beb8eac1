"""What did not arrive whole, by cause."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class DropCause(StrEnum):
    """Why something a camera sent is missing. The words are stable: they go to API, metrics and translations."""

    LOST = "lost"
    """RTP packets that never came (gaps in the sequence numbers)."""
    LATE = "late"
    """RTP packets that came after their place had been given up, or twice."""
    DAMAGED = "damaged"
    """Access units with a part missing, or without any readable part."""
    OVERSIZE = "oversize"
    """Access units that grew beyond what a camera's picture can be."""


Drops = Mapping[DropCause, int]

NO_DROPS: Drops = MappingProxyType({})
