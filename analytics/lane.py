"""One camera's way from frames to alerts: the single owner of its gate, tracker, rules and quiet times."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from analytics.alert import Alert, BetterView, Evidence
from analytics.attention import Attention
from analytics.best_views import BestViews
from analytics.clutter import Clutter
from analytics.cooldown import Cooldown
from analytics.detection import MOTION, Detections, Outcome
from analytics.evidence import EvidenceFailed, draw_evidence
from analytics.geometry import Box
from analytics.lane_stats import LaneMeter
from analytics.motion import MotionGate
from analytics.rule import AnyRule, CameraPlan, RuleEvaluator, Violation
from analytics.rules.registry import STILL_RULES, evaluator_for
from analytics.settings import AnalyticsSettings
from analytics.sort_tracker import SortTracker
from analytics.still_change import StillChange
from analytics.substance import Substance
from analytics.timeline import Timeline
from analytics.torch_picture import gate_luma
from analytics.track import Track, TrackState, TrackUpdate
from analytics.unnamed_motion import MOST_PATCHES, add_unnamed_motion, is_explained
from ingest.clock import Clock
from ingest.frame import Frame
from ingest.identifier import new_identifier
from ingest.interest import Interest

_UNSETTLED = frozenset({TrackState.TENTATIVE, TrackState.LOST})
_FOLLOWED = _UNSETTLED | {TrackState.CONFIRMED}

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class LaneResult:
    """What one frame led to."""

    update: TrackUpdate
    alerts: tuple[Alert, ...] = ()
    views: tuple[BetterView, ...] = ()


@dataclass(slots=True)
class _Watch:
    """A rule with what it remembers."""

    rule: AnyRule
    evaluator: RuleEvaluator
    cooldown: Cooldown


def _watch(rule: AnyRule) -> _Watch:
    return _Watch(rule, evaluator_for(rule), Cooldown(rule.cooldown_s))


class CameraLane:
    """Not thread-safe: only the inference thread calls it. Frames come in the order of their media time."""

    def __init__(self, plan: CameraPlan, settings: AnalyticsSettings, clock: Clock) -> None:
        self.meter = LaneMeter()
        self.is_lively = True  # something goes on or did a moment ago; read from any thread
        self._clock = clock
        self._heartbeat_s = settings.heartbeat_s
        self._settings = settings
        self._gate = MotionGate(settings.gate)
        self._tracker = SortTracker(min_score=settings.min_score)
        self._watches = [_watch(rule) for rule in plan.rules]
        self._attention = self._attend(plan)
        self._still = StillChange()
        self._views = BestViews()
        self._substance = Substance(settings.gate.min_threshold)
        self._clutter = Clutter()
        self._nameless: tuple[Box, ...] = ()  # patches of the last picture that may be told without a name
        self._tracks: Sequence[Track] = ()
        self._seen: Sequence[Track] = ()  # as the latest look of the detector left them
        self._epoch: int | None = None
        self._timeline = Timeline()
        self._analysed_s: float | None = None
        self._moving = False  # what the gate said last
        self._looked_at: tuple[Box, ...] = ()  # what moved in the picture that the detector saw last

    @property
    def close_places(self) -> tuple[Box, ...]:
        """Where a closer look may find something small, if a rule asks for it: what moves, and what is followed."""
        if not any(watch.rule.size.closely for watch in self._watches):
            return ()
        return (*(track.box for track in self._tracks if track.state in _FOLLOWED), *self._gate.moving)

    @property
    def tracks(self) -> Sequence[Track]:
        """As of the latest frame."""
        return self._tracks

    @property
    def gate(self) -> MotionGate:
        """What the motion gate made of the latest frame, for those who look into it."""
        return self._gate

    def follow(self, plan: CameraPlan) -> None:
        """Takes a changed plan. Tracks and the rules that did not change keep what they remember."""
        known = {watch.rule.id: watch for watch in self._watches}
        self._watches = [
            known[rule.id] if rule.id in known and known[rule.id].rule == rule else _watch(rule) for rule in plan.rules
        ]
        self._attention = self._attend(plan)

    def wants_inference(self, frame: Frame) -> bool:
        """Whether the detector should look.

        Always for what is new: a tentative track, or motion where none was when the detector looked last. Now and then
        for what is known: tracked objects that move, lost ones that may be gone, motion it has no name for. And at the
        heartbeat, whatever the gate says.
        """
        now_s = self._follow_time(frame)
        self._moving = self._gate.is_open(gate_luma(frame.picture), now_s)
        self._nameless = self._substantial(now_s)
        return self._is_overdue(now_s, min(self._patience(now_s), default=self._heartbeat_s))

    def conclude(self, frame: Frame, outcome: Outcome, detections: Detections | None = None) -> LaneResult:
        """The tracks after the frame, and the alerts. `detections` belong to ANALYSED and to nothing else."""
        now_s = self._follow_time(frame)
        self._tracks = self._follow_tracks(detections, now_s)
        self.meter.count(outcome, frame.received_monotonic_s)
        if outcome is Outcome.FAILED:
            self._analysed_s = None  # the detector was wanted and did not answer: ask again, moving or not
        is_unsettled = any(track.state in _UNSETTLED for track in self._tracks)
        self.is_lively = self._moving or is_unsettled
        interest = Interest.MOTION if self._gate.is_stirred else Interest(is_unsettled)
        tracks = tuple(self._tracks)
        update = TrackUpdate(
            frame.camera_id, frame.epoch, frame.media_time_s, outcome, tracks, interest, frame.received_at
        )
        is_judged = outcome not in (Outcome.SKIPPED, Outcome.FAILED)
        alerts = tuple(self._raise_alerts(frame, now_s)) if is_judged else ()
        return LaneResult(update, alerts, self._views.follow(frame, tracks, detections, alerts, now_s))

    def _follow_time(self, frame: Frame) -> float:
        """The frame's moment. After a long silence nothing is known; after a short one all but the background."""
        seamless = self._timeline.is_seamless(frame)
        if frame.epoch != self._epoch:
            self._epoch, self._analysed_s, self._looked_at, self._moving = frame.epoch, None, (), False
            self._gate.reset()
            self._nameless = ()
        if not seamless:
            self._tracks = self._seen = ()
            self._tracker.reset()
            self._still.reset()
            self._substance.reset()
            self._clutter.reset()
            for watch in self._watches:
                watch.evaluator.reset()
        return self._timeline.now_s(frame)

    def _is_overdue(self, now_s: float, interval_s: float) -> bool:
        return self._analysed_s is None or now_s - self._analysed_s >= interval_s

    def _attend(self, plan: CameraPlan) -> Attention:
        return Attention(plan.rules, self._settings)

    def _patience(self, now_s: float) -> Iterator[float]:
        """For each thing that goes on, how many seconds may pass between two looks of the detector."""
        yield self._heartbeat_s
        tracks = [track for track in self._tracker.predict(now_s) if track.state is not TrackState.HIDDEN]
        for track in tracks:
            if track.state is TrackState.TENTATIVE:
                yield self._attention.patience_with(track.box)
            elif track.state is TrackState.LOST:
                yield self._attention.patience_s(track, tracks)
        if self._moving:
            yield self._settings.far_motion_s
            yield from self._patience_with_motion(tracks)

    def _patience_with_motion(self, tracks: Sequence[Track]) -> Iterator[float]:
        """A moving patch waits for as long as the track that it belongs to.

        One that moved already when the detector looked there, and was given no name, is known. One that is new waits
        where nothing is decided, and nowhere else.
        """
        fresh = []
        for patch in self._gate.moving:
            moving = [track for track in tracks if is_explained(patch, (track.box,))]
            if moving:
                yield min(self._attention.patience_s(track, tracks) for track in moving)
            elif is_explained(patch, self._looked_at):
                yield self._settings.known_motion_s
            else:
                fresh.append(patch)
        if fresh:
            yield (
                self._settings.known_motion_s
                if len(fresh) > MOST_PATCHES
                else min(map(self._attention.patience_with, fresh))
            )

    def _follow_tracks(self, detections: Detections | None, now_s: float) -> Sequence[Track]:
        if detections is None:
            return self._tracker.predict(now_s)
        self._analysed_s, self._looked_at = now_s, self._gate.moving
        if self._wants_nameless():
            detections = add_unnamed_motion(detections, self._nameless, self._tracks)
        tracks = self._tracker.update(detections, now_s)
        self._seen = self._clutter.hold_back(tracks, now_s, self._substance.begun_s)
        return tracks

    def _wants_nameless(self) -> bool:
        return any(MOTION in watch.rule.labels for watch in self._watches)

    def _substantial(self, now_s: float) -> tuple[Box, ...]:
        change = self._gate.change
        if change is None or not self._wants_nameless():
            return ()
        known = [track.box for track in self._tracks if track.state is TrackState.CONFIRMED]
        return self._substance.observe(change, now_s, known)

    def _raise_alerts(self, frame: Frame, now_s: float) -> Sequence[Alert]:
        # Where a track should be by now is good enough to look at and to draw, but no ground to tell anything.
        at, seen = self._clock.now(), [*self._seen, *self._still_changes(frame, now_s)]
        return [
            self._alert(frame, violation, at)
            for watch in self._watches
            for violation in watch.evaluator.evaluate(seen, now_s, frame.received_at)
            if self._is_loud(watch, frame)
        ]

    def _still_changes(self, frame: Frame, now_s: float) -> Sequence[Track]:
        if not any(isinstance(watch.rule, STILL_RULES) for watch in self._watches):
            return ()
        return self._still.observe(frame.picture.luma(), now_s)

    def _is_loud(self, watch: _Watch, frame: Frame) -> bool:
        admitted = watch.cooldown.admit(frame.received_monotonic_s)
        self.meter.alert_count += admitted
        self.meter.suppressed_count += not admitted
        return admitted

    @staticmethod
    def _alert(frame: Frame, violation: Violation, at: datetime) -> Alert:
        rule, track = violation.rule, violation.track
        return Alert(
            id=new_identifier(),
            camera_id=frame.camera_id,
            rule_id=rule.id,
            rule_name=rule.name,
            kind=violation.kind,
            severity=rule.severity,
            label=track.label,
            score=track.score,
            box=track.box,
            frame_received_at=frame.received_at,
            raised_at=at,
            evidence=_evidence(frame, track),
            track_id=track.id,
        )


def _evidence(frame: Frame, track: Track) -> Evidence | None:
    try:
        return draw_evidence(frame.picture, track.box, track.label, track.score)
    except EvidenceFailed as failure:  # an alert without a picture is still an alert
        _log.warning("no evidence picture", camera_id=frame.camera_id, reason=str(failure))
        return None
