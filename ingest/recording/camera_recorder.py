"""One camera's recording: what its plan asks for, from packets to files, with an account of what is missing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.audio import AudioCodec, AudioDescription, AudioPacket
from ingest.camera import CameraId, StreamRole
from ingest.clock import Clock
from ingest.fleet import CameraFleet
from ingest.identifier import new_identifier
from ingest.lifecycle import StreamState
from ingest.packet import Codec, Packet
from ingest.recording.access_unit import TrackSample, video_layout
from ingest.recording.camera_intake import Arrival, CameraIntake
from ingest.recording.epoch_timeline import EpochTimeline
from ingest.recording.errors import NotRecordable
from ingest.recording.gap import Gap, GapReason
from ingest.recording.gap_ledger import TOLERATED_S, GapLedger, Moment
from ingest.recording.open_segment import OpenSegment
from ingest.recording.plan import Demand, RecordingPlan, demand, reason_of
from ingest.recording.pre_roll import PreRoll
from ingest.recording.segment import SegmentHeader
from ingest.recording.segment_run import Likeness, SegmentRun
from ingest.recording.settings import RecorderSettings
from ingest.recording.state import RecordingPhase, RecordingState
from ingest.recording.volume_shelf import VolumeShelf
from ingest.recording.volume_writer import VolumeWriter, WriteTicket

_FLUSH_S = 1.5
"""A camera that sent nothing for this long has what waits for its next picture written."""
_JOIN_S = 1.0
"""Files of one epoch join exactly unless pictures arrive this much later than their stamps say."""
_LEAD_S = 5.0
"""Or this much earlier: an epoch often begins with pictures that had waited, in the camera or in a socket of ours while
the node started, and so arrived too late. A file that began where they end would overlap the one before."""
_NEWS_S = 60.0
"""A file that is whole is told of beside the open ones until everybody has heard of it in the ordinary way."""
_RECORDED_SOUND = frozenset({AudioCodec.AAC, AudioCodec.PCMA, AudioCodec.PCMU})
_STATE_REASONS = {
    StreamState.LIVE: GapReason.NO_KEYFRAME,
    StreamState.SILENT: GapReason.CAMERA_SILENT,
    StreamState.REFUSED: GapReason.REFUSED,
}


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """What the recorder needs to know of a stream beside its packets."""

    state: StreamState
    clock_offset_s: float | None
    audio: AudioDescription | None


@dataclass(frozen=True, slots=True)
class RecorderTools:
    """What all recorders of a node share. `facts` tells of a camera's stream, None if there is none."""

    fleet: CameraFleet
    shelf: VolumeShelf
    settings: RecorderSettings
    clock: Clock
    epochs: Iterator[int]
    tell: Callable[[Gap], None]
    facts: Callable[[CameraId, StreamRole], StreamFacts | None]


class CameraRecorder:
    """`follow`, `trigger`, `state` and `open_segments` are for any thread, all else for the recording thread."""

    def __init__(self, camera_id: CameraId, tools: RecorderTools, open_gap: Gap | None = None) -> None:
        self._camera_id = camera_id
        self._tools = tools
        self._clock = tools.clock
        self._plan: RecordingPlan | None = None
        self._followed: RecordingPlan | None = None
        self._event_until_s = float("-inf")
        self._intake = CameraIntake(tools.fleet, camera_id, tools.settings.inbox_bytes)
        self._pre_roll = PreRoll(tools.settings.pre_roll_bytes)
        self._ledger = GapLedger(camera_id, new_identifier, tools.tell, open_gap)
        self._run: SegmentRun | None = None
        self._ended: list[SegmentRun] = []
        self._latest: tuple[WriteTicket, ...] = ()
        self._timeline: EpochTimeline | None = None
        self._source: tuple[int, int] | None = None  # subscription and epoch of the timeline
        self._joint: Moment | None = None  # where the next file of the timeline begins
        self._newest: tuple[int, float] = (0, float("-inf"))  # subscription and arrival of the latest picture
        self._problem: GapReason | None = None
        self._state = RecordingState(RecordingPhase.OFF, self._clock.now())

    def follow(self, plan: RecordingPlan | None) -> None:
        """Makes this the plan; None: nothing is recorded."""
        self._plan = plan

    def trigger(self) -> None:
        """Something happened that is recorded under the mode EVENT."""
        plan = self._plan
        if plan is not None:
            self._event_until_s = self._clock.monotonic_s() + plan.post_roll_s

    def state(self) -> RecordingState:
        """How recording is at this moment."""
        return self._state

    def open_segments(self) -> Sequence[OpenSegment]:
        """The file that is being written, and those that were until a moment ago; oldest first."""
        return [OpenSegment(one.header, one.written_s) for one in self._latest if self._is_latest(one)]

    def step(self) -> None:
        """Everything that has become due since the last time."""
        now = Moment(self._clock.now(), self._clock.monotonic_s())
        self._settle_ended()
        plan = self._plan
        if plan != self._followed:
            self._end()
            self._followed = plan
        asked = demand(plan, now.at, is_event=now.s < self._event_until_s)
        if plan is None or asked is Demand.NOTHING:
            self._rest(now)
            return
        if asked is Demand.RECORD and self._run is None and self._volume(plan) is None:
            self._intake.close()  # a later subscription begins with the group of pictures that runs then
            blocked = None
        else:
            blocked = self._intake.follow(plan.role, sound=plan.audio)
        arrivals, has_lost = self._intake.take()
        if has_lost:
            self._end()
        if asked is Demand.STANDBY:
            self._stand_by(arrivals, plan, now)
        else:
            self._record([*self._pre_roll.drain(), *arrivals], plan, now, blocked)

    def fail(self) -> None:
        """Something of ours broke: the file ends, and the next picture that can begins a new one."""
        now = Moment(self._clock.now(), self._clock.monotonic_s())
        self._pre_roll.clear()
        self._timeline = None
        if self._run is not None:
            self._run.cut()
            self._put_away(self._run, GapReason.RECORDER_FAILED)
        self._ledger.check(now, GapReason.RECORDER_FAILED)
        self._show(RecordingPhase.WAITING, now, GapReason.RECORDER_FAILED)

    def close(self) -> None:
        """The node ends: no more packets, and the file is finished. What is missing from here on, others tell."""
        self._intake.close()
        self._end()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is left to do without a plan."""
        is_over = self._plan is None and self._followed is None and self._run is None and not self._ended
        return is_over and not self.open_segments()

    def _rest(self, now: Moment) -> None:
        self._intake.close()
        self._intake.take()
        self._pre_roll.clear()
        self._end()
        self._ledger.unplan(now)
        self._show(RecordingPhase.OFF, now)

    def _stand_by(self, arrivals: Sequence[Arrival], plan: RecordingPlan, now: Moment) -> None:
        self._end()
        self._ledger.unplan(now)
        self._pre_roll.add(arrivals, plan.pre_roll_s, now.s)
        self._show(RecordingPhase.STANDBY, now)

    def _record(self, arrivals: Sequence[Arrival], plan: RecordingPlan, now: Moment, blocked: GapReason | None) -> None:
        self._ledger.plan(now)
        for arrival in arrivals:
            if isinstance(arrival.packet, AudioPacket):
                self._take_sound(arrival.packet)
            else:
                self._take_picture(arrival, arrival.packet, plan)
        self._look_at_run(now)
        if self._run is not None:
            self._cover(self._run)
            self._show(RecordingPhase.RECORDING, now)
            return
        reason = blocked or self._why_nothing(plan)
        self._ledger.check(now, reason)
        self._show(RecordingPhase.WAITING, now, reason)

    def _take_sound(self, packet: AudioPacket) -> None:
        if self._run is not None and not self._run.add_sound(packet):
            self._overload(self._run)

    def _take_picture(self, arrival: Arrival, packet: Packet, plan: RecordingPlan) -> None:
        subscription, newest_s = self._newest
        if arrival.subscription != subscription and packet.received_monotonic_s <= newest_s:
            return  # the group of pictures that a new subscription begins with was partly recorded by the old one
        self._newest = arrival.subscription, packet.received_monotonic_s
        if packet.codec is Codec.MJPEG:
            self._end()
            self._problem = GapReason.CODEC_NOT_RECORDABLE
            return
        source = arrival.subscription, packet.epoch
        if source != self._source:
            self._end()
        if self._timeline is None:
            if not packet.is_keyframe:
                return
            self._timeline, self._source = EpochTimeline(packet, next(self._tools.epochs)), source
        try:
            self._take_sample(self._timeline.picture(packet), arrival, packet, plan)
        except NotRecordable:
            self._end()
            self._problem = GapReason.CODEC_NOT_RECORDABLE

    def _take_sample(self, sample: TrackSample, arrival: Arrival, packet: Packet, plan: RecordingPlan) -> None:
        if packet.is_keyframe:
            likeness = Likeness(video_layout(packet.codec, packet.data), self._audio(plan), arrival.mask_version)
            if self._run is not None and self._is_to_renew(self._run, likeness, sample, packet):
                self._renew(self._run, sample, packet)
            if self._run is None:
                self._run = self._begun(likeness, packet, plan)
        elif self._run is not None and self._run.is_overdue(sample):
            self._end()
        if self._run is not None and not self._run.add_picture(sample, packet):
            self._overload(self._run)

    def _is_to_renew(self, run: SegmentRun, likeness: Likeness, sample: TrackSample, packet: Packet) -> bool:
        is_long_enough = run.is_due(sample) or run.is_overdue(sample)
        return is_long_enough or run.likeness != likeness or run.has_clock_stepped(packet)

    def _renew(self, run: SegmentRun, sample: TrackSample, packet: Packet) -> None:
        """Ends the file right before the picture that begins the next."""
        run.finish(sample)
        self._put_away(run)
        self._joint = None if run.is_cut or run.has_clock_stepped(packet) else run.end

    def _begun(self, likeness: Likeness, packet: Packet, plan: RecordingPlan) -> SegmentRun | None:
        """A new file with this key frame as its first picture; None when no volume takes it."""
        writer, timeline = self._volume(plan), self._timeline
        if writer is None or writer.volume_id is None or timeline is None:
            self._timeline = None
            return None
        start = Moment(packet.received_at, packet.received_monotonic_s)
        if self._joint is not None and -_JOIN_S <= (self._joint.at - start.at).total_seconds() <= _LEAD_S:
            start = self._joint
        self._problem = self._joint = None
        header = self._header(_Placing(writer.volume_id, timeline.number, start.at), likeness, packet, plan)
        run = SegmentRun(writer, header, likeness, timeline, self._tools.settings, start)
        self._latest = (*filter(self._is_latest, self._latest), run.ticket)
        return run

    def _is_latest(self, ticket: WriteTicket) -> bool:
        """Whether the file can be read, and the index need not have it. What is left of a lost one is told apart."""
        news = timedelta(seconds=self._tools.settings.longest_segment_s + _NEWS_S)
        is_news = not ticket.is_whole or self._clock.now() - ticket.header.started_at < news
        return ticket.failure is None and is_news

    def _volume(self, plan: RecordingPlan) -> VolumeWriter | None:
        return self._tools.shelf.choose(plan.volumes)

    def _header(self, placing: "_Placing", likeness: Likeness, packet: Packet, plan: RecordingPlan) -> SegmentHeader:
        facts, video, audio = self._facts(plan), likeness.video, likeness.audio
        return SegmentHeader(
            recording_id=new_identifier(),
            camera_id=self._camera_id,
            role=packet.role,
            epoch=placing.epoch,
            node_epoch=self._tools.settings.node_epoch,
            started_at=placing.started_at,
            clock_offset_s=facts.clock_offset_s if facts is not None else None,
            mask_version=likeness.mask_version,
            codec=video.codec,
            width=video.width,
            height=video.height,
            profile=video.profile,
            audio_codec=audio.codec if audio is not None else None,
            volume_id=placing.volume_id,
            reason=reason_of(plan),
        )

    def _facts(self, plan: RecordingPlan) -> StreamFacts | None:
        return self._tools.facts(self._camera_id, plan.role)

    def _audio(self, plan: RecordingPlan) -> AudioDescription | None:
        facts = self._facts(plan) if plan.audio else None
        audio = facts.audio if facts is not None else None
        return audio if audio is not None and audio.codec in _RECORDED_SOUND else None

    def _why_nothing(self, plan: RecordingPlan) -> GapReason:
        """Why nothing is recorded although nothing forbids it."""
        facts = self._facts(plan)
        if facts is None or facts.state is not StreamState.LIVE:
            return _STATE_REASONS.get(facts.state, GapReason.CAMERA_OFFLINE) if facts else GapReason.CAMERA_OFFLINE
        if self._volume(plan) is None:
            return self._tools.shelf.why_none(plan.volumes)
        is_silent = self._clock.monotonic_s() - self._newest[1] > _FLUSH_S
        return self._problem or (GapReason.CAMERA_SILENT if is_silent else GapReason.NO_KEYFRAME)

    def _look_at_run(self, now: Moment) -> None:
        """Ends the file when its volume has failed or its camera has fallen silent."""
        run = self._run
        if run is None:
            return
        if run.ticket.failure is not None:
            self._run = self._timeline = None
            self._cover(run)
            self._ledger.retract(run.moment(run.ticket.written_s), run.ticket.failure)
            self._problem = run.ticket.failure
        elif run.silent_s(now.s) > max(TOLERATED_S, run.longest_break_s):
            self._end()
        elif run.silent_s(now.s) > _FLUSH_S and not run.flush():
            self._overload(run)

    def _overload(self, run: SegmentRun) -> None:
        """The volume has given up the file for newer pictures: the next key frame begins another."""
        run.cut()
        self._put_away(run)
        self._timeline = None
        self._problem = GapReason.TOO_SLOW

    def _end(self) -> None:
        """Ends the file, if one is open, and lets the next key frame begin anew."""
        run = self._run
        if run is not None:
            run.finish()
            self._put_away(run)
        self._timeline = self._joint = None

    def _put_away(self, run: SegmentRun, reason_of_cut: GapReason = GapReason.TOO_SLOW) -> None:
        self._run = None
        self._cover(run)
        if run.is_cut:
            self._ledger.retract(run.end, reason_of_cut)
        self._ended.append(run)

    def _cover(self, run: SegmentRun) -> None:
        self._ledger.cover(run.start, run.end, run.longest_break_s)

    def _settle_ended(self) -> None:
        """Files that ended are on disk by now, or were lost."""
        waiting: list[SegmentRun] = []
        for run in self._ended:
            failure = run.ticket.failure
            if failure is not None:
                self._ledger.lose(run.moment(run.ticket.written_s), run.end, failure)
            elif not run.ticket.is_whole:
                waiting.append(run)
        self._ended = waiting

    def _show(self, phase: RecordingPhase, now: Moment, reason: GapReason | None = None) -> None:
        before, run = self._state, self._run
        is_same = (before.state, before.reason) == (phase, reason)
        self._state = RecordingState(
            state=phase,
            since=before.since if is_same else now.at,
            reason=reason,
            last_written_at=now.at if run is not None else before.last_written_at,
            volume_id=run.volume_id if run is not None else None,
        )


@dataclass(frozen=True, slots=True)
class _Placing:
    """Where a file goes."""

    volume_id: str
    epoch: int
    started_at: datetime
