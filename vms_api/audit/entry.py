"""One thing that somebody did, or was refused, as it goes into the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class AuditKind(StrEnum):
    """What was done. The values are stored for ever: one may be added, none renamed."""

    SETUP = "account.setup"
    LOGIN = "session.login"
    LOGIN_LINK = "session.link"
    LOGOUT = "session.logout"
    SESSION_REVOKE = "session.revoke"
    PASSWORD_CHANGE = "account.password"  # noqa: S105 - the name of an act
    SECOND_FACTOR_CHANGE = "account.second-factor"
    USER_ADD = "user.add"
    USER_CHANGE = "user.change"
    USER_REMOVE = "user.remove"
    GROUP_ADD = "group.add"
    GROUP_CHANGE = "group.change"
    GROUP_REMOVE = "group.remove"
    GRANT_ADD = "grant.add"
    GRANT_REMOVE = "grant.remove"
    TOKEN_ADD = "token.add"  # noqa: S105 - the name of an act
    TOKEN_REMOVE = "token.remove"  # noqa: S105 - the name of an act
    AREA_ADD = "area.add"
    AREA_CHANGE = "area.change"
    AREA_REMOVE = "area.remove"
    PLAN_CHANGE = "area.plan"
    PLAN_READ = "picture.plan"
    CAMERA_ADD = "camera.add"
    CAMERA_CHANGE = "camera.change"
    CAMERA_REMOVE = "camera.remove"
    LEDGER_CHANGE = "ledger.change"
    LEDGER_SIGN = "ledger.sign"
    LEDGER_IMPORT = "ledger.import"
    LEDGER_EXPORT = "ledger.export"
    PLACES_CHANGE = "ledger.places"
    DISCOVERY_SCAN = "discovery.scan"
    DEVICE_EXAMINE = "device.examine"
    DEVICE_CHECK = "device.check"
    DEVICE_CLOCK = "device.clock"
    DEVICE_REBOOT = "device.reboot"
    DEVICE_KEYFRAME = "device.keyframe"
    DEVICE_CERTIFICATE = "device.certificate"
    DEVICE_EXPECTED = "device.expected"
    DEVICE_RELAY = "device.relay"
    DEVICE_NOTICES = "device.notices"
    ZONE_ADD = "zone.add"
    ZONE_CHANGE = "zone.change"
    ZONE_REMOVE = "zone.remove"
    RULE_ADD = "rule.add"
    RULE_CHANGE = "rule.change"
    RULE_REMOVE = "rule.remove"
    RULE_SIMULATE = "rule.simulate"
    MASK_CHANGE = "mask.change"
    UNMASK_REQUEST = "unmask.request"
    UNMASK_APPROVE = "unmask.approve"
    UNMASK_REJECT = "unmask.reject"
    VIEW_START = "view.start"
    VIEW_END = "view.end"
    SNAPSHOT = "picture.snapshot"
    EVIDENCE = "picture.evidence"
    INSPECTION = "picture.inspection"
    PAST_SNAPSHOT = "picture.past"
    CLIP = "picture.clip"
    PLAYBACK = "playback.view"
    PLAYBACK_END = "playback.end"
    EXPORT = "export.request"
    EXPORT_APPROVE = "export.approve"
    EXPORT_REJECT = "export.reject"
    EXPORT_BUILD = "export.build"
    EXPORT_DOWNLOAD = "export.download"
    EXPORT_EXPIRE = "export.expire"
    QUALITY_PICTURE = "picture.quality"
    QUALITY_CHECK = "quality.check"
    QUALITY_REFERENCE = "quality.reference"
    QUALITY_WRONG = "quality.wrong"
    RECORDING_PLAN = "recording.plan"
    RECORDING_HOLD = "recording.hold"
    RECORDING_RELEASE = "recording.release"
    RECORDING_DELETE = "recording.delete"
    RECORDING_REPAIR = "recording.repair"
    RECORDING_CLOCK = "recording.clock"
    PTZ_MOVE = "ptz.move"
    PATROL_TAKE = "patrol.take"
    PATROL_PAUSE = "patrol.pause"
    PATROL_RESUME = "patrol.resume"
    PATROL_HAND_OVER = "patrol.hand-over"
    PATROL_ABORT = "patrol.abort"
    PATROL_FINISH = "patrol.finish"
    PATROL_STOP_ADD = "patrol.stop-add"
    PATROL_VERDICT = "patrol.verdict"
    PATROL_NOTE = "patrol.note"
    PATROL_SNAPSHOT = "patrol.snapshot"
    PATROL_PICTURE = "patrol.picture"
    PATROL_STRIP = "patrol.strip"
    PATROL_PROTOCOL = "patrol.protocol"
    ALERT_ACKNOWLEDGE = "alert.acknowledge"
    ALERT_ASSIGN = "alert.assign"
    ALERT_PROGRESS = "alert.progress"
    ALERT_RESOLVE = "alert.resolve"
    ALERT_CLOSE = "alert.close"
    ALERT_REOPEN = "alert.reopen"
    ALERT_NOTE = "alert.note"
    ALERT_ESCALATE = "alert.escalate"
    ALERT_URGE = "alert.urge"
    ALERT_TAKE_OVER = "alert.take-over"
    ALERT_SEND_BACK = "alert.send-back"
    ALERT_REMIND = "alert.remind"
    DISPATCH_RULE_ADD = "dispatch.rule-add"
    DISPATCH_RULE_CHANGE = "dispatch.rule-change"
    DISPATCH_RULE_REMOVE = "dispatch.rule-remove"
    DUTY_ROSTER = "duty.roster"
    DUTY_HANDOVER = "duty.handover"
    DUTY_SIGN = "duty.sign"
    PATROL_PLAN_ADD = "patrol.plan-add"
    PATROL_PLAN_CHANGE = "patrol.plan-change"
    PATROL_PLAN_REMOVE = "patrol.plan-remove"
    PATROL_LATE = "patrol.late"
    PATROL_MISSED = "patrol.missed"
    PATROL_ABANDONED = "patrol.abandoned"
    PATROL_ESCALATE = "patrol.escalate"
    PATROL_WITHDRAW = "patrol.withdraw"
    PATROL_EXCUSE = "patrol.excuse"
    PATROL_REPORT = "patrol.report"
    ALERT_CHECK = "alert.check"
    ALERT_ATTACH = "alert.attach"
    ATTACHMENT_READ = "attachment.read"
    TICKET_OPEN = "ticket.open"
    TICKET_ASSIGN = "ticket.assign"
    TICKET_START = "ticket.start"
    TICKET_PAUSE = "ticket.pause"
    TICKET_RESUME = "ticket.resume"
    TICKET_FIX = "ticket.fix"
    TICKET_CLOSE = "ticket.close"
    TICKET_REOPEN = "ticket.reopen"
    TICKET_DUE = "ticket.due"
    TICKET_NOTE = "ticket.note"
    TICKET_ATTACH = "ticket.attach"
    TICKET_TIMES = "ticket.times"
    TICKET_REMOVE = "ticket.remove"
    MAINTENANCE_ADD = "maintenance.add"
    MAINTENANCE_CHANGE = "maintenance.change"
    MAINTENANCE_APPROVE = "maintenance.approve"
    MAINTENANCE_END = "maintenance.end"
    REPORT_READ = "report.read"
    RATE_COUNT = "rate.count"
    RATE_TARGET = "rate.target"
    RATE_EXCLUDE = "rate.exclude"
    RATE_EXCLUDE_APPROVE = "rate.exclude-approve"
    RATE_EXCLUDE_END = "rate.exclude-end"
    REPORT_SCHEDULE = "report.schedule"
    REPORT_SCHEDULE_CHANGE = "report.schedule-change"
    REPORT_SCHEDULE_REMOVE = "report.schedule-remove"
    REPORT_RUN = "report.run"
    REPORT_FILE = "report.file"
    ALERT_LINK = "alert.link"
    NOTIFY_ADD = "notify.add"
    NOTIFY_CHANGE = "notify.change"
    NOTIFY_REMOVE = "notify.remove"
    NOTIFY_SECRET = "notify.secret"  # noqa: S105 - the name of an act
    NOTIFY_TRY = "notify.try"
    NOTIFY_REPLAY = "notify.replay"
    NOTIFY_STOP = "notify.stop"
    NOTIFY_CHOICE = "notify.choice"
    PURPOSE_STATE = "purpose.state"
    AUDIT_SEARCH = "audit.search"
    AUDIT_EXPORT = "audit.export"
    REQUEST_DENIED = "request.denied"
    NODE_REPLACE = "node.replace"


SESSION_LETTERS = 16
"""How much of a session's key rows show: enough to tell sessions apart."""


class Outcome(StrEnum):
    """How it ended."""

    DONE = "done"
    FAILED = "failed"
    """Allowed, but it did not work: a camera that is not live, a wrong password."""
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it, from where. `session` is the beginning of the session's key: enough to tell sessions apart."""

    user_id: str | None = None
    username: str | None = None
    address: str | None = None
    session: str | None = None


SYSTEM = Actor(username="system")
"""The installation itself: nobody asked for it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where it was done; ids as they were at that moment."""

    area_id: str | None = None
    camera_id: str | None = None


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class StatedPurpose:
    """Why, as the person said: a key of the site's closed list and a reference such as a case number."""

    id: str
    key: str
    reference: str


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act. `subject` is the id of what it was done to, `detail` plain JSON values without any secret."""

    kind: AuditKind
    actor: Actor
    place: Place = NOWHERE
    subject: str | None = None
    purpose: StatedPurpose | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    outcome: Outcome = Outcome.DONE
