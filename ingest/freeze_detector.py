"""A picture that stands still although packets come: a camera whose encoder repeats what its sensor lost.

A still scene is something else. Its sensor has noise, and an encoder that smooths most of it away still changes a few
pixels from second to second. So a picture is frozen only when it is the same to the last bit most of the time, and
what little differs (a key frame is quantised in another way than the pictures between) stays below the noise floor.
"""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from ingest.frame import Frame

LOOK_EVERY_S = 1.0
NOISE_FLOOR = 0.25
"""Grey levels (0 to 255), the mean over the picture of all differences in the window together."""
IDENTICAL_SHARE = 0.8
MIN_CONTRAST = 2.0
"""Standard deviation in grey levels: a black picture is always the same, and that is another fault."""

_SAMPLES_ACROSS = 128
# Frames do not come to the second.
_SLACK_S = 0.5


class FreezeDetector:
    """Looks at one stream's decoded pictures once a second."""

    def __init__(self, frozen_s: float) -> None:
        self._frozen_s = frozen_s
        self._latest: NDArray[np.int16] | None = None
        self._latest_s = 0.0
        self._epoch = -1
        self._changes: deque[tuple[float, float]] = deque()
        self._is_frozen = False

    def look(self, frame: Frame) -> bool:
        """Whether the stream's picture is frozen, with this frame."""
        at_s = frame.received_monotonic_s
        if frame.epoch != self._epoch:
            self._begin(frame.epoch)
        elif at_s - self._latest_s < LOOK_EVERY_S:
            return self._is_frozen
        sample = _sample(frame)
        self._is_frozen = self._judge(sample, at_s)
        self._latest, self._latest_s = sample, at_s
        return self._is_frozen

    def _begin(self, epoch: int) -> None:
        self._epoch, self._latest, self._is_frozen = epoch, None, False
        self._changes.clear()

    def _judge(self, sample: NDArray[np.int16], at_s: float) -> bool:
        before = self._latest
        if before is None or before.shape != sample.shape or sample.std() < MIN_CONTRAST:
            self._changes.clear()
            return False
        # Each difference tells of the time since the look before; of idle cameras only key frames are seen.
        self._changes.append((self._latest_s, float(np.abs(sample - before).mean())))
        while self._latest_s - self._changes[0][0] > self._frozen_s:
            self._changes.popleft()
        differences = [difference for _, difference in self._changes]
        lasts = at_s - self._changes[0][0] >= self._frozen_s - _SLACK_S
        identical = differences.count(0.0)
        return lasts and sum(differences) <= NOISE_FLOOR and identical >= IDENTICAL_SHARE * len(differences)


def _sample(frame: Frame) -> NDArray[np.int16]:
    luma = frame.picture.luma()
    step = max(1, luma.shape[1] // _SAMPLES_ACROSS)
    return luma[::step, ::step].astype(np.int16)
