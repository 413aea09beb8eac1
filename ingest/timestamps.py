"""Timestamps as cameras send them, made fit for muxers and players, or recognised as beyond repair."""

from bisect import insort
from dataclasses import dataclass
from fractions import Fraction

from ingest.errors import TimestampsJumped

RTP_VIDEO_CLOCK = Fraction(1, 90_000)
_RTP_MODULUS = 1 << 32  # RFC 3550 clause 5.1: the RTP timestamp has 32 bits
# Reordered or doubled stamps of a clumsy camera stay below this; anything more is a clock that was set.
BACKWARDS_LIMIT_S = 0.5
# A stream may pause in its own clock (variable frame rate), but not run this far ahead of its arrival.
FORWARD_LIMIT_S = 10.0
_ASSUMED_PERIOD_S = 0.04
_MOST_REORDERED = 16  # Rec. ITU-T H.264 E.2.1: max_num_reorder_frames is at most MaxDpbFrames


@dataclass(frozen=True, slots=True)
class Stamp:
    """Legal timestamps: `dts` rises strictly inside an epoch, `pts >= dts`. `repaired`: not what the camera sent."""

    pts: int
    dts: int
    repaired: bool


class TimestampGuard:
    """Watches the timestamps of one epoch.

    Repairs missing, equal and slightly backward stamps, unwraps 32-bit RTP time, and keeps the order of B-frames: where
    only showing times are told, as in RTP, pictures are decoded at each other's showing times, `reordering` pictures
    later. A stream that does not tell its reordering is given one as soon as it shows; the pictures it showed by, those
    of one short group in an epoch, are then stamped up to that much too late.
    """

    def __init__(self, time_base: Fraction, period_s: float | None = None, reordering: int = 0) -> None:
        self._is_rtp_video = time_base == RTP_VIDEO_CLOCK
        self._tick_s = float(time_base)  # a Fraction would cost more than all the rest of a packet
        self._period = max(1, round((period_s or _ASSUMED_PERIOD_S) / time_base))
        self._last: Stamp | None = None
        self._last_at_s = 0.0
        self._offset = 0
        self._origin_unknown = False
        self._highest_pts = 0
        self._reorder = 0
        self._depth = min(reordering, _MOST_REORDERED)
        self._shown: list[int] = []

    @property
    def has_b_frames(self) -> bool:
        """Whether pictures have come in another order than they are shown."""
        return self._reorder > 0

    def check(self, pts: int | None, dts: int | None, at_s: float) -> Stamp:
        """Legal stamps for an access unit that arrived at `at_s` (monotonic seconds).

        Raises:
            TimestampsJumped: the stream's clock was set; a new epoch must begin.

        """
        stamp = self._first(pts, dts) if self._last is None else self._next(self._last, pts, dts, at_s)
        self._highest_pts = max(self._highest_pts, stamp.pts)
        self._last, self._last_at_s = stamp, at_s
        return stamp

    def _first(self, pts: int | None, dts: int | None) -> Stamp:
        shown = pts if pts is not None else dts
        # libav gives RTSP's first packet no stamp at all: its place is known only from the second.
        self._origin_unknown = shown is None
        shown = self._highest_pts = shown or 0
        decoded = min(shown, dts) if dts is not None else self._decoding_time(shown)
        return Stamp(shown, decoded, repaired=pts is None or dts is None)

    def _next(self, last: Stamp, pts: int | None, dts: int | None, at_s: float) -> Stamp:
        known = dts if dts is not None else pts
        if known is None:
            stamp = last.dts + self._period
            return Stamp(max(stamp, self._highest_pts + 1), stamp, repaired=True)
        if self._origin_unknown:
            self._offset = last.dts + self._period - known
            self._origin_unknown = False
        self._refuse_jump(last, self._unwrapped(known, last.dts), at_s)
        shown = self._unwrapped(pts if pts is not None else known, last.dts)
        self._reorder = max(self._reorder, self._highest_pts - shown)
        decoded = self._unwrapped(dts, last.dts) if dts is not None else self._decoding_time(shown)
        legal_dts = max(decoded, last.dts + 1)
        legal_pts = max(shown, legal_dts)
        return Stamp(legal_pts, legal_dts, repaired=(legal_pts, legal_dts) != (shown, decoded) or None in (pts, dts))

    def _decoding_time(self, shown: int) -> int:
        """The latest showing times in their order: the earliest of them, as many as are reordered before this one."""
        behind = sum(other > shown for other in self._shown)
        self._depth = min(max(self._depth, behind), _MOST_REORDERED)
        insort(self._shown, shown)
        del self._shown[: -self._depth - 1]
        return self._shown[0] - (self._depth + 1 - len(self._shown)) * self._period

    def _unwrapped(self, stamp: int, reference: int) -> int:
        stamp += self._offset
        if not self._is_rtp_video:
            return stamp
        return stamp + round((reference - stamp) / _RTP_MODULUS) * _RTP_MODULUS

    def _refuse_jump(self, last: Stamp, stamp: int, at_s: float) -> None:
        step_s = (stamp - last.dts) * self._tick_s
        elapsed_s = max(0.0, at_s - self._last_at_s)
        if step_s < -BACKWARDS_LIMIT_S or step_s > elapsed_s + FORWARD_LIMIT_S:
            raise TimestampsJumped(f"The stream's clock jumped by {step_s:.1f} s.")
