"""Alert handling: alerts reported as handled in time, of those whose time has come. Pure."""

from collections.abc import Iterable
from typing import NamedTuple

from vms_api.alerts.handling import Verdict
from vms_api.alerts.incident import DONE
from vms_api.rates.rate import Tally

_NOT_COUNTED = frozenset({Verdict.TEST, Verdict.DUPLICATE})


class HandledAlert(NamedTuple):
    """As much of an alert with a card of its own as is counted. Times in microseconds.

    `resolve_by_us` is that of the centre that has it: one that went a centre up got its time again.
    """

    state: str
    verdict: str | None
    resolved_us: int | None
    resolve_by_us: int | None


def alert_handling(alerts: Iterable[HandledAlert], now_us: int) -> Tally:
    """Tests and duplicates are not counted, nor is an open alert whose time is not over."""
    handled = decided = 0
    for alert in alerts:
        if alert.verdict in _NOT_COUNTED:
            continue
        is_done = alert.state in DONE
        is_over = alert.resolve_by_us is not None and alert.resolve_by_us <= now_us
        decided += is_done or is_over
        handled += is_done and not _is_late(alert)
    return Tally(handled, decided, decided)


def _is_late(alert: HandledAlert) -> bool:
    return alert.resolve_by_us is not None and alert.resolve_by_us < (alert.resolved_us or 0)
