"""What follows from how attempts ended. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from vms_api.notify.delivery import Delivery, DeliveryState
from vms_api.notify.outcome import DeliveryFault, Outcome
from vms_api.notify.retry import wait_s

_OF_THE_MESSAGE = {DeliveryFault.UNSENDABLE, DeliveryFault.RIGHT_MISSING}
"""These say nothing about whether the receiver is there, and no later attempt ends otherwise."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """One batch: what arrived (ids), what did not (as it is then), and what it says about the receiver.

    `fault` is the last outcome that was the receiver's fault, None where there was none.
    """

    arrived: Sequence[str]
    failed: Sequence[Delivery]
    fault: Outcome | None

    @property
    def retry_after_s(self) -> float | None:
        """How long the receiver asked to be left alone."""
        return self.fault.retry_after_s if self.fault else None

    @property
    def is_gone(self) -> bool:
        """Whether the receiver wants nothing any more."""
        return self.fault is not None and self.fault.fault is DeliveryFault.GONE


def settled(tried: Sequence[tuple[Delivery, Outcome]], now: datetime, random: Callable[[], float]) -> Settlement:
    """What follows from these attempts, which ended now."""
    arrived = [delivery.id for delivery, outcome in tried if outcome.has_arrived]
    failed = [_failed(delivery, outcome, now, random) for delivery, outcome in tried if not outcome.has_arrived]
    faults = [outcome for _, outcome in tried if outcome.fault and outcome.fault not in _OF_THE_MESSAGE]
    told = [fault for fault in faults if fault.fault is DeliveryFault.GONE or fault.retry_after_s is not None]
    return Settlement(arrived, failed, (told or faults)[-1] if faults else None)


def _failed(delivery: Delivery, outcome: Outcome, now: datetime, random: Callable[[], float]) -> Delivery:
    attempts = delivery.attempts + 1
    next_at = now + timedelta(seconds=max(wait_s(attempts, random), outcome.retry_after_s or 0.0))
    is_over = outcome.fault in _OF_THE_MESSAGE or now >= delivery.expires_at
    return replace(
        delivery,
        attempts=attempts,
        state=DeliveryState.DEAD if is_over else DeliveryState.WAITING,
        next_at=min(next_at, delivery.expires_at),
        fault=outcome.fault,
        detail=outcome.detail,
    )
