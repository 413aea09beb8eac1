"""The life of an alert from raised to closed, as a table."""

from enum import StrEnum

from ingest.transitions import Transitions


class AlertState(StrEnum):
    """How far the handling has come."""

    NEW = "NEW"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    ASSIGNED = "ASSIGNED"
    IN_PROGRESS = "IN_PROGRESS"
    RESOLVED = "RESOLVED"
    CLOSED = "CLOSED"
    REOPENED = "REOPENED"


class AlertAct(StrEnum):
    """What somebody does about an alert."""

    ACKNOWLEDGE = "acknowledge"
    ASSIGN = "assign"
    PROGRESS = "progress"
    RESOLVE = "resolve"
    CLOSE = "close"
    REOPEN = "reopen"


_S, _A = AlertState, AlertAct

TRANSITIONS = Transitions(
    "an alert",
    {
        _S.NEW: {_A.ACKNOWLEDGE: _S.ACKNOWLEDGED},
        _S.ACKNOWLEDGED: {_A.ASSIGN: _S.ASSIGNED, _A.RESOLVE: _S.RESOLVED},
        _S.ASSIGNED: {_A.ASSIGN: _S.ASSIGNED, _A.PROGRESS: _S.IN_PROGRESS, _A.RESOLVE: _S.RESOLVED},
        _S.IN_PROGRESS: {_A.ASSIGN: _S.ASSIGNED, _A.RESOLVE: _S.RESOLVED},
        _S.RESOLVED: {_A.CLOSE: _S.CLOSED, _A.REOPEN: _S.REOPENED},
        _S.CLOSED: {_A.REOPEN: _S.REOPENED},
        _S.REOPENED: {_A.ASSIGN: _S.ASSIGNED, _A.PROGRESS: _S.IN_PROGRESS, _A.RESOLVE: _S.RESOLVED},
    },
)
