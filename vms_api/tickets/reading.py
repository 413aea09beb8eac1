"""What the last looks say about a camera, a volume or the node. Pure."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from vms_api.cameras.health import CameraHealth
from vms_api.care.device import DeviceFacts, StreamSettings
from vms_api.care.drift import drift
from vms_api.recordings.problem_board import ProblemCode, RecordingProblem
from vms_api.recordings.volume import VolumeState
from vms_api.tickets.cause import Cause
from vms_api.tickets.ticket import Facts


class Reading(NamedTuple):
    """Whether it is wrong, None where nothing can be said; and what to tell of it."""

    is_wrong: bool | None
    facts: Facts


class DeviceView(NamedTuple):
    """What is known of a camera's device: how far its clock is off, and which settings differ; None: not known."""

    clock_offset_s: float | None = None
    differs: tuple[str, ...] | None = None


class Verdicts(NamedTuple):
    """Whether a camera has each of the faults; None where nothing can be said. One is read for each look and camera."""

    offline: bool | None = None
    not_recording: bool | None = None
    clock: bool | None = None
    drift: bool | None = None


OF_CAMERAS = (Cause.OFFLINE, Cause.NOT_RECORDING, Cause.CLOCK, Cause.DRIFT)
"""The causes of `Verdicts`, in its order."""
NOTHING_KNOWN = DeviceView()
_NOTHING = Reading(None, {})
_UNTOLD = frozenset({"unknown", "disabled", "closing"})
_CLOCK_IS_RIGHT = 0.5
"""Share of the limit within which a clock that was wrong is right again."""
_OF_VOLUMES = {ProblemCode.ONLY_LOCKED_LEFT, ProblemCode.DELETION_LATE}


def verdicts_of(health: CameraHealth | None, device: DeviceView, clock_limit_s: float) -> Verdicts:
    """Of one camera that is in service; its health is None while no node reports it.

    A camera that is away cannot be recorded: that has its own ticket.
    """
    offline = not_recording = None
    if health is not None and health.state not in _UNTOLD:
        offline = health.state != "live"
        if not offline and health.recording is not None:
            not_recording = health.recording.state == "waiting"
    offset_s = _clock_offset_s(health, device)
    clock = None if offset_s is None else _is_off(offset_s, clock_limit_s)
    return Verdicts(offline, not_recording, clock, None if device.differs is None else bool(device.differs))


def facts_of(cause: Cause, health: CameraHealth | None, device: DeviceView) -> Facts:
    """What there is to tell of that fault of a camera."""
    if cause is Cause.DRIFT:
        return {"differs": ", ".join(device.differs)} if device.differs else {}
    if cause is Cause.CLOCK:
        offset_s = _clock_offset_s(health, device)
        return {} if offset_s is None else {"offset_s": round(offset_s, 1)}
    if health is None:
        return {}
    if cause is Cause.OFFLINE:
        fault = next((stream.fault.code for stream in health.streams if stream.fault), None)
        return {"fault": fault} if fault else {}
    return {"reason": health.recording.reason} if health.recording and health.recording.reason else {}


def differing(facts: DeviceFacts, expected: Mapping[str, object]) -> tuple[str, ...]:
    """The names of settings that are not as they are wanted, of any stream. `expected` is by role."""
    names = {
        name
        for role, actual in facts.streams.items()
        if role in expected
        for name in drift(StreamSettings.model_validate(expected[role]), actual)
    }
    return tuple(sorted(names))


def volume_reading(volume: VolumeState, problems: Iterable[RecordingProblem], *, is_node_up: bool) -> Reading:
    """Of one disk; how it is is for the node to say, and old once that is away."""
    mine = [problem.code for problem in problems if problem.subject == volume.name and problem.code in _OF_VOLUMES]
    if mine:
        return Reading(is_wrong=True, facts={"volume_state": volume.state, "problem": mine[0]})
    if not is_node_up:
        return _NOTHING
    return Reading(volume.state != "ok", {"volume_state": volume.state})


def _clock_offset_s(health: CameraHealth | None, device: DeviceView) -> float | None:
    """As its device tells, else as its streams show."""
    if device.clock_offset_s is not None or health is None:
        return device.clock_offset_s
    return next((s.clock_offset_s for s in health.streams if s.state == "live" and s.clock_offset_s), None)


def _is_off(offset_s: float, limit_s: float) -> bool | None:
    """Right again well within the limit only, so that a clock at the limit does not come and go."""
    if limit_s * _CLOCK_IS_RIGHT < abs(offset_s) <= limit_s:
        return None
    return abs(offset_s) > limit_s
