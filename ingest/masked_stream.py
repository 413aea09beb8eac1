"""A masked stream: decoded, covered and encoded again, once for all who look, and only while somebody looks."""

from collections.abc import Callable, Iterator
from itertools import chain
from threading import Event, Lock, Thread

import structlog

from ingest.camera import StreamRole
from ingest.clock import Clock
from ingest.encoder import Codecs, EncodeFailed
from ingest.fanout import Deliver, PacketFanout, Subscription
from ingest.mailbox import Mailbox
from ingest.mask import CurrentMasks
from ingest.mask_transcoder import MaskTranscoder
from ingest.packet import Packet

log = structlog.get_logger()

LINGER_S = 10.0
"""How long the encode goes on without viewers: a page that reconnects, or a wall that changes its layout."""
# Packets that may wait while the first group of pictures is decoded; a processor this far behind skips ahead.
_INBOX_PACKETS = 300
_LOOK_UP_S = 0.25
_STOP_S = 1.0


class MaskedStream:
    """Starts the encode with its first viewer and ends it when the last one is gone. From any thread."""

    def __init__(
        self, source: PacketFanout, role: StreamRole, masks: CurrentMasks, codecs: Codecs, clock: Clock
    ) -> None:
        self._lock = Lock()
        self._encode: _Encode | None = None
        self._is_closed = False
        self._start: Callable[[], _Encode] = lambda: _Encode(source, MaskTranscoder(role, masks, codecs), clock)

    def subscribe(self, deliver: Deliver) -> tuple[Subscription, tuple[Packet, ...]]:
        """The masked group of pictures (empty if the encode has just begun), and all later packets."""
        with self._lock:
            return self._running().fanout.subscribe(deliver)

    def warm_up(self) -> None:
        """Starts the encode; without a subscriber it ends after the usual while."""
        with self._lock:
            self._running()

    def close(self) -> None:
        """Ends the encode, whoever looks."""
        with self._lock:
            self._is_closed = True
            encode = self._encode
        if encode is not None:
            encode.stop()

    @property
    def is_encoding(self) -> bool:
        """Whether it costs processor time now."""
        encode = self._encode
        return encode is not None and not encode.is_over

    def _running(self) -> "_Encode":
        encode = self._encode
        if encode is None or (not self._is_closed and not encode.prolong()):
            self._encode = encode = self._start()
            if self._is_closed:
                encode.stop()
            else:
                encode.thread.start()
        return encode


class _Encode:
    """One run of the encode on its own thread, with the packets it gave and those who get them."""

    def __init__(self, source: PacketFanout, transcoder: MaskTranscoder, clock: Clock) -> None:
        self.fanout = PacketFanout()
        self._source = source
        self._transcoder = transcoder
        self._clock = clock
        self._lock = Lock()
        self._wanted_s = clock.monotonic_s()
        self._news = Event()
        self._inbox: Mailbox[Packet] = Mailbox(_INBOX_PACKETS, self._news.set)
        self._is_failing = False
        self.is_over = False
        self.thread = Thread(target=self._run, name="masked-stream", daemon=True)

    def prolong(self) -> bool:
        """Somebody wants it now. False when it has ended already."""
        with self._lock:
            self._wanted_s = self._clock.monotonic_s()
            return not self.is_over

    def stop(self) -> None:
        """Ends it; waits a moment for the thread."""
        with self._lock:
            self.is_over = True
        self._news.set()
        if self.thread.ident is not None:
            self.thread.join(_STOP_S)

    def _run(self) -> None:
        subscription, gop = self._source.subscribe(self._inbox.put)
        try:
            for packet in chain(gop, self._arrivals()):
                if self._is_unwanted():
                    return
                self._take(packet)
        finally:
            with self._lock:
                self.is_over = True
            subscription.close()
            self._transcoder.close()
            log.info(
                "masked encode ended", encoded=self._transcoder.encoded_count, skipped=self._transcoder.skipped_count
            )

    def _arrivals(self) -> Iterator[Packet]:
        while not self._is_unwanted():
            self._news.clear()
            packet = self._inbox.take()
            if packet is not None:
                yield packet
            else:
                self._news.wait(_LOOK_UP_S)

    def _is_unwanted(self) -> bool:
        with self._lock:
            now_s = self._clock.monotonic_s()
            if self.fanout.subscriber_count:
                self._wanted_s = now_s
            self.is_over = self.is_over or now_s - self._wanted_s > LINGER_S
            return self.is_over

    def _take(self, packet: Packet) -> None:
        try:
            for masked in self._transcoder.transcode(packet, self._clock.monotonic_s()):
                self.fanout.publish(masked)
            self._is_failing = False
        except EncodeFailed as failure:
            if not self._is_failing:
                log.warning("masked pictures cannot be encoded", camera=packet.camera_id, reason=str(failure))
            self._is_failing = True
            self._transcoder.begin_epoch()
        except Exception:
            # The thread's last boundary: a mistake of ours costs this picture, not the view.
            log.exception("masked stream failed unexpectedly", camera=packet.camera_id)
            self._transcoder.begin_epoch()
