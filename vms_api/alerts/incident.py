"""When alerts are one incident, and what that means for them."""

from datetime import timedelta

from vms_api.alerts.alert import Alert
from vms_api.alerts.lifecycle import AlertState
from vms_api.alerts.settings import AlertSettings

JOIN, STORM = "join", "storm"
"""What the system itself writes down: a repeat of what somebody has in hand, a rule that raises too many."""

_KEPT = (
    *("state", "acknowledged_by", "owner_id", "owner"),
    *("centre_id", "centre_name", "level", "acknowledge_by", "resolve_by", "overdue", "urged_at"),
)

DONE = frozenset({AlertState.RESOLVED, AlertState.CLOSED})


def is_first(alert: Alert) -> bool:
    """Whether it has a card of its own."""
    return alert.incident_id == alert.id


def belongs(first: Alert, alert: Alert, settings: AlertSettings) -> bool:
    """Whether a newly raised alert is part of the incident that began with `first`.

    Not of one that was reported as handled: what happens after that is news. Nor under a card that looks less grave, or
    that other people see.
    """
    gap, longest = timedelta(minutes=settings.incident_gap_minutes), timedelta(hours=settings.incident_hours)
    return (
        _cause(first) == _cause(alert)
        and first.state not in DONE
        and first.raised_at <= alert.raised_at <= min(first.last_at + gap, first.raised_at + longest)
    )


def joined(first: Alert, alert: Alert) -> Alert:
    """The new alert as part of the incident: whoever has the first in hand has this one too, by the same times."""
    taken = {"acknowledged_at": alert.stored_at} if first.acknowledged_at else {}
    kept = {key: getattr(first, key) for key in _KEPT}
    return alert.model_copy(update={"incident_id": first.id, "repeats": first.repeats + 1, **kept, **taken})


def _cause(alert: Alert) -> tuple[str, ...]:
    return alert.camera_id, alert.rule_id, alert.area_id, alert.severity
