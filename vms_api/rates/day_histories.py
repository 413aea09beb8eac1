"""All that was read of a day, and what of it concerns one camera. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from vms_api.cameras.placement_store import Placement
from vms_api.database import from_us, to_us
from vms_api.diagnosis.verdict import QualityState
from vms_api.ledger.field import REQUIRED
from vms_api.rates.camera_day import CameraDay, ExcludedSpan, Ledgered, Limits, Stay
from vms_api.rates.day import SiteDay
from vms_api.rates.fact import CameraFact
from vms_api.rates.rate import Rate
from vms_api.rates.retention import Kept
from vms_api.rates.settings import RateSettings
from vms_api.rates.spans import Span, Spans, merged
from vms_api.rates.state_spans import StateChange, live_spans, spans_in
from vms_api.rates.stream_intact import BREAKS_STREAM
from vms_api.recordings.plan import RecordingPlan, default_plan, retention_of
from vms_api.recordings.planned import planned_spans
from vms_api.recordings.settings import RecordingSettings
from vms_api.tickets import maintenance
from vms_api.tickets.maintenance import MaintenanceWindow

LOOKED_LATE = timedelta(days=1)
"""Longer after a day nobody can tell any more how far back its recordings reached."""
_LOOKED_ONCE = (Rate.RETENTION, Rate.LEDGER)
_WELL, _ABNORMAL = QualityState.OK.value, QualityState.ABNORMAL.value
_US = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class CountingGround:
    """What counting goes by."""

    rates: RateSettings
    recording: RecordingSettings
    zone: ZoneInfo

    @property
    def limits(self) -> Limits:
        """What the definitions leave to the site."""
        return Limits(self.rates.clock_limit_s, self.rates.min_coverage)


@dataclass(slots=True)
class DayHistories:
    """What was read of a day at the time `now`, by camera. `recorded` and `oldest` are filled in piece by piece."""

    day: SiteDay
    now: datetime
    ground: CountingGround
    known: Spans
    states: Mapping[str, Sequence[StateChange]]
    pictures: Mapping[str, Sequence[StateChange]]
    excluded: Mapping[str, Sequence[ExcludedSpan]]
    maintenance: Sequence[MaintenanceWindow]
    lineages: Mapping[str, Sequence[str]]
    plans: Mapping[str, Sequence[tuple[datetime, RecordingPlan]]]
    offsets: Mapping[str, float]
    ledgers: Mapping[str, tuple[int, datetime]]
    used: set[str]
    held: set[str]
    recorded: dict[str, Sequence[Span]] = field(default_factory=dict)
    oldest: dict[str, int] = field(default_factory=dict)

    def camera_day(self, placements: Sequence[Placement]) -> CameraDay:
        """What is known of the camera that was placed so."""
        camera_id, window = placements[0].camera_id, self.day.span
        changes, pictures = self.states.get(camera_id, ()), self.pictures.get(camera_id, ())
        stays = stays_of(placements, window)
        filled, written_at = self.ledgers.get(camera_id, (0, None))
        is_seen = written_at is None or written_at < self.day.end or self.now < self.day.end + LOOKED_LATE
        return CameraDay(
            camera_id=camera_id,
            stays=stays,
            known=self.known,
            enabled=enabled_spans(placements, window),
            live=live_spans(changes, window, ("main", "sub")),
            main_live=live_spans(changes, window, ("main",)),
            excluded=[*self.excluded.get(camera_id, ()), *self._maintained(camera_id, stays)],
            broken=spans_in((_ABNORMAL,), pictures, window, BREAKS_STREAM),
            faulty=spans_in((_ABNORMAL,), pictures, window, ("",)),
            diagnosed=spans_in((_ABNORMAL, _WELL), pictures, window, ("",)),
            planned=self._planned(camera_id),
            recorded=self.recorded.get(camera_id, ()),
            kept=self._kept(camera_id, first_service_us(placements) or window[0]),
            offset_s=self.offsets.get(camera_id),
            ledgered=Ledgered(filled if is_seen else None, len(REQUIRED)),
            is_used=camera_id in self.used,
        )

    def _maintained(self, camera_id: str, stays: Sequence[Stay]) -> list[ExcludedSpan]:
        """Approved maintenance, wherever the camera was."""
        placed = [
            maintenance.Stay(self.lineages.get(stay.area_id, (stay.area_id,)), *map(from_us, stay.span))
            for stay in stays
        ]
        return [
            ExcludedSpan((to_us(one.since), to_us(one.until)), "; ".join(one.why), ", ".join(one.approved_by))
            for one in maintenance.excluded(self.maintenance, camera_id, placed)
        ]

    def _plans(self, camera_id: str) -> list[tuple[datetime, RecordingPlan]]:
        """Every plan of the camera; before the first one that of the site holds."""
        return [(from_us(0), default_plan(self.ground.recording)), *self.plans.get(camera_id, ())]

    def _planned(self, camera_id: str) -> list[Span]:
        """When the camera was to be recorded without a break, by the plan of each moment."""
        plans = self._plans(camera_id) if self.ground.recording.enabled else []
        ends = [*(since for since, _ in plans[1:]), self.day.end]
        spans: list[Span] = []
        for (since, plan), end in zip(plans, ends, strict=False):
            first, last = max(since, self.day.start), min(end, self.day.end)
            if first < last:
                found = planned_spans(plan, self.ground.zone, first, last)
                spans += [(to_us(start), to_us(until)) for start, until in found]
        return merged(spans)

    def _kept(self, camera_id: str, in_service_us: int) -> Kept | None:
        if not self.day.end <= self.now < self.day.end + LOOKED_LATE:
            return None
        since, plan = self._plans(camera_id)[-1]
        settings = self.ground.recording
        retention = retention_of(plan, settings)
        is_planned = settings.enabled and plan.mode in ("continuous", "scheduled")
        return Kept(
            at_us=to_us(self.day.end),
            oldest_us=self.oldest.get(camera_id),
            planned_since_us=max(to_us(since), in_service_us) if is_planned else None,
            floor_us=retention.floor // _US,
            ceiling_us=retention.ceiling // _US,
            held=camera_id in self.held,
        )


def first_service_us(placements: Sequence[Placement]) -> int | None:
    """When the camera first went into service, None if it never did. Placements in the order of time."""
    return next((one.since_us for one in placements if one.is_enabled), None)


def stays_of(placements: Sequence[Placement], window: Span) -> list[Stay]:
    """Where the camera was expected to work within the window, in order: from the first time that it was in service.

    `placements` are those of one camera in the order of time. Stays in one area that follow each other are one.
    """
    first = first_service_us(placements)
    stays: list[Stay] = []
    for one in placements:
        start = max(one.since_us, window[0], window[1] if first is None else first)
        end = min(window[1] if one.until_us is None else one.until_us, window[1])
        if start >= end:
            continue
        if stays and stays[-1].area_id == one.area_id and stays[-1].span[1] == start:
            stays[-1] = Stay(one.area_id, (stays[-1].span[0], end))
        else:
            stays.append(Stay(one.area_id, (start, end)))
    return stays


def enabled_spans(placements: Sequence[Placement], window: Span) -> list[Span]:
    """When the camera was switched on within the window."""
    return merged(
        (max(one.since_us, window[0]), window[1] if one.until_us is None else min(one.until_us, window[1]))
        for one in placements
        if one.is_enabled
    )


def with_former_looks(facts: Iterable[CameraFact], before: Iterable[CameraFact]) -> list[CameraFact]:
    """What was seen on the day and cannot be seen now, from the last counting of it."""
    former = {fact.key: fact for fact in before}
    found = []
    for fact in facts:
        seen = former.get(fact.key)
        kept = {
            rate: seen.tallies[rate]
            for rate in _LOOKED_ONCE
            if seen and rate in fact.tallies and fact.tallies[rate].expected and not fact.tallies[rate].known
        }
        found.append(replace(fact, tallies={**fact.tallies, **kept}) if kept else fact)
    return found
