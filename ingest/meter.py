"""Counts of one stream, and its rates over the last few seconds."""

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from threading import Lock

from ingest.drops import DropCause, Drops
from ingest.packet import Packet
from ingest.stalls import Stalls

WINDOW_S = 5.0


@dataclass(frozen=True, slots=True)
class StreamReading:
    """What the meter shows. Rates are per second over `WINDOW_S`; counts are since the stream was configured."""

    frame_rate: float = 0.0
    bitrate_bps: float = 0.0
    packet_count: int = 0
    reconnect_count: int = 0
    decode_failed_count: int = 0
    drops: Drops = field(default_factory=dict)
    has_b_frames: bool = False
    last_packet_at: datetime | None = None
    last_keyframe_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """How evenly packets come, in seconds.

    `gap_p95_s` is the 95th percentile of the time between two arrivals in the window, 0 below three packets;
    `stalled_s` is how much of the last minute the stream stood still, against its own pace.
    """

    gap_p95_s: float
    stalled_s: float


class StreamMeter:
    """Measures one stream across its sessions. Thread-safe: the camera's thread adds, anybody reads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._window: deque[tuple[float, int]] = deque()
        self._stalls = Stalls()
        self._begun_s = 0.0
        self._epoch = -1
        self._highest_pts = 0
        self._has_b_frames = False
        self._packet_count = 0
        self._connect_count = 0
        self._decode_failed_count = 0
        self._drops: Counter[DropCause] = Counter()
        self._last_packet_at: datetime | None = None
        self._last_keyframe_at: datetime | None = None

    def add(self, packet: Packet) -> None:
        """Counts a packet."""
        with self._lock:
            if packet.epoch != self._epoch:
                self._begin(packet)
            self._has_b_frames |= packet.pts < self._highest_pts
            self._highest_pts = max(self._highest_pts, packet.pts)
            self._packet_count += 1
            self._last_packet_at = packet.received_at
            if packet.is_keyframe:
                self._last_keyframe_at = packet.received_at
            self._window.append((packet.received_monotonic_s, len(packet.data)))
            self._stalls.add(packet.received_monotonic_s)
            self._expire(packet.received_monotonic_s)

    def count_connect(self) -> None:
        """Counts a connection that came about; the first one is no reconnect."""
        with self._lock:
            self._connect_count += 1

    def count_decode_failures(self, count: int) -> None:
        """Counts packets that could not be decoded."""
        with self._lock:
            self._decode_failed_count += count

    def count_drops(self, drops: Drops) -> None:
        """Counts what did not arrive whole."""
        with self._lock:
            self._drops.update(drops)

    def read(self, now_s: float) -> StreamReading:
        """The counts, and the rates of the window that ends now (monotonic seconds)."""
        with self._lock:
            self._expire(now_s)
            # Below a second a first burst would look like a thousand frames per second.
            span_s = min(WINDOW_S, max(1.0, now_s - self._begun_s))
            return StreamReading(
                frame_rate=len(self._window) / span_s,
                bitrate_bps=8 * sum(size for _, size in self._window) / span_s,
                packet_count=self._packet_count,
                reconnect_count=max(0, self._connect_count - 1),
                decode_failed_count=self._decode_failed_count,
                drops=dict(self._drops),
                has_b_frames=self._has_b_frames,
                last_packet_at=self._last_packet_at,
                last_keyframe_at=self._last_keyframe_at,
            )

    def pace(self, now_s: float) -> Pace:
        """How evenly packets have come until now (monotonic seconds)."""
        with self._lock:
            self._expire(now_s)
            times = [at_s for at_s, _ in self._window]
            stalled_s = self._stalls.within_the_last_minute_s(now_s)
        gaps = sorted(after - before for before, after in pairwise(times))
        return Pace(gaps[min(len(gaps) - 1, round(0.95 * len(gaps)))] if len(gaps) > 1 else 0.0, stalled_s)

    def _begin(self, packet: Packet) -> None:
        self._epoch = packet.epoch
        self._highest_pts = packet.pts
        self._has_b_frames = False
        self._window.clear()
        self._begun_s = packet.received_monotonic_s
        self._stalls.begin(packet.received_monotonic_s)

    def _expire(self, now_s: float) -> None:
        while self._window and self._window[0][0] < now_s - WINDOW_S:
            self._window.popleft()
