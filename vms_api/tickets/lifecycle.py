"""The life of a repair ticket from found to closed, as a table."""

from enum import StrEnum

from ingest.transitions import Transitions


class TicketState(StrEnum):
    """How far the repair has come."""

    OPEN = "open"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in-progress"
    PAUSED = "paused"
    FIXED = "fixed"
    CLOSED = "closed"


class TicketAct(StrEnum):
    """What is done about a ticket."""

    ASSIGN = "assign"
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    FIX = "fix"
    CONFIRM = "confirm"
    """The look at a fixed one found the fault gone."""
    CLOSE = "close"
    DUE = "due"
    """Is to be mended by another time; nothing else changes."""
    REOPEN = "reopen"
    """Nobody has it any more."""
    SEND_BACK = "send-back"
    """Whoever has it has it again: the fault is still there, or came back."""


_S, _A = TicketState, TicketAct

TRANSITIONS = Transitions(
    "a ticket",
    {
        _S.OPEN: {
            _A.ASSIGN: _S.ASSIGNED,
            _A.START: _S.IN_PROGRESS,
            _A.FIX: _S.FIXED,
            _A.CLOSE: _S.CLOSED,
            _A.DUE: _S.OPEN,
        },
        _S.ASSIGNED: {
            _A.ASSIGN: _S.ASSIGNED,
            _A.START: _S.IN_PROGRESS,
            _A.PAUSE: _S.PAUSED,
            _A.FIX: _S.FIXED,
            _A.CLOSE: _S.CLOSED,
            _A.DUE: _S.ASSIGNED,
        },
        _S.IN_PROGRESS: {
            _A.ASSIGN: _S.ASSIGNED,
            _A.PAUSE: _S.PAUSED,
            _A.FIX: _S.FIXED,
            _A.CLOSE: _S.CLOSED,
            _A.DUE: _S.IN_PROGRESS,
        },
        _S.PAUSED: {_A.RESUME: _S.IN_PROGRESS, _A.ASSIGN: _S.ASSIGNED, _A.FIX: _S.FIXED, _A.CLOSE: _S.CLOSED},
        _S.FIXED: {_A.CONFIRM: _S.CLOSED, _A.CLOSE: _S.CLOSED, _A.REOPEN: _S.OPEN, _A.SEND_BACK: _S.ASSIGNED},
        _S.CLOSED: {_A.REOPEN: _S.OPEN, _A.SEND_BACK: _S.ASSIGNED},
    },
)

OPEN_STATES = frozenset(set(TicketState) - {TicketState.CLOSED})
"""Of these a camera has one ticket of each cause."""

RUNNING = frozenset({TicketState.OPEN, TicketState.ASSIGNED, TicketState.IN_PROGRESS})
"""Somebody is waited for: in these a ticket can be overdue."""
