"""One stream of a virtual camera: a single timeline that all viewers share, as on a real camera.

A viewer gets the stream from now on, in the middle of a group of pictures if need be: cameras do not wait for a key
frame, and waiting would leave a client of a camera with a long GOP without a packet for as long. A client must skip to
the next key frame by itself; the parameter sets are in the SDP and in front of every key frame.

Nothing is sent, and no time is spent, while nobody looks; the timeline goes on by the clock.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from typing import Protocol

import structlog

from ingest.audio import AudioDescription
from ingest.clock import Clock
from ingest.packet import Codec
from ingest.virtual_camera.clip import CLOCK_RATE, AccessUnit, Clip
from ingest.virtual_camera.faults import WELL, Condition, FaultScript, Reach
from ingest.virtual_camera.nal import is_parameter_set
from ingest.virtual_camera.rtp import Burst, RtpStream
from ingest.virtual_camera.sound import Sound
from ingest.virtual_camera.timeline import LoopTimeline

REPORT_INTERVAL_S = 5.0
"""Between sender reports (RFC 3550 clause 6.2: the recommended least interval)."""

MAX_LATENESS_S = 2.0
"""A stream that fell further behind (a suspended machine) goes on from now, as a camera would."""

WRAP_LEAD_S = 2.0
"""How long before the wrap of its numbers a `wrap` fault lets a stream begin."""

_log = structlog.get_logger()


class Viewer(Protocol):
    """Where packets go."""

    def send(self, burst: Burst) -> bool:
        """Sends without waiting. False: the viewer is too slow and gets nothing of this burst."""
        ...

    def report(self, packet: bytes) -> None:
        """Sends an RTCP packet."""
        ...

    def cut(self) -> None:
        """Ends the viewer's connection without a word."""
        ...

    def reset(self) -> None:
        """Ends the viewer's connection with a TCP reset."""
        ...


@dataclass(frozen=True, slots=True)
class JoinPoint:
    """The first packet that a new viewer will get (RFC 2326 clause 12.33)."""

    sequence: int
    timestamp: int


@dataclass(frozen=True, slots=True)
class Script:
    """When the server started (`started_s`, monotonic), where the clip stood then, and what goes wrong later.

    `stand_ins` are the clips that a fault may put in the place of the stream's own.
    """

    faults: FaultScript
    started_s: float
    offset_s: float = 0.0
    stand_ins: Mapping[str, Clip] = field(default_factory=dict)


class LiveStream:
    """Sends a looped clip, or sound, to its viewers in real time. Belongs to the event loop that it is used in."""

    def __init__(self, own: Clip | Sound, script: Script, clock: Clock, rng: Random) -> None:
        self._own = self._playing = own
        self._script = script
        self._clock = clock
        self._rng = rng
        self._timeline = LoopTimeline(own)
        self._rtp = RtpStream(_form(own), rng.getrandbits(32), rng.getrandbits(16), rng.getrandbits(32))
        self._condition = WELL
        self._keyframe = own.units[0]
        self._viewers: set[Viewer] = set()
        self._pump: asyncio.Task[None] | None = None
        self._next = 0
        self._report_due_s = 0.0
        self.dropped_viewers = 0
        self.skipped_units = 0

    @property
    def ssrc(self) -> int:
        """The stream's synchronisation source."""
        return self._rtp.ssrc

    @property
    def viewer_count(self) -> int:
        """Those who look now."""
        return len(self._viewers)

    def join(self, viewer: Viewer) -> JoinPoint:
        """Lets a viewer look, from the next access unit on."""
        if not self._viewers:
            self._adapt(self._script.faults.condition(self._elapsed_s()))
            self._next = self._timeline.number_at(self._position_s())
            if self._condition.is_near_wrap:
                self._rtp.number_before_wrap(self._timeline.unit(self._next).pts, WRAP_LEAD_S)
        self._viewers.add(viewer)
        self._report_due_s = 0.0  # a newcomer learns the wall time with its first picture
        if self._pump is None or self._pump.done():
            self._pump = asyncio.get_running_loop().create_task(self._run())
        return JoinPoint(self._rtp.next_sequence, self._rtp.timestamp(self._timeline.unit(self._next).pts))

    def leave(self, viewer: Viewer) -> None:
        """The viewer gets nothing more. Harmless when it left before."""
        self._viewers.discard(viewer)
        if not self._viewers and self._pump is not None:
            self._pump.cancel()
            self._pump = None

    def _elapsed_s(self) -> float:
        return self._clock.monotonic_s() - self._script.started_s

    def _position_s(self) -> float:
        return self._elapsed_s() + self._script.offset_s

    async def _run(self) -> None:
        try:
            await self._send_for_ever()
        except Exception:  # noqa: BLE001 - a script is others' code; its failure is one camera's, not the server's
            _log.exception("virtual stream failed")
            self._cut_all()

    async def _send_for_ever(self) -> None:
        while True:
            wait_s = self._timeline.due_s(self._next) - self._position_s()
            if wait_s > 0:
                await asyncio.sleep(wait_s)
            elif wait_s < -MAX_LATENESS_S:
                self._catch_up()
            self._step(self._script.faults.condition(self._elapsed_s()))
            await asyncio.sleep(0)  # late or not, others get their turn between two pictures

    def _catch_up(self) -> None:
        now = self._timeline.number_at(self._position_s())
        self.skipped_units += now - self._next
        self._next = now

    def _step(self, condition: Condition) -> None:
        before = self._playing
        self._adapt(condition)
        if self._playing is not before:
            return  # the other clip's first picture has a time of its own
        match condition.reach:
            case Reach.OPEN:
                self._send_next()
            case Reach.DEAF:
                self._next += 1
            case Reach.CUT | Reach.RESET:
                self._cut_all()

    def _adapt(self, condition: Condition) -> None:
        """Becomes another source, or plays another clip from this moment on, where the condition says so."""
        before, self._condition = self._condition, condition
        if condition.source != before.source:
            self._rtp.renumber(self._rng)
        if condition.clock_error_s != before.clock_error_s:
            self._report_due_s = 0.0
        if condition.stand_in != before.stand_in:
            self._play(self._script.stand_ins.get(condition.stand_in or "", self._own))

    def _play(self, clip: Clip | Sound) -> None:
        """The clip begins with its latest key frame, as an encoder does that was set up anew."""
        self._playing = clip
        self._timeline = LoopTimeline(clip)
        self._rtp.become(_form(clip))
        self._next = self._timeline.number_at(self._position_s())
        while not self._timeline.unit(self._next).is_keyframe:
            self._next += 1

    def _send_next(self) -> None:
        unit = self._timeline.unit(self._next)
        self._next += 1
        at_s = self._elapsed_s()
        for sent in self._script.faults.on_access_unit(self._shown(unit), at_s):
            burst = self._script.faults.on_burst(self._rtp.burst(sent), at_s)
            for viewer in tuple(self._viewers):
                if not viewer.send(burst):
                    self._drop(viewer)
            self._report_when_due()

    def _shown(self, unit: AccessUnit) -> AccessUnit:
        """The unit as the camera's condition has it."""
        if isinstance(self._playing, Clip):
            if unit.is_keyframe and not self._condition.is_frozen:
                self._keyframe = unit
            if self._condition.is_frozen:
                unit = replace(self._keyframe, pts=unit.pts, due=unit.due)
            if self._condition.is_bare:
                codec = self._playing.codec
                unit = replace(unit, nal_units=tuple(nal for nal in unit.nal_units if not is_parameter_set(codec, nal)))
        return replace(unit, pts=unit.pts + self._shift) if self._shift else unit

    @property
    def _shift(self) -> int:
        return round(self._condition.shift_s * CLOCK_RATE)

    def _report_when_due(self) -> None:
        now_s = self._clock.monotonic_s()
        if now_s < self._report_due_s:
            return
        self._report_due_s = now_s + REPORT_INTERVAL_S
        camera_time = self._clock.now() + timedelta(seconds=self._condition.clock_error_s)
        report = self._rtp.sender_report(camera_time, round(self._position_s() * CLOCK_RATE) + self._shift)
        for viewer in self._viewers:
            viewer.report(report)

    def _drop(self, viewer: Viewer) -> None:
        self.dropped_viewers += 1
        self._viewers.discard(viewer)
        viewer.cut()

    def _cut_all(self) -> None:
        for viewer in tuple(self._viewers):
            if self._condition.reach is Reach.RESET:
                viewer.reset()
            else:
                viewer.cut()


def _form(own: Clip | Sound) -> Codec | AudioDescription:
    return own.codec if isinstance(own, Clip) else own.description
