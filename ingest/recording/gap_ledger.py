"""Keeps account of one camera: each second that is planned is either recorded or part of a gap. Pure."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from ingest.camera import CameraId
from ingest.recording.gap import Gap, GapReason

TOLERATED_S = 2.0
"""A break up to this is none: files of one camera do not join to the millisecond."""


class Moment(NamedTuple):
    """An instant on both clocks: wall time stands in rows, monotonic seconds measure."""

    at: datetime
    s: float


class GapLedger:
    """Opens a gap when nothing was recorded for more than `TOLERATED_S`, and closes it when recording is back.

    Gaps of one camera never overlap and never end before they begin, whatever the wall clock does. `tell` gets each gap
    when it opens and again when it ends. `open_gap` is one that a killed node has left behind.
    """

    def __init__(
        self, camera_id: CameraId, new_id: Callable[[], str], tell: Callable[[Gap], None], open_gap: Gap | None = None
    ) -> None:
        self._camera_id = camera_id
        self._new_id = new_id
        self._tell = tell
        self._gap = open_gap
        self._covered: Moment | None = None
        self._limit_s = TOLERATED_S
        self._told_until: datetime | None = None

    @property
    def gap(self) -> Gap | None:
        """The gap that goes on."""
        return self._gap

    def plan(self, now: Moment) -> None:
        """From now on recording is planned; more than once changes nothing."""
        if self._covered is None:
            self._covered = now

    def cover(self, start: Moment, end: Moment, longest_break_s: float = 0.0) -> None:
        """The camera is recorded from `start` to `end`.

        `longest_break_s`: a camera that sends so seldom is not missing anything.
        """
        self._limit_s = max(TOLERATED_S, longest_break_s)
        covered = self._covered
        if self._gap is not None:
            self._close(start.at)
        elif covered is not None and start.s - covered.s > self._limit_s:
            self._open(covered.at, GapReason.RECORDER_FAILED)  # nobody looked meanwhile
            self._close(start.at)
        if covered is None or end.s > covered.s:
            self._covered = end

    def check(self, now: Moment, reason: GapReason) -> None:
        """Nothing is recorded at this moment, for that reason."""
        if self._covered is None:
            return
        if self._gap is None:
            if now.s - self._covered.s > self._limit_s:
                self._open(self._covered.at, reason)
        elif reason is not self._gap.reason:
            at = max(now.at, self._gap.started_at)
            self._close(at)
            self._open(at, reason)

    def retract(self, until: Moment, reason: GapReason) -> None:
        """What was said to be recorded after `until` did not reach the disk."""
        if self._covered is None or until.s >= self._covered.s:
            return
        if self._gap is not None:
            self._close(self._gap.started_at)
            self._told_until = None  # that gap took no time: the lost seconds before it belong to the new one
        self._covered = until
        self._open(until.at, reason)

    def lose(self, start: Moment, end: Moment, reason: GapReason) -> None:
        """What was said to be recorded from `start` to `end`, with other files after it, did not reach the disk."""
        if end.s > start.s:
            gap = Gap(self._new_id(), self._camera_id, start.at, None, reason)
            self._tell(gap)
            self._tell(replace(gap, ended_at=max(start.at, end.at)))

    def unplan(self, now: Moment) -> None:
        """From now on nothing is planned."""
        if self._gap is not None:
            self._close(now.at)
        self._covered = None

    def _open(self, at: datetime, reason: GapReason) -> None:
        # A wall clock that was set back does not make one second missing twice.
        start = at if self._told_until is None else max(at, self._told_until)
        self._gap = Gap(self._new_id(), self._camera_id, start, None, reason)
        self._tell(self._gap)

    def _close(self, at: datetime) -> None:
        if self._gap is not None:
            self._told_until = max(at, self._gap.started_at)
            self._tell(replace(self._gap, ended_at=self._told_until))
            self._gap = None
