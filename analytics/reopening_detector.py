"""A detector that is opened anew when its session or its device is lost."""

from collections.abc import Callable, Sequence

import structlog

from analytics.detection import Detections
from analytics.detector import Detector, DetectorFailed, DetectorFault, ModelInfo, Shrinking
from ingest.clock import Clock
from ingest.frame import Frame

RUNS_TO_LOSE = 8
"""So many calls in a row that the runtime gave up on, whatever the picture: the session itself is broken."""
RETRY_MIN_S, RETRY_MAX_S = 1.0, 60.0

_log = structlog.get_logger()


class ReopeningDetector:
    """Implements `Detector` and `Shrinking`. Opening takes the calling thread for as long as a start does.

    While nothing can be opened it fails at once with LOST, and tries again after 1 to 60 seconds.
    """

    def __init__(self, reopen: Callable[[], Detector], clock: Clock, full_share: float = 1.0) -> None:
        """Opens it for the first time; what `reopen` raises then is the caller's.

        `full_share` of the model's width is what it gets when nothing is given up.
        """
        self._reopen = reopen
        self._clock = clock
        self._full_share = self._share = full_share
        self._detector: Detector | None = self._shrunk(reopen())
        self._model = self._detector.model
        self._failed_runs = 0
        self._retry_s = RETRY_MIN_S
        self._next_try_s = 0.0

    @property
    def model(self) -> ModelInfo:
        """That of the detector, also while it is lost."""
        return self._model

    def detect(self, frames: Sequence[Frame]) -> Sequence[Detections]:
        """As the detector itself.

        Raises:
            DetectorFailed: as the detector; LOST while there is none.

        """
        detector = self._detector or self._opened()
        try:
            answers = detector.detect(frames)
        except DetectorFailed as failure:
            self._note(failure)
            raise
        self._failed_runs, self._retry_s = 0, RETRY_MIN_S
        return answers

    def use_share(self, share: float) -> None:
        """Also for the detector that is opened next."""
        self._share = self._full_share * share
        if self._detector is not None:
            self._shrunk(self._detector)

    def close(self) -> None:
        """Closes what is open."""
        if self._detector is not None:
            self._detector.close()
            self._detector = None
        self._next_try_s = float("inf")

    def _note(self, failure: DetectorFailed) -> None:
        self._failed_runs = self._failed_runs + 1 if failure.fault is DetectorFault.RUN else 0
        if failure.fault is not DetectorFault.LOST and self._failed_runs < RUNS_TO_LOSE:
            return
        _log.warning("detector lost", detector=self._model.name, fault=failure.fault.value, reason=str(failure))
        if self._detector is not None:
            self._detector.close()
        self._detector, self._failed_runs = None, 0
        self._wait()

    def _opened(self) -> Detector:
        if self._clock.monotonic_s() < self._next_try_s:
            raise DetectorFailed(f"{self._model.name} is lost and is opened again later", DetectorFault.LOST)
        try:
            detector = self._shrunk(self._reopen())
        except Exception as failure:  # whatever kept the device away may still do; it is tried again later
            _log.warning("detector not opened again", detector=self._model.name, exc_info=failure)
            self._wait()
            raise DetectorFailed(f"{self._model.name}: {failure}", DetectorFault.LOST) from failure
        self._detector = detector
        _log.info("detector opened again", detector=self._model.name)
        return detector

    def _wait(self) -> None:
        self._next_try_s = self._clock.monotonic_s() + self._retry_s
        self._retry_s = min(2 * self._retry_s, RETRY_MAX_S)

    def _shrunk(self, detector: Detector) -> Detector:
        if isinstance(detector, Shrinking):
            detector.use_share(self._share)
        return detector
