"""Looks at the pictures of all cameras, each when it is due, on one thread that stands back for everything else."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from threading import Event, Lock, Thread, get_native_id
from typing import NamedTuple
from zoneinfo import ZoneInfo

import structlog

from analytics.quality.category import Category
from analytics.quality.finding import Finding
from analytics.quality.judge import METHOD_VERSION, judge, reference_of
from analytics.quality.sample import Sample, StreamFacts
from analytics.quality.standing import next_check_s
from ingest.camera import CameraId, StreamRole
from ingest.clock import Clock
from ingest.drops import DropCause
from ingest.errors import MasksUnavailable
from ingest.fleet import CameraFleet, UnknownStream
from ingest.frame import Image
from ingest.health import StreamHealth
from ingest.lifecycle import StreamState
from vms_api.diagnosis.settings import DiagnosisSettings
from vms_api.node.check_schedule import CheckSchedule
from vms_api.node.checked_camera import CheckedCamera
from vms_api.node.glance import Glance, read_evidence, take_glance
from vms_api.node.quality_memory import Memory, QualityMemory
from vms_api.node.quality_report import QualityLook

log = structlog.get_logger()

_GRACE_S = 30.0
"""A camera that is not live gets so long to come back before it is told that nothing is known of its pictures."""
_SETTLED_S = 5.0
"""A stream that has just come is left alone for so long: encoders need some pictures to get good ones."""
_MOST_TRIES = 8
_IDLE_S = 1.0
_NICENESS = 10
_CLOSE_S = 2.0
_ORIGIN = datetime(2026, 1, 1, tzinfo=UTC)


class CheckGround(NamedTuple):
    """What the looks stand on.

    `report` must be durable when it returns; `fetch` gives a picture of the control process, None where there is none.
    """

    fleet: CameraFleet
    memory: QualityMemory
    report: Callable[[QualityLook], None]
    fetch: Callable[[str], bytes | None]


@dataclass(slots=True)
class _Pair:
    """A look under way: its first picture, and how the stream was then."""

    began: StreamHealth
    first: Glance | None = None
    tries: int = 0


@dataclass(frozen=True, slots=True)
class _Cameras:
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    checked: Mapping[str, CheckedCamera] = field(default_factory=dict)


class PictureChecks:
    """A look is two pictures some seconds apart, each of one key frame. Methods may be called from any thread."""

    def __init__(self, ground: CheckGround, settings: DiagnosisSettings, clock: Clock) -> None:
        self._ground = ground
        self._settings = settings
        self._clock = clock
        self._schedule = CheckSchedule(settings.every_s / settings.speed)
        self._cameras = _Cameras()
        self._pairs: dict[str, _Pair] = {}
        self._dark: dict[str, str] = {}
        self._lock = Lock()  # over the schedule
        self._learning = Lock()  # over what is read from the memory and put back
        self._awake = Event()
        self._closing = Event()
        self._thread = Thread(target=self._run, name="diagnosis", daemon=True)

    def start(self) -> None:
        """Begins; where diagnosis is switched off nothing happens."""
        if self._settings.enabled:
            self._thread.start()

    def apply(self, cameras: Mapping[str, CheckedCamera], zone: ZoneInfo) -> None:
        """Makes these, and no others, the cameras. One with another reference or masks is looked at soon."""
        now_s = self._clock.monotonic_s()
        before, self._cameras = self._cameras, _Cameras(zone, dict(cameras))
        with self._lock:
            self._schedule.keep(cameras.keys(), now_s)
            for camera_id, camera in cameras.items():
                if before.checked.get(camera_id, camera) != camera:
                    self._schedule.hasten(camera_id, now_s)
        for camera_id in before.checked.keys() - cameras.keys():
            self._pairs.pop(camera_id, None)
            self._dark.pop(camera_id, None)
        self._ground.memory.keep(cameras.keys())
        self._awake.set()

    def hasten(self, camera_id: str, after_s: float = 0.0) -> None:
        """The camera is looked at after so many seconds, unless the second picture of a look is waited for."""
        pair = self._pairs.get(camera_id)
        with self._lock:
            if pair is None or pair.first is None:
                self._schedule.hasten(camera_id, self._clock.monotonic_s() + after_s)
        self._awake.set()

    def note_live(self, camera_id: str) -> None:
        """The camera's stream has come, or come back: what was unknown can be known again."""
        self.hasten(camera_id, min(_SETTLED_S, self._settings.pair_s))

    def object_to(self, camera_id: str, finding: Finding) -> None:
        """A person says that the finding was wrong: one like it is taken as usual, and what stood is forgotten."""
        with self._learning:
            memory = self._ground.memory.get(camera_id)
            known = replace(
                memory,
                baseline=memory.baseline.widened(finding),
                standing=memory.standing.rearmed(finding.category),
            )
            self._ground.memory.put(camera_id, known)
        self.hasten(camera_id)

    def close(self) -> None:
        """Stops the thread; waits a moment for a look that is under way."""
        self._closing.set()
        self._awake.set()
        if self._thread.ident is not None:
            self._thread.join(_CLOSE_S)

    def _run(self) -> None:
        os.setpriority(os.PRIO_PROCESS, get_native_id(), _NICENESS)
        while not self._closing.is_set():
            with self._lock:
                camera_id = self._schedule.take(self._clock.monotonic_s())
                wait_s = self._schedule.wait_s(self._clock.monotonic_s())
            if camera_id is not None:
                self._look(camera_id)
                continue
            self._awake.wait(_IDLE_S if wait_s is None else min(_IDLE_S, wait_s))
            self._awake.clear()

    def _look(self, camera_id: str) -> None:
        next_s = self._settings.every_s / self._settings.speed
        try:
            next_s = self._step(camera_id)
        except Exception:
            # One camera's picture, or a mistake of a method, must not end the looks at all others.
            self._pairs.pop(camera_id, None)
            log.exception("look failed", camera=camera_id)
        with self._lock:
            self._schedule.put(camera_id, self._clock.monotonic_s() + next_s)

    def _step(self, camera_id: str) -> float:
        """Takes one picture, or judges two; how long to wait for the next step, seconds."""
        health = self._ground.fleet.camera_health(CameraId(camera_id))
        if health is None or not health.streams:
            return self._cannot(camera_id, "disabled")
        main = health.streams[0]
        pair = self._pairs.setdefault(camera_id, _Pair(main))
        if main.state is not StreamState.LIVE:
            pair.first = None
            return self._again(pair, _GRACE_S) if pair.tries < 1 else self._cannot(camera_id, "offline")
        try:
            glance = take_glance(self._ground.fleet.viewable(CameraId(camera_id), StreamRole.MAIN))
        except MasksUnavailable:
            return self._cannot(camera_id, "masks-unknown")
        except UnknownStream:
            return self._cannot(camera_id, "disabled")
        if self._is_first(pair, glance):
            return self._again(pair, self._settings.pair_s)
        del self._pairs[camera_id]
        return self._judged(camera_id, pair, glance, main)

    def _is_first(self, pair: _Pair, glance: Glance | None) -> bool:
        """Whether another picture is wanted before anything can be said."""
        if pair.tries >= _MOST_TRIES:
            return False
        if glance is None:
            return True
        first = pair.first
        if first is None or first.mask_version != glance.mask_version:
            pair.first = glance
            return True
        return first.place == glance.place  # no key frame has come since

    def _again(self, pair: _Pair, wait_s: float) -> float:
        pair.tries += 1
        return wait_s

    def _cannot(self, camera_id: str, reason: str) -> float:
        """Nothing is known of the camera's pictures, which is told once."""
        self._pairs.pop(camera_id, None)
        if self._dark.get(camera_id) != reason:
            self._dark[camera_id] = reason
            self._ground.report(QualityLook(camera_id, self._clock.now(), METHOD_VERSION, reason))
        return self._settings.every_s / self._settings.speed

    def _judged(self, camera_id: str, pair: _Pair, glance: Glance | None, now: StreamHealth) -> float:
        camera = self._cameras.checked.get(camera_id, CheckedCamera())
        taken_at = glance.taken_at if glance is not None else self._clock.now()
        sample = Sample(
            picture=glance.picture if glance is not None else None,
            taken_at=self._sped(taken_at),
            local_hour=taken_at.astimezone(self._cameras.zone).hour,
            earlier=_comparable(pair.first, glance),
            stream=self._facts(camera_id, pair.began, now),
            masked=camera.masked,
        )
        with self._learning:
            memory = self._with_reference(camera_id, camera, sample)
            judgement = judge(sample, memory.baseline, memory.reference)
            standing, _ = memory.standing.judged(judgement.findings, self._sped(taken_at))
            known = replace(memory, baseline=judgement.baseline, standing=standing)
            self._ground.memory.put(camera_id, known)
        self._dark.pop(camera_id, None)
        look = QualityLook(camera_id, taken_at, METHOD_VERSION, "", judgement.findings, standing, glance)
        self._ground.report(look)
        return min(next_check_s(standing), self._settings.every_s) / self._settings.speed

    def _sped(self, at: datetime) -> datetime:
        """The time by which habits are learnt and faults believed: in trials it runs faster."""
        return _ORIGIN + (at - _ORIGIN) * self._settings.speed

    def _facts(self, camera_id: str, began: StreamHealth, now: StreamHealth) -> StreamFacts:
        declared = now.description.frame_rate if now.description is not None else None
        pace = self._ground.fleet.pace(CameraId(camera_id), now.role)
        return StreamFacts(
            packets=max(0, now.packet_count - began.packet_count),
            lost=max(0, now.drops.get(DropCause.LOST, 0) - began.drops.get(DropCause.LOST, 0)),
            gap_p95_s=pace.gap_p95_s,
            fps_measured=now.frame_rate,
            fps_declared=declared or 0.0,
            decode_errors=max(0, now.decode_failed_count - began.decode_failed_count),
            stalled_s=pace.stalled_s,
        )

    def _with_reference(self, camera_id: str, camera: CheckedCamera, sample: Sample) -> Memory:
        """What is known, with the reference that is wanted now; where the camera points is judged anew against it."""
        memory = self._ground.memory.get(camera_id)
        if memory.reference_id == camera.reference_id:
            return memory
        bare = replace(
            memory,
            baseline=memory.baseline.without_view(),
            standing=memory.standing.rearmed(Category.SHIFT),
            reference_id=None,
            reference=None,
        )
        if camera.reference_id is None or sample.picture is None:
            return bare
        height, width = sample.picture.shape[:2]
        jpeg = self._ground.fetch(camera.reference_id)
        picture = read_evidence(jpeg, (width, height)) if jpeg is not None else None
        reference = reference_of(replace(sample, picture=picture, earlier=None)) if picture is not None else None
        return bare if reference is None else replace(bare, reference_id=camera.reference_id, reference=reference)


def _comparable(first: Glance | None, second: Glance | None) -> Image | None:
    """The earlier picture where it says anything about the later one."""
    if first is None or second is None or first.place == second.place:
        return None
    return first.picture if first.picture.shape == second.picture.shape else None
