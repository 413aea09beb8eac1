"""Rules tried on recordings: the same gate, detector, tracker and rule as live, behind everything else."""

import contextlib
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from datetime import timedelta

import structlog

from analytics.alert import Alert
from analytics.detection import Outcome
from analytics.detector import Detector
from analytics.inference import Inference, Listeners
from analytics.inspection import Inspections
from analytics.lane import CameraLane
from analytics.rule import CameraPlan, Following
from analytics.settings import AnalyticsSettings
from ingest.camera import CameraId
from ingest.clock import SystemClock
from ingest.errors import IngestError, MasksUnavailable
from ingest.frame import Frame
from vms_api.node.desired import masks_of, rule_of
from vms_api.node.recorded_files import FileMissing, FilePlace, RecordedFiles
from vms_api.node.recorded_frames import RecordedFile, RecordedFrames, merged
from vms_api.node.simulation_messages import RecordedFileMessage, SimulationMessage, SimulationReport, WouldRaise

log = structlog.get_logger()

MAX_ITEMS = 500
_REMEMBERED = 8
_NICENESS = 15
_CLOSE_TIMEOUT_S = 5.0


class SimulationBusy(Exception):
    """One runs already: simulations share what processor time live analysis leaves."""


class SimulationUnknown(Exception):
    """The node has no such simulation, or not any more."""


class _Cancelled(Exception):
    """Nobody wants it any more."""


class _Run:
    """One simulation. Written by its thread; what it tells may be read from any."""

    def __init__(self, wanted: SimulationMessage) -> None:
        self.wanted = wanted
        self.cancelled = threading.Event()
        self._report = SimulationReport(state="running", progress=0.0)
        self._items: list[WouldRaise] = []
        self._count = self.unreadable = 0
        self._recorded_s = sum(_overlap_s(file, wanted) for file in wanted.files)

    def report(self) -> SimulationReport:
        return self._report

    def raised(self, alert: Alert) -> None:
        """The rule would have raised it."""
        self._count += 1
        if len(self._items) < MAX_ITEMS:
            box = alert.box
            edges = (box.left, box.top, box.right, box.bottom)
            item = WouldRaise(at=alert.frame_received_at, label=alert.label, score=alert.score, box=edges)
            self._items.append(item)

    def tell(self, state: str, seen_s: float, lane: CameraLane | None, detector: str | None) -> None:
        """Where it stands after a frame, or at its end."""
        self._report = SimulationReport.model_validate(
            {
                "state": state,
                "progress": 1.0 if state == "done" else min(seen_s / max(self._recorded_s, 1.0), 0.999),
                "seen_s": seen_s,
                "count": self._count,
                "suppressed": lane.meter.suppressed_count if lane else 0,
                "unjudged": lane.meter.counts[Outcome.FAILED] if lane else 0,
                "unreadable": self.unreadable,
                "detector": detector,
                "items": tuple(self._items),
            }
        )


class Simulations:
    """One thread at a time, of the lowest priority. `open_detector` gives a detector of its own to each."""

    def __init__(
        self, files: RecordedFiles, settings: AnalyticsSettings, fps: float, open_detector: Callable[[], Detector]
    ) -> None:
        self._files = files
        self._settings = settings
        self._fps = fps
        self._open_detector = open_detector
        self._runs: OrderedDict[str, _Run] = OrderedDict()
        self._thread: threading.Thread | None = None

    def start(self, simulation_id: str, wanted: SimulationMessage) -> None:
        """Begins it.

        Raises:
            SimulationBusy: another one runs.
            MasksUnavailable: the camera's masks are not known, so nothing of it may be looked at.

        """
        if wanted.masks == "unavailable":
            raise MasksUnavailable
        if self._thread is not None and self._thread.is_alive():
            raise SimulationBusy("a simulation is running")
        run = self._runs[simulation_id] = _Run(wanted)
        if len(self._runs) > _REMEMBERED:
            self._runs.popitem(last=False)
        self._thread = threading.Thread(target=self._run, args=(run,), name="simulation", daemon=True)
        self._thread.start()

    def report(self, simulation_id: str) -> SimulationReport:
        """How far it has come.

        Raises:
            SimulationUnknown: never begun here.

        """
        run = self._runs.get(simulation_id)
        if run is None:
            raise SimulationUnknown("no such simulation")
        return run.report()

    def cancel(self, simulation_id: str) -> None:
        """Ends it at its next frame; harmless when it has ended."""
        if (run := self._runs.get(simulation_id)) is not None:
            run.cancelled.set()

    def close(self) -> None:
        """Cancels all and waits a moment."""
        for run in self._runs.values():
            run.cancelled.set()
        if self._thread is not None:
            self._thread.join(_CLOSE_TIMEOUT_S)

    def _run(self, run: _Run) -> None:
        with contextlib.suppress(OSError):  # without the right to it, it shares fairly
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
        try:
            detector = self._open_detector()
            with contextlib.closing(detector):
                self._play(run, detector)
        except _Cancelled:
            run.tell("cancelled", 0.0, None, None)
        except Exception:  # the thread's boundary: the simulation fails, and says so, and the node goes on
            log.exception("simulation failed", camera_id=run.wanted.camera_id)
            run.tell("failed", 0.0, None, None)

    def _play(self, run: _Run, detector: Detector) -> None:
        wanted, camera_id, clock = run.wanted, CameraId(run.wanted.camera_id), SystemClock()
        plan = CameraPlan(camera_id, (rule_of(wanted.rule, wanted.time_zone),))
        lane, name = CameraLane(plan, self._settings, clock), detector.model.name
        if isinstance(detector, Following):
            detector.follow({camera_id: plan})
        listeners = Listeners(run.raised, lambda _: None, lambda _: None, Inspections(clock))
        inference = Inference(detector, listeners, self._settings.close_looks)
        seen_s, latest_s = 0.0, 0.0
        for frame in self._frames(run):
            if run.cancelled.is_set():
                raise _Cancelled
            inference.analyse({camera_id: lane}, [frame])
            seen_s += min(max(frame.media_time_s - latest_s, 0.0), 1.0)
            latest_s = frame.media_time_s
            run.tell("running", seen_s, lane, name)
        run.tell("failed" if _is_blind(lane) else "done", seen_s, lane, name)

    def _frames(self, run: _Run) -> Iterator[Frame]:
        wanted, masks = run.wanted, masks_of(run.wanted.masks)
        assert masks is not None  # noqa: S101 - refused at the start
        frames = RecordedFrames(CameraId(wanted.camera_id), masks, wanted.start, self._fps)
        for file in self._readable(run):
            try:
                for frame in frames.of(file):
                    if wanted.start <= frame.received_at < wanted.end:
                        yield frame
            except IngestError as error:
                run.unreadable += 1
                log.warning("a recording cannot be read", path=str(file.path), reason=str(error))

    def _readable(self, run: _Run) -> Iterator[RecordedFile]:
        found = []
        for file in run.wanted.files:
            try:
                path = self._files.find(FilePlace(file.volume_id, file.path))
            except FileMissing:
                run.unreadable += 1
                continue
            found.append(RecordedFile(path, file.started_at, file.duration_s))
        yield from merged(found)


def _overlap_s(file: RecordedFileMessage, wanted: SimulationMessage) -> float:
    """How much of the file lies in the range."""
    ends = min(file.started_at + timedelta(seconds=file.duration_s), wanted.end)
    return max((ends - max(file.started_at, wanted.start)).total_seconds(), 0.0)


def _is_blind(lane: CameraLane) -> bool:
    """Whether the detector judged none of the pictures that it was asked about."""
    counts = lane.meter.counts
    return counts[Outcome.FAILED] > 0 and counts[Outcome.ANALYSED] == 0
