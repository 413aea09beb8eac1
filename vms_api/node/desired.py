"""From the desired state on the wire to what ingest and analytics are told."""

from typing import Any
from zoneinfo import ZoneInfo

from analytics.alert import RuleKind
from analytics.geometry import Point
from analytics.rule import (
    AbandonedObjectRule,
    AnyRule,
    AreaRule,
    CameraPlan,
    FireRule,
    IntrusionRule,
    LineCrossingRule,
    LoiteringRule,
    ObjectRemovedRule,
    SizeRange,
    StoppedVehicleRule,
    WrongWayRule,
)
from analytics.schedule import Schedule, Window
from analytics.zone import Tripwire, Zone
from ingest.camera import Camera, CameraId, Credential, StreamProfile
from ingest.mask import MaskSet
from ingest.recording.plan import RecordingPlan
from vms_api.node.checked_camera import CheckedCamera
from vms_api.node.messages import CameraMessage, DesiredState, Masks, RecordingMessage, RuleMessage, ScheduleMessage

_AREA_RULES: dict[RuleKind, type[AreaRule]] = {
    RuleKind.INTRUSION: IntrusionRule,
    RuleKind.LOITERING: LoiteringRule,
    RuleKind.STOPPED_VEHICLE: StoppedVehicleRule,
    RuleKind.ABANDONED_OBJECT: AbandonedObjectRule,
    RuleKind.OBJECT_REMOVED: ObjectRemovedRule,
    RuleKind.FIRE: FireRule,
}


def cameras(state: DesiredState) -> tuple[Camera, ...]:
    """The cameras of the desired state, disabled ones included."""
    return tuple(_camera(camera) for camera in state.cameras)


def plans(state: DesiredState) -> tuple[CameraPlan, ...]:
    """What to watch for on each analysed camera; one without rules is analysed for the overlay."""
    return tuple(
        CameraPlan(CameraId(camera.id), tuple(rule_of(rule, state.time_zone) for rule in camera.rules))
        for camera in state.cameras
        if camera.enabled and camera.analysed
    )


def checked_cameras(state: DesiredState) -> dict[str, CheckedCamera]:
    """The cameras whose pictures are looked at: all that are enabled."""
    return {
        camera.id: CheckedCamera(camera.masks.polygons if camera.masks != "unavailable" else (), camera.reference_id)
        for camera in state.cameras
        if camera.enabled
    }


def recording_plans(state: DesiredState) -> tuple[RecordingPlan, ...]:
    """How each camera is recorded; one that is not enabled, or has no plan, is not."""
    zone = ZoneInfo(state.time_zone)
    return tuple(
        _recording(camera.id, camera.recording, zone)
        for camera in state.cameras
        if camera.enabled and camera.recording is not None
    )


def _recording(camera_id: str, message: RecordingMessage, zone: ZoneInfo) -> RecordingPlan:
    return RecordingPlan(
        camera_id=CameraId(camera_id),
        mode=message.mode,
        week=_schedule(message.schedule, zone) if message.schedule is not None else None,
        pre_roll_s=message.pre_roll_s,
        post_roll_s=message.post_roll_s,
        role=message.stream,
        audio=message.audio,
        volumes=frozenset(message.volumes),
    )


def _camera(message: CameraMessage) -> Camera:
    credential = None
    if message.username is not None:
        password = message.password.get_secret_value() if message.password else ""
        credential = Credential(message.username, password)
    return Camera(
        id=CameraId(message.id),
        name=message.name,
        streams=tuple(StreamProfile(s.role, s.address, s.transport) for s in message.streams),
        credential=credential,
        enabled=message.enabled,
        analysed=message.analysed,
        masks=masks_of(message.masks),
    )


def masks_of(message: Masks) -> MaskSet | None:
    """The masks as ingest knows them; None where they are not known."""
    return MaskSet(message.version, message.polygons) if message != "unavailable" else None


def rule_of(message: RuleMessage, time_zone: str) -> AnyRule:
    """The rule as analysis knows it; its schedule is read in the site's time zone."""
    points = tuple(Point(x, y) for x, y in message.zone.points)
    common: dict[str, Any] = {
        "id": message.id,
        "name": message.name,
        "labels": message.labels,
        "schedule": _schedule(message.schedule, ZoneInfo(time_zone)),
        "severity": message.severity,
        "cooldown_s": message.cooldown_s,
        "size": SizeRange(message.size.min_height, message.size.max_height, message.size.closely),
    }
    if message.kind in _AREA_RULES:
        area = Zone(message.zone.id, message.zone.name, points)
        return _AREA_RULES[message.kind](**common, zone=area, dwell_s=message.dwell_s)
    line = Tripwire(message.zone.id, message.zone.name, points)
    if message.kind is RuleKind.WRONG_WAY:
        return WrongWayRule(**common, line=line, reach=message.parameters.reach)
    return LineCrossingRule(**common, line=line, direction=message.direction)


def _schedule(message: ScheduleMessage | None, zone: ZoneInfo) -> Schedule:
    windows = message.windows if message else ()
    return Schedule(zone, tuple(Window(w.days, w.start, w.end) for w in windows))
