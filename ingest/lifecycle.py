"""The life of one stream, as a table.

A stall is SILENT, not an error: the picture is stale but the session may recover. REFUSED is for what a quick retry
makes worse (wrong password, no such stream): cameras lock accounts, so the next try is minutes away.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class StreamState(StrEnum):
    """Where a stream is."""

    DISABLED = "disabled"
    OPENING = "opening"
    LIVE = "live"
    SILENT = "silent"
    WAITING = "waiting"
    REFUSED = "refused"
    CLOSING = "closing"


class StreamEvent(StrEnum):
    """What can happen to a stream."""

    ENABLED = "enabled"
    OPENED = "opened"
    PACKET = "packet"
    SILENCE = "silence"
    FAILED = "failed"
    REFUSED = "refused"
    RETRY_DUE = "retry-due"
    RECONFIGURED = "reconfigured"
    DISABLED = "disabled"
    CLOSED = "closed"


_S, _E = StreamState, StreamEvent

TRANSITIONS: Mapping[StreamState, Mapping[StreamEvent, StreamState]] = MappingProxyType(
    {
        _S.DISABLED: {_E.ENABLED: _S.OPENING},
        _S.OPENING: {
            _E.OPENED: _S.LIVE,
            _E.FAILED: _S.WAITING,
            _E.REFUSED: _S.REFUSED,
            _E.DISABLED: _S.CLOSING,
        },
        _S.LIVE: {
            _E.PACKET: _S.LIVE,
            _E.SILENCE: _S.SILENT,
            _E.FAILED: _S.WAITING,
            _E.REFUSED: _S.REFUSED,
            _E.DISABLED: _S.CLOSING,
        },
        _S.SILENT: {
            _E.PACKET: _S.LIVE,
            _E.SILENCE: _S.SILENT,
            _E.FAILED: _S.WAITING,
            _E.REFUSED: _S.REFUSED,
            _E.DISABLED: _S.CLOSING,
        },
        _S.WAITING: {_E.RETRY_DUE: _S.OPENING, _E.RECONFIGURED: _S.OPENING, _E.DISABLED: _S.DISABLED},
        _S.REFUSED: {_E.RETRY_DUE: _S.OPENING, _E.RECONFIGURED: _S.OPENING, _E.DISABLED: _S.DISABLED},
        _S.CLOSING: {_E.CLOSED: _S.DISABLED},
    }
)


class IllegalTransition(Exception):
    """An event that has no meaning in the present state: a mistake in our own code."""

    def __init__(self, state: StreamState, event: StreamEvent) -> None:
        super().__init__(f"{event} has no meaning for a stream that is {state}")


def next_state(state: StreamState, event: StreamEvent) -> StreamState:
    """The state after the event.

    Raises:
        IllegalTransition: the table has no such row.

    """
    try:
        return TRANSITIONS[state][event]
    except KeyError:
        raise IllegalTransition(state, event) from None
