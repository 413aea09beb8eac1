"""Sends one viewer what is shared by all: protects it, sends it in runs, and repairs what got lost."""

import secrets
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from vms_api.live.datagram_line import DatagramLine, LineBusy
from vms_api.live.group_cache import squeezed
from vms_api.live.rtp_unit import RtpPayload, RtpUnit
from vms_api.live.send_pump import SendPump
from vms_api.live.sender_internals import SenderInternals
from vms_api.live.sent_history import SentHistory
from vms_api.live.settings import LiveSettings
from vms_api.live.viewer_queue import ViewerQueue

BURST_BYTES = 32 * 1024
"""What may leave at once; a key frame's rest follows at the pace that is set."""
REPAIR_DEBT_BYTES = 64 * 1024
"""Retransmissions may run this far ahead of the pace; a viewer who loses more waits for its next key frame."""
REPORT_TICKS = 22_500
"""A quarter of a second: sender reports go out every second or so, and need no newer figures."""
STAMP_TICKS = 90_000
"""A second: browsers reckon the capture times between two stamps, for up to five seconds."""
REFRESH_S = 1.0
MAX_REFRESH_BYTES = 1024 * 1024
_BUSY_S = 0.005
_SHORTEST_WAIT_S = 0.001
_TICKS = 0xFFFFFFFF


class KeyFrameSource(Protocol):
    """Where a viewer who lost the thread finds a key frame."""

    def group(self) -> Sequence[RtpUnit]:
        """The running group of pictures; empty if none is usable."""
        ...

    def want_key_frame(self) -> None:
        """The group does not do: the camera's next key frame is waited for."""
        ...


class FastSender:
    """An outlet of the pump. Lives on one event loop.

    `stream` has the cached group of pictures, which answers the browser's wish for a key frame, or passes the wish on;
    `on_failed` is called when the viewer cannot be sent to at all.
    """

    def __init__(
        self,
        internals: SenderInternals,
        settings: LiveSettings,
        pump: SendPump,
        stream: KeyFrameSource,
        on_failed: Callable[[], None],
    ) -> None:
        self._internals = internals
        self._pump = pump
        self._stream = stream
        self.fail = on_failed
        self._rate = settings.replay_bytes_per_s
        self._queue: ViewerQueue[RtpUnit] = ViewerQueue(settings.queue_packets)
        self._protector = internals.protector(internals.ssrc)
        self._rtx_protector = internals.protector(internals.rtx_ssrc)
        self._line: DatagramLine | None = None
        self._sending: RtpUnit | None = None
        self._run = 0
        self._ticks = 0
        self._base_ticks = secrets.randbits(32)
        # The lower half of the range: whoever misses the first packets must not mistake a wrap (RFC 3711 3.3.1).
        self._index = secrets.randbits(15)
        self._rtx_index = secrets.randbits(15)
        self._history = SentHistory()
        self._credit = float(BURST_BYTES)
        self._credited_s = 0.0
        self._last_ticks = 0
        self._report_ticks = -1
        self._stamp_ticks = -1
        self._extension = b""
        self._refreshed_s = 0.0
        self.packet_count = 0
        self.octet_count = 0
        self.repaired_count = 0
        internals.listen(self._on_nack, self._on_keyframe_wanted)

    @property
    def dropped_count(self) -> int:
        """Pictures that a lagging viewer did not get."""
        return self._queue.dropped_count

    def replay(self, group: Sequence[RtpUnit]) -> None:
        """Begins with the cached group of pictures."""
        self._refreshed_s = time.perf_counter()
        self._queue.replay(group)
        self._pump.ready(self)

    def push(self, unit: RtpUnit) -> None:
        """The stream's next picture."""
        self._queue.push(unit)
        self._pump.ready(self)

    def advance(self, now_s: float) -> float | None:
        """Sends as much as the pace allows."""
        self._refill(now_s)
        self._line = line = self._internals.line(self._line)
        if line is None:
            self._queue.clear()
            self._abandon()
            return None
        while (unit := self._sending or self._begin()) is not None:
            if self._credit <= 0:
                return max(_SHORTEST_WAIT_S, (BURST_BYTES / 4 - self._credit) / self._rate)
            run = unit.runs[self._run]
            payload_type = self._internals.payload_type
            packets = self._protector.protect(self._index, payload_type, self._ticks, run, self._extension)
            try:
                line.send(packets)
            except LineBusy:
                return _BUSY_S
            self._account(unit, len(run), sum(map(len, packets)))
        return None

    def ticks_at(self, ntp: int) -> int | None:
        """The timestamp of the picture of a moment (2**-32 s since 1900) for this viewer, if it was sent lately."""
        return self._history.ticks_at(ntp)

    def close(self) -> None:
        """Sends nothing more."""
        self._pump.forget(self)
        self._queue.clear()
        self._sending = None
        if self._line is not None:
            self._line.close()
            self._line = None

    def _begin(self) -> RtpUnit | None:
        if not self._queue:
            return None
        is_replayed = self._queue.is_replaying
        unit = self._queue.pop()
        self._extension = self._stamp(unit, is_replayed=is_replayed)
        self._sending, self._run, self._last_ticks = unit, 0, unit.ticks
        self._ticks = unit.ticks + self._base_ticks & _TICKS
        self._history.add(self._index, self._ticks, unit, self._extension)
        return unit

    def _stamp(self, unit: RtpUnit, *, is_replayed: bool) -> bytes:
        """When the picture came, of one picture a second and of all that may be shown faster than they came."""
        if unit.ticks < self._stamp_ticks and not is_replayed:
            return b""
        self._stamp_ticks = unit.ticks + STAMP_TICKS
        return self._internals.extension_ids.stamp(unit.ntp)

    def _abandon(self) -> None:
        """Drops the picture in hand. Its indices are spent, sent or not: no nonce may come with other contents."""
        if self._sending is not None:
            self._index += sum(map(len, self._sending.runs[self._run :]))
            self._sending = None

    def _account(self, unit: RtpUnit, count: int, size: int) -> None:
        self._credit -= size
        self._index += count
        self._run += 1
        self.packet_count += count
        if self._run == len(unit.runs):
            self._sending = None
            self.octet_count += unit.byte_count
            if unit.ticks >= self._report_ticks:
                self._report_ticks = unit.ticks + REPORT_TICKS
                self._internals.report(unit.ntp, self._ticks, self.packet_count, self.octet_count)

    def _refill(self, now_s: float) -> None:
        self._credit = min(BURST_BYTES, self._credit + (now_s - self._credited_s) * self._rate)
        self._credited_s = now_s

    def _on_nack(self, sequence_number: int) -> None:
        """Sends a packet again: as its own format where agreed on (RFC 4588), else as it was, to the last byte."""
        self._refill(time.perf_counter())
        sent = self._history.find(self._index - (self._index - sequence_number & 0xFFFF))
        if sent is None or self._line is None or self._credit < -REPAIR_DEBT_BYTES:
            return
        again, ticks, extension = sent.payload, sent.ticks, sent.extension
        rtx_type = self._internals.rtx_payload_type
        if rtx_type is None:
            index = self._index - (self._index - sequence_number & 0xFFFF)
            packets = self._protector.protect(index, self._internals.payload_type, ticks, [again], extension)
        else:
            wrapped = RtpPayload(sequence_number.to_bytes(2, "big") + again.data, again.marker)
            packets = self._rtx_protector.protect(self._rtx_index, rtx_type, ticks, [wrapped], extension)
            self._rtx_index += 1
        self._credit -= len(packets[0])
        self.repaired_count += 1
        try:
            self._line.send(packets)
        except LineBusy:
            return  # the browser asks again

    def _on_keyframe_wanted(self) -> None:
        """Shows the running group once more, faster than the eye, so that the viewer goes on at the newest picture."""
        now_s = time.perf_counter()
        if now_s - self._refreshed_s < REFRESH_S or self._queue.is_replaying:
            return
        self._refreshed_s = now_s
        group = self._stream.group()
        if not group or sum(unit.byte_count for unit in group) > MAX_REFRESH_BYTES:
            self._stream.want_key_frame()
            return
        self._queue.clear()
        self._queue.replay(squeezed(group, self._last_ticks))
        self._pump.ready(self)
