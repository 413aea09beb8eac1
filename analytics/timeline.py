"""Seconds that run on through reconnects, where media time starts anew."""

from ingest.frame import Frame

RECONNECT_S = 5.0
"""A camera that is back this soon still shows who was there; after longer the same place may hold somebody else."""


class Timeline:
    """One camera's time for tracks and rules: media time, joined over reconnects by the times of arrival."""

    def __init__(self) -> None:
        self._epoch: int | None = None
        self._offset_s = 0.0
        self._latest_s = self._arrived_s = 0.0

    def is_seamless(self, frame: Frame) -> bool:
        """Goes on to this frame; False where what was known about earlier frames is worth nothing any more."""
        silent_s = frame.received_monotonic_s - self._arrived_s
        seamless = True
        if frame.epoch != self._epoch:
            seamless = self._epoch is not None and 0.0 <= silent_s <= RECONNECT_S
            self._epoch = frame.epoch
            self._offset_s = self._latest_s + silent_s - frame.media_time_s if seamless else 0.0
        self._latest_s, self._arrived_s = self.now_s(frame), frame.received_monotonic_s
        return seamless

    def now_s(self, frame: Frame) -> float:
        """The frame's moment; frames of one epoch are as far apart as their media times."""
        return frame.media_time_s + self._offset_s
