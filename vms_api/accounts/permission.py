"""What may be done, and which role may do it: the one table of rights."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Permission(StrEnum):
    """One thing that somebody may do in an area and in all areas below it."""

    AREA_VIEW = "area.view"
    AREA_MANAGE = "area.manage"
    CAMERA_VIEW = "camera.view"
    CAMERA_MANAGE = "camera.manage"
    LIVE_VIEW = "live.view"
    LIVE_LISTEN = "live.listen"
    SNAPSHOT_VIEW = "snapshot.view"
    PLAYBACK_VIEW = "playback.view"
    PTZ_CONTROL = "ptz.control"
    DEVICE_CARE = "device.care"
    DEVICE_RELAY = "device.relay"
    SEARCH = "search"
    RECORDING_HOLD = "recording.hold"
    EXPORT_REQUEST = "export.request"
    EXPORT_APPROVE = "export.approve"
    UNMASKED_VIEW = "unmasked.view"
    MASK_MANAGE = "mask.manage"
    RULE_MANAGE = "rule.manage"
    ANALYSIS_INSPECT = "analysis.inspect"
    ALERT_VIEW = "alert.view"
    ALERT_HANDLE = "alert.handle"
    ALERT_DISPATCH = "alert.dispatch"
    ALERT_CLOSE = "alert.close"
    RATE_VIEW = "rate.view"
    RATE_MANAGE = "rate.manage"
    TICKET_VIEW = "ticket.view"
    TICKET_HANDLE = "ticket.handle"
    TICKET_MANAGE = "ticket.manage"
    PATROL_VIEW = "patrol.view"
    PATROL_RUN = "patrol.run"
    PATROL_MANAGE = "patrol.manage"
    ACCESS_VIEW = "access.view"
    USER_MANAGE = "user.manage"
    AUDIT_VIEW = "audit.view"
    SYSTEM_VIEW = "system.view"


class Role(StrEnum):
    """A set of permissions that fits a job. It is granted on an area and holds for all areas below."""

    VIEWER = "viewer"
    PATROLLER = "patroller"
    DISPATCHER = "dispatcher"
    MAINTAINER = "maintainer"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    ADMIN = "admin"


_P = Permission
_LEDGER = frozenset({_P.AREA_VIEW, _P.CAMERA_VIEW})
_VIEWER = _LEDGER | {_P.LIVE_VIEW, _P.SNAPSHOT_VIEW, _P.ALERT_VIEW}
_PATROLLER = _VIEWER | {_P.PTZ_CONTROL, _P.ALERT_HANDLE, _P.TICKET_VIEW, _P.PATROL_VIEW, _P.PATROL_RUN}
_DISPATCHER = _PATROLLER | {
    _P.PLAYBACK_VIEW,
    _P.SEARCH,
    _P.EXPORT_REQUEST,
    _P.ALERT_DISPATCH,
    _P.DEVICE_RELAY,
    _P.RATE_VIEW,
    _P.TICKET_HANDLE,
    _P.SYSTEM_VIEW,
}

ROLE_PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.VIEWER: _VIEWER,
        Role.PATROLLER: _PATROLLER,
        Role.DISPATCHER: _DISPATCHER,
        # Sets cameras up and looks whether they work; what was recorded or raised is not the maintainer's business.
        Role.MAINTAINER: _LEDGER
        | {
            _P.LIVE_VIEW,
            _P.SNAPSHOT_VIEW,
            _P.PTZ_CONTROL,
            _P.DEVICE_CARE,
            _P.DEVICE_RELAY,
            _P.CAMERA_MANAGE,
            _P.RULE_MANAGE,
            _P.ANALYSIS_INSPECT,
            _P.MASK_MANAGE,
            _P.RATE_VIEW,
            _P.TICKET_VIEW,
            _P.TICKET_HANDLE,
            _P.SYSTEM_VIEW,
        },
        Role.SUPERVISOR: _DISPATCHER
        | {
            _P.ALERT_CLOSE,
            _P.EXPORT_APPROVE,
            _P.RECORDING_HOLD,
            _P.UNMASKED_VIEW,
            _P.LIVE_LISTEN,  # what people say to each other is more than what a place looks like
            _P.RULE_MANAGE,
            _P.MASK_MANAGE,
            _P.RATE_MANAGE,
            _P.TICKET_MANAGE,
            _P.PATROL_MANAGE,
            _P.ACCESS_VIEW,
        },
        # Sees who looked at what, and never a picture.
        Role.AUDITOR: _LEDGER | {_P.AUDIT_VIEW, _P.ACCESS_VIEW, _P.RATE_VIEW, _P.SYSTEM_VIEW, _P.PATROL_VIEW},
        Role.ADMIN: frozenset(Permission),
    }
)
