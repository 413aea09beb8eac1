"""One camera's way from frames to alerts: the single owner of its gate, tracker, rules and quiet times."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from analytics.alert import Alert, BetterView, Evidence
from analytics.best_views import BestViews
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
from analytics.timeline import Timeline
from analytics.track import Track, TrackState, TrackUpdate
from analytics.unnamed_motion import add_unnamed_motion, is_explained
from ingest.clock import Clock
from ingest.frame import Frame
from ingest.identifier import new_identifier

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
        self.is_lively = True  # as of the latest frame; read from any thread
        self._clock = clock
        self._heartbeat_s = settings.heartbeat_s
        self._known_motion_s = settings.known_motion_s
        self._gate = MotionGate(settings.gate)
        self._tracker = SortTracker(min_score=settings.min_score)
        self._watches = [_watch(rule) for rule in plan.rules]
        self._still = StillChange()
        self._views = BestViews()
        self._tracks: Sequence[Track] = ()
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

    def follow(self, plan: CameraPlan) -> None:
        """Takes a changed plan. Tracks and the rules that did not change keep what they remember."""
        known = {watch.rule.id: watch for watch in self._watches}
        self._watches = [
            known[rule.id] if rule.id in known and known[rule.id].rule == rule else _watch(rule) for rule in plan.rules
        ]

    def wants_inference(self, frame: Frame) -> bool:
        """Whether the detector should look.

        Always for what is new: a tentative track, or motion where none was when the detector looked last. Now and then
        for what is known: tracked objects that move, lost ones that may be gone, motion it has no name for. And at the
        heartbeat, whatever the gate says.
        """
        now_s = self._follow_time(frame)
        self._moving = self._gate.is_open(frame.picture.luma(), now_s)
        states = {track.state for track in self._tracks}
        if self._is_overdue(now_s, self._heartbeat_s) or TrackState.TENTATIVE in states:
            return True
        if not self._moving and TrackState.LOST not in states:
            return False
        return self._is_overdue(now_s, self._known_motion_s) or not self._knows_what_moves(now_s)

    def conclude(self, frame: Frame, outcome: Outcome, detections: Detections | None = None) -> LaneResult:
        """The tracks after the frame, and the alerts. `detections` belong to ANALYSED and to nothing else."""
        now_s = self._follow_time(frame)
        self._tracks = self._follow_tracks(detections, now_s)
        self.meter.count(outcome, frame.received_monotonic_s)
        if outcome is Outcome.FAILED:
            self._analysed_s = None  # the detector was wanted and did not answer: ask again, moving or not
        self.is_lively = self._moving or any(track.state in _UNSETTLED for track in self._tracks)
        tracks = tuple(self._tracks)
        update = TrackUpdate(
            frame.camera_id, frame.epoch, frame.media_time_s, outcome, tracks, self.is_lively, frame.received_at
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
        if not seamless:
            self._tracks = ()
            self._tracker.reset()
            self._still.reset()
            for watch in self._watches:
                watch.evaluator.reset()
        return self._timeline.now_s(frame)

    def _is_overdue(self, now_s: float, interval_s: float) -> bool:
        return self._analysed_s is None or now_s - self._analysed_s >= interval_s

    def _knows_what_moves(self, now_s: float) -> bool:
        """Whether every moving patch belongs to a track, or moved already when the detector looked there."""
        tracks = (track for track in self._tracker.predict(now_s) if track.state is not TrackState.HIDDEN)
        known = [*(track.box for track in tracks), *self._looked_at]
        return all(is_explained(patch, known) for patch in self._gate.moving)

    def _follow_tracks(self, detections: Detections | None, now_s: float) -> Sequence[Track]:
        if detections is None:
            return self._tracker.predict(now_s)
        self._analysed_s, self._looked_at = now_s, self._gate.moving
        if any(MOTION in watch.rule.labels for watch in self._watches):
            detections = add_unnamed_motion(detections, self._gate.moving, self._tracks)
        return self._tracker.update(detections, now_s)

    def _raise_alerts(self, frame: Frame, now_s: float) -> Sequence[Alert]:
        at, seen = self._clock.now(), [*self._tracks, *self._still_changes(frame, now_s)]
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
