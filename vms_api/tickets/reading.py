"""What the last looks say about a camera, a volume or the node. Pure."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from vms_api.cameras.health import CameraHealth
from vms_api.care.device import DeviceState, StreamSettings
from vms_api.care.drift import drift
from vms_api.recordings.problem_board import ProblemCode, RecordingProblem
from vms_api.recordings.volume import VolumeState
from vms_api.tickets.cause import Cause


class Reading(NamedTuple):
    """Whether it is wrong, None where nothing can be said; and what to tell of it."""

    is_wrong: bool | None
    facts: Mapping[str, str | float]


_NOTHING = Reading(None, {})
_CLOCK_IS_RIGHT = 0.5
"""Share of the limit within which a clock that was wrong is right again."""
_OF_VOLUMES = {ProblemCode.ONLY_LOCKED_LEFT, ProblemCode.DELETION_LATE}


def camera_readings(
    health: CameraHealth, device: DeviceState | None, expected: Mapping[str, object] | None, clock_limit_s: float
) -> dict[Cause, Reading]:
    """Of one camera that is in service. `expected` are the settings wanted of its device, by role."""
    return {
        Cause.OFFLINE: _offline(health),
        Cause.NOT_RECORDING: _not_recording(health),
        Cause.CLOCK: _clock(health, device, clock_limit_s),
        Cause.DRIFT: _drift(device, expected or {}),
    }


def volume_reading(volume: VolumeState, problems: Iterable[RecordingProblem], *, is_node_up: bool) -> Reading:
    """Of one disk; how it is is for the node to say, and old once that is away."""
    mine = [problem.code for problem in problems if problem.subject == volume.name and problem.code in _OF_VOLUMES]
    if mine:
        return Reading(is_wrong=True, facts={"volume_state": volume.state, "problem": mine[0]})
    if not is_node_up:
        return _NOTHING
    return Reading(volume.state != "ok", {"volume_state": volume.state})


def _offline(health: CameraHealth) -> Reading:
    if health.state in {"unknown", "disabled", "closing"}:
        return _NOTHING
    fault = next((stream.fault.code for stream in health.streams if stream.fault), None)
    return Reading(health.state != "live", {"fault": fault} if fault else {})


def _not_recording(health: CameraHealth) -> Reading:
    """A camera that is away cannot be recorded: that has its own ticket."""
    if health.recording is None or health.state != "live":
        return _NOTHING
    facts = {"reason": health.recording.reason} if health.recording.reason else {}
    return Reading(health.recording.state == "waiting", facts)


def _clock(health: CameraHealth, device: DeviceState | None, limit_s: float) -> Reading:
    """Right again well within the limit only, so that a clock at the limit does not come and go."""
    offset = device.clock_offset_s if device and device.state == "reachable" else None
    if offset is None:
        offset = next((s.clock_offset_s for s in health.streams if s.state == "live" and s.clock_offset_s), None)
    if offset is None:
        return _NOTHING
    is_between = limit_s * _CLOCK_IS_RIGHT < abs(offset) <= limit_s
    return _NOTHING if is_between else Reading(abs(offset) > limit_s, {"offset_s": round(offset, 1)})


def _drift(device: DeviceState | None, expected: Mapping[str, object]) -> Reading:
    if device is None or device.state != "reachable" or device.facts is None or not expected:
        return _NOTHING
    names = {
        name
        for role, actual in device.facts.streams.items()
        if role in expected
        for name in drift(StreamSettings.model_validate(expected[role]), actual)
    }
    return Reading(bool(names), {"differs": ", ".join(sorted(names))} if names else {})
