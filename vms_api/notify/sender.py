"""The seam to a receiver. Whatever is behind it: it never raises for what a receiver does."""

from collections.abc import Sequence
from typing import Protocol

from vms_api.notify.delivery import Delivery
from vms_api.notify.outcome import Outcome


class Sender(Protocol):
    """One receiver's connection. `batch` is how many deliveries it takes at once, `pace_s` the pause after a batch."""

    batch: int
    pace_s: float

    async def run(self) -> None:
        """What goes on between deliveries, such as staying connected; until cancelled."""
        ...

    async def send(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        """Tries them and says of each how it ended, in the same order. Ends within a minute."""
        ...

    async def close(self) -> None:
        """Hangs up."""
        ...
