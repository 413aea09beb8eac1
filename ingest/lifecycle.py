"""The life of one stream, as a table.

A stall is SILENT, not an error: the picture is stale but the session may recover. REFUSED is for what a quick retry
makes worse (wrong password, no such stream): cameras lock accounts, so the next try is minutes away.
"""

from enum import StrEnum

from ingest.transitions import Transitions


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

TRANSITIONS = Transitions(
    "a stream",
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
    },
)
