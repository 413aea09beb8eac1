"""What somebody who looks at a stream's pictures finds in them."""

from enum import IntEnum


class Interest(IntEnum):
    """How much there is to see, in order."""

    NONE = 0
    LOOK = 1
    """Nothing stirs, but something that was found there needs more looks."""
    MOTION = 2
    """Something stirs."""
