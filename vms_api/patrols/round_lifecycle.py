"""The life of a patrol round from due to its end, as a table."""

from enum import StrEnum

from ingest.transitions import Transitions


class RoundState(StrEnum):
    """How far the round has come."""

    DUE = "due"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    MISSED = "missed"
    ABORTED = "aborted"
    ABANDONED = "abandoned"


class RoundAct(StrEnum):
    """What somebody does about a round; `miss` and `abandon` are the system's own."""

    TAKE = "take"
    PAUSE = "pause"
    RESUME = "resume"
    HAND_OVER = "hand-over"
    FINISH = "finish"
    ABORT = "abort"
    MISS = "miss"
    ABANDON = "abandon"


_S, _A = RoundState, RoundAct

TRANSITIONS = Transitions(
    "a patrol round",
    {
        _S.DUE: {_A.TAKE: _S.RUNNING, _A.ABORT: _S.ABORTED, _A.MISS: _S.MISSED},
        # Whoever has it takes or resumes it again on another screen; one that is handed over waits for its new holder.
        _S.RUNNING: {
            _A.TAKE: _S.RUNNING,
            _A.RESUME: _S.RUNNING,
            _A.PAUSE: _S.PAUSED,
            _A.HAND_OVER: _S.PAUSED,
            _A.FINISH: _S.COMPLETED,
            _A.ABORT: _S.ABORTED,
            _A.MISS: _S.MISSED,
            _A.ABANDON: _S.ABANDONED,
        },
        _S.PAUSED: {
            _A.TAKE: _S.RUNNING,
            _A.RESUME: _S.RUNNING,
            _A.HAND_OVER: _S.PAUSED,
            _A.ABORT: _S.ABORTED,
            _A.MISS: _S.MISSED,
            _A.ABANDON: _S.ABANDONED,
        },
        _S.COMPLETED: {},
        _S.MISSED: {},
        _S.ABORTED: {},
        _S.ABANDONED: {},
    },
)

AT_WORK = frozenset({RoundState.RUNNING, RoundState.PAUSED})
"""States of a round that somebody has taken and not ended."""
OPEN = frozenset({_S.DUE, _S.RUNNING, _S.PAUSED})
"""States of a round that somebody may still go on with."""
