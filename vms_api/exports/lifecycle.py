"""The life of an export from asked for to gone, as a table."""

from enum import StrEnum

from ingest.transitions import Transitions


class ExportState(StrEnum):
    """How far an export has come."""

    REQUESTED = "REQUESTED"
    APPROVED = "APPROVED"
    BUILDING = "BUILDING"
    READY = "READY"
    DOWNLOADED = "DOWNLOADED"
    REJECTED = "REJECTED"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"


class ExportAct(StrEnum):
    """What happens to an export. Approving and rejecting are a second person's, downloading the first one's."""

    APPROVE = "approve"
    REJECT = "reject"
    BUILD = "build"
    FINISH = "finish"
    FAIL = "fail"
    DOWNLOAD = "download"
    EXPIRE = "expire"


_S, _A = ExportState, ExportAct

TRANSITIONS = Transitions(
    "an export",
    {
        _S.REQUESTED: {_A.APPROVE: _S.APPROVED, _A.REJECT: _S.REJECTED, _A.EXPIRE: _S.EXPIRED},
        _S.APPROVED: {_A.BUILD: _S.BUILDING, _A.FAIL: _S.FAILED, _A.EXPIRE: _S.EXPIRED},
        # Building again is what a control process does that finds it begun by the one before.
        _S.BUILDING: {_A.BUILD: _S.BUILDING, _A.FINISH: _S.READY, _A.FAIL: _S.FAILED, _A.EXPIRE: _S.EXPIRED},
        _S.READY: {_A.DOWNLOAD: _S.DOWNLOADED, _A.FAIL: _S.FAILED, _A.EXPIRE: _S.EXPIRED},
        _S.DOWNLOADED: {},
        _S.REJECTED: {},
        _S.FAILED: {},
        _S.EXPIRED: {},
    },
)

HELD_BY_NODE = frozenset({_S.BUILDING, _S.READY})
"""States in which the node may have something on its disk."""
