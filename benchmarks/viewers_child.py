"""The sending process of `bench viewers`: one stream of 2 Mbit/s, as many viewers as ask, and what they cost.

Reads one JSON line for each request from standard input and answers with one: `{"offer": SDP}` opens a view,
`{"close": ID}` ends it, `{"measure": SECONDS}` tells what was spent meanwhile, `{"watch": SECONDS}` the longest stall
of the loop (its watch costs processor time of its own), `{"count": true}` what is open.
"""

import asyncio
import contextlib
import itertools
import json
import logging
import os
import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from threading import Event, Thread
from typing import Any

import structlog

from ingest.av_encoder import AV_CODECS
from ingest.camera import CameraId, StreamRole
from ingest.clock import SystemClock
from ingest.fanout import PacketFanout
from ingest.health import StreamHealth
from ingest.lifecycle import StreamState
from ingest.mask import NO_MASKS, CurrentMasks
from ingest.masked_stream import MaskedStream
from ingest.packet import Codec, Packet, StreamDescription
from ingest.picture_feed import PictureFeed
from vms_api.live.ice_sockets import settle
from vms_api.live.settings import LiveSettings
from vms_api.live.view_registry import UnknownView, ViewRegistry

FRAME_RATE = 25
GOP_FRAMES = 50
KEYFRAME_BYTES, FRAME_BYTES = 98_000, 8_200
BITRATE_BPS = 8 * FRAME_RATE * (KEYFRAME_BYTES + (GOP_FRAMES - 1) * FRAME_BYTES) // GOP_FRAMES
CAMERA = CameraId("camera")
_LAG_S = 0.002


def packets() -> Iterator[Packet]:
    """Access units of random bytes, of the sizes that a 720p camera sends at 2 Mbit/s, timed now."""
    source = random.Random(5)
    bodies = [bytes(source.choices(range(1, 256), k=KEYFRAME_BYTES))]
    bodies += [bytes(source.choices(range(1, 256), k=FRAME_BYTES)) for _ in range(GOP_FRAMES - 1)]
    sets = b"\0\0\0\1\x67" + bodies[1][:12] + b"\0\0\0\1\x68" + bodies[1][:4]
    for number in itertools.count():
        place = number % GOP_FRAMES
        head = sets + b"\0\0\0\1\x65" if place == 0 else b"\0\0\0\1\x41"
        pts = number * 90_000 // FRAME_RATE
        yield Packet(
            camera_id=CAMERA,
            role=StreamRole.MAIN,
            codec=Codec.H264,
            data=head + bodies[place],
            pts=pts,
            dts=pts,
            time_base=Fraction(1, 90_000),
            is_keyframe=place == 0,
            epoch=1,
            sequence=number,
            received_at=datetime.now(UTC),
            received_monotonic_s=time.monotonic(),
        )


class Camera:
    """Publishes the stream in real time on a thread of its own."""

    def __init__(self, fanout: PacketFanout) -> None:
        self.sent_count = 0
        self._fanout = fanout
        self._over = Event()
        self._thread = Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Ends it."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        began_s = time.monotonic()
        for packet in packets():
            if self._over.wait(max(0.0, began_s + packet.sequence / FRAME_RATE - time.monotonic())):
                return
            self._fanout.publish(packet)
            self.sent_count += 1


class LoopWatch:
    """The longest time that the loop's thread worked without looking up.

    Processor time, so that neighbours on the machine do not count.
    """

    def __init__(self) -> None:
        self.longest_s = 0.0
        self._last_s = time.thread_time()
        self._next = asyncio.get_running_loop().call_later(_LAG_S, self._look)

    def _look(self) -> None:
        now_s = time.thread_time()
        self.longest_s = max(self.longest_s, now_s - self._last_s)
        self._last_s = now_s
        self._next = asyncio.get_running_loop().call_later(_LAG_S, self._look)

    def stop(self) -> float:
        """Seconds."""
        self._next.cancel()
        return self.longest_s


class Stage:
    """The registry of a media node, and a feed for it."""

    def __init__(self, settings: LiveSettings) -> None:
        fanout, masks = PacketFanout(), CurrentMasks(NO_MASKS)
        masked = MaskedStream(fanout, StreamRole.MAIN, masks, AV_CODECS, SystemClock())
        self._feed = PictureFeed(fanout, masks, masked, AV_CODECS)
        self._registry = ViewRegistry(settings)
        self.camera = Camera(fanout)

    async def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """What a request is answered with."""
        if "offer" in request:
            view, sdp = await self._registry.open(CAMERA, self._feed, _health(), request["offer"])
            return {"view": view, "answer": sdp}
        if "close" in request:
            with contextlib.suppress(UnknownView):  # its peer was too busy to be there any more
                await self._registry.close(request["close"])
            return {}
        if "measure" in request:
            return await self._measured(request["measure"])
        if "watch" in request:
            watch = LoopWatch()
            await asyncio.sleep(request["watch"])
            return {"stall_ms": 1000 * watch.stop()}
        return {
            "views": len(self._registry),
            "descriptors": _descriptors(),
            "rss_kb": _rss_kb(),
        }

    async def close(self) -> None:
        """Ends everything."""
        self.camera.stop()
        await self._registry.close_all()

    async def _measured(self, seconds: float) -> dict[str, Any]:
        sent, spent_s, began_s = self.camera.sent_count, time.process_time(), time.monotonic()
        await asyncio.sleep(seconds)
        return {
            "cpu_s": time.process_time() - spent_s,
            "wall_s": time.monotonic() - began_s,
            "frames": self.camera.sent_count - sent,
        }


def _health() -> StreamHealth:
    described = StreamDescription(Codec.H264, 1280, 720, "Baseline", float(FRAME_RATE))
    return StreamHealth(role=StreamRole.MAIN, state=StreamState.LIVE, since=datetime.now(UTC), description=described)


def _descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def _rss_kb() -> int:
    fields = Path("/proc/self/statm").read_text(encoding="ascii").split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


async def serve(settings: LiveSettings) -> None:
    """Until standard input ends."""
    settle(settings)
    loop, reader = asyncio.get_running_loop(), asyncio.StreamReader(limit=1 << 20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    stage = Stage(settings)
    stage.camera.start()
    while line := await reader.readline():
        sys.stdout.write(json.dumps(await stage.answer(json.loads(line))) + "\n")
        sys.stdout.flush()
    await stage.close()


if __name__ == "__main__":
    warnings_only = structlog.make_filtering_bound_logger(logging.WARNING)
    structlog.configure(wrapper_class=warnings_only, logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(serve(LiveSettings(host_addresses=("127.0.0.1",), max_views=1024, own_sender=sys.argv[1] == "own")))
