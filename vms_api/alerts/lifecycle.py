"""The life of an alert from raised to closed, as a table."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


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

TRANSITIONS: Mapping[AlertState, Mapping[AlertAct, AlertState]] = MappingProxyType(
    {
        _S.NEW: {_A.ACKNOWLEDGE: _S.ACKNOWLEDGED},
        _S.ACKNOWLEDGED: {_A.ASSIGN: _S.ASSIGNED, _A.RESOLVE: _S.RESOLVED},
        _S.ASSIGNED: {_A.ASSIGN: _S.ASSIGNED, _A.PROGRESS: _S.IN_PROGRESS, _A.RESOLVE: _S.RESOLVED},
        _S.IN_PROGRESS: {_A.ASSIGN: _S.ASSIGNED, _A.RESOLVE: _S.RESOLVED},
        _S.RESOLVED: {_A.CLOSE: _S.CLOSED, _A.REOPEN: _S.REOPENED},
        _S.CLOSED: {_A.REOPEN: _S.REOPENED},
        _S.REOPENED: {_A.ASSIGN: _S.ASSIGNED, _A.PROGRESS: _S.IN_PROGRESS, _A.RESOLVE: _S.RESOLVED},
    }
)


class IllegalAct(Exception):
    """The act has no meaning for an alert in that state."""

    def __init__(self, state: AlertState, act: AlertAct) -> None:
        super().__init__(f"cannot {act} an alert that is {state}")


def state_after(state: AlertState, act: AlertAct) -> AlertState:
    """The state an act leads to.

    Raises:
        IllegalAct: the table has no such row.

    """
    try:
        return TRANSITIONS[state][act]
    except KeyError:
        raise IllegalAct(state, act) from None
