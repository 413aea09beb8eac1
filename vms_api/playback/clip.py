"""Which part of a recording makes a clip, and what became of it."""

from datetime import datetime
from typing import NamedTuple


class ClipRange(NamedTuple):
    """A moment, and from when to when it is to be shown."""

    at: datetime
    start: datetime
    end: datetime
