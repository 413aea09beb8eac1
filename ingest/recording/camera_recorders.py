"""The recording of all cameras of a node: one thread that turns packets into files' bytes and never touches a disk."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Protocol

import structlog

from ingest.camera import CameraId, StreamRole
from ingest.clock import Clock
from ingest.fleet import CameraFleet
from ingest.health import StreamHealth
from ingest.recording.camera_recorder import CameraRecorder, RecorderTools, StreamFacts
from ingest.recording.gap import Gap
from ingest.recording.gap_journal import GapJournal
from ingest.recording.open_segment import OpenSegment
from ingest.recording.plan import RecordingPlan
from ingest.recording.settings import RecorderSettings
from ingest.recording.state import RecordingState
from ingest.recording.volume import VolumeCondition, VolumeState
from ingest.recording.volume_shelf import VolumeShelf

log = structlog.get_logger()

STEP_S = 0.2
"""Packets are taken in handfuls: waking a thread for each would cost more than writing them."""
_FACTS_S = 1.0
_STOP_S = 2.0


class RecordingListener(Protocol):
    """Who hears of gaps and of volumes. Called on the recording thread; may wait for a disk of its own."""

    def on_gap(self, gap: Gap) -> None:
        """A gap has opened, or ended."""
        ...

    def on_volume(self, state: VolumeState) -> None:
        """A volume's condition has changed."""
        ...


class CameraRecorders:
    """Methods may be called from any thread."""

    def __init__(
        self,
        fleet: CameraFleet,
        shelf: VolumeShelf,
        settings: RecorderSettings,
        clock: Clock,
        listener: RecordingListener,
        journal: Path,
    ) -> None:
        self._fleet = fleet
        self._shelf = shelf
        self._clock = clock
        self._listener = listener
        self._journal = GapJournal(journal)
        self._left_open = dict(self._journal.open_gaps())
        self._tools = RecorderTools(fleet, shelf, settings, clock, count(1), self._tell_gap, self._facts)
        self._lock = Lock()
        self._recorders: Mapping[CameraId, CameraRecorder] = {}
        self._healths: Mapping[CameraId, tuple[StreamHealth, ...]] = {}
        self._healths_s = float("-inf")
        self._conditions: dict[str, VolumeCondition] = {}
        self._closing = Event()
        self._thread = Thread(target=self._run, name="recording", daemon=True)

    def start(self) -> None:
        """Starts the threads. Call once."""
        self._shelf.start()
        self._thread.start()

    def close(self) -> None:
        """Finishes all files; waits a moment, not for a disk that hangs."""
        self._closing.set()
        if self._thread.ident is not None:
            self._thread.join(_STOP_S)
        self._shelf.close()

    def apply(self, plans: Iterable[RecordingPlan], volumes: Mapping[str, str | None]) -> None:
        """Makes these the plans. `volumes`: the expected identities by name, None for a new volume."""
        self._shelf.expect(volumes)
        wanted = {plan.camera_id: plan for plan in plans}
        with self._lock:
            recorders = dict(self._recorders)
            for camera_id in wanted.keys() | self._left_open.keys():
                if camera_id not in recorders:
                    recorders[camera_id] = CameraRecorder(camera_id, self._tools, self._left_open.pop(camera_id, None))
            for camera_id, recorder in recorders.items():
                recorder.follow(wanted.get(camera_id))
            self._recorders = recorders

    def trigger(self, camera_id: CameraId) -> None:
        """Something happened before that camera."""
        recorder = self._recorders.get(camera_id)
        if recorder is not None:
            recorder.trigger()

    def states(self) -> Mapping[CameraId, RecordingState]:
        """How each camera that has, or lately had, a plan is recorded at this moment."""
        return {camera_id: recorder.state() for camera_id, recorder in self._recorders.items()}

    def open_segments(self, camera_id: CameraId) -> Sequence[OpenSegment]:
        """A camera's files that the index need not have yet, oldest first."""
        recorder = self._recorders.get(camera_id)
        return recorder.open_segments() if recorder is not None else ()

    def volume_states(self) -> tuple[VolumeState, ...]:
        """Every volume at this moment."""
        return self._shelf.states()

    def step(self) -> None:
        """One round over all cameras. The thread does nothing else."""
        for camera_id, recorder in tuple(self._recorders.items()):
            try:
                _step(camera_id, recorder)
            except Exception:
                # A camera's boundary: whatever it sends, the others are recorded.
                log.exception("recorder could not be set back", camera=camera_id)
        self._forget_idle()
        for state in self._shelf.states():
            if self._conditions.get(state.name) is not state.state and state.volume_id is not None:
                self._conditions[state.name] = state.state
                self._listener.on_volume(state)

    def _run(self) -> None:
        while not self._closing.wait(STEP_S):
            try:
                self.step()
            except Exception:
                # The only recording thread: whatever happens, it goes on.
                log.exception("recording failed unexpectedly")
        for recorder in tuple(self._recorders.values()):
            recorder.close()

    def _forget_idle(self) -> None:
        idle = [camera_id for camera_id, recorder in self._recorders.items() if recorder.is_idle]
        if idle:
            with self._lock:
                self._recorders = {id_: known for id_, known in self._recorders.items() if not known.is_idle}

    def _tell_gap(self, gap: Gap) -> None:
        self._journal.note(gap)
        self._listener.on_gap(gap)

    def _facts(self, camera_id: CameraId, role: StreamRole) -> StreamFacts | None:
        now_s = self._clock.monotonic_s()
        if now_s - self._healths_s > _FACTS_S:
            self._healths_s = now_s
            self._healths = {health.camera_id: health.streams for health in self._fleet.health()}
        streams = self._healths.get(camera_id)
        if not streams:
            return None
        stream = next((stream for stream in streams if stream.role is role), streams[0])
        audio = stream.description.audio if stream.description is not None else None
        return StreamFacts(stream.state, stream.clock_offset_s, audio)


def _step(camera_id: CameraId, recorder: CameraRecorder) -> None:
    try:
        recorder.step()
    except Exception:
        # As in `CameraRecorders.step`; setting it back may fail by what made it fail, such as a full outbox.
        log.exception("recorder failed unexpectedly", camera=camera_id)
        recorder.fail()
