"""One camera on one day: from what is known of it to its facts. Pure.

A camera is expected to work from the first time that it was in service until it is taken out of the registry. Being
switched off does not change that: only time that somebody has asked for and somebody else approved is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from vms_api.rates.clock import clock_compliance
from vms_api.rates.fact import CameraFact, ExcludedTime
from vms_api.rates.ledger_filled import ledger_completeness
from vms_api.rates.networking import networking
from vms_api.rates.online import online
from vms_api.rates.picture_intact import picture_intact
from vms_api.rates.purposed_use import used_on_day
from vms_api.rates.rate import Rate, Tally
from vms_api.rates.recording import recording_completeness
from vms_api.rates.retention import Kept, retention_met
from vms_api.rates.spans import Span, Spans, both, length_us, merged, without
from vms_api.rates.stream_intact import stream_intact


class Stay(NamedTuple):
    """Part of the day that the camera spent in an area while it was expected to work."""

    area_id: str
    span: Span


class ExcludedSpan(NamedTuple):
    """Approved time in which nothing is expected."""

    span: Span
    why: str
    approved_by: str


@dataclass(frozen=True, slots=True)
class Ledgered:
    """How many mandatory fields the ledger has, of how many."""

    filled: int | None
    required: int


@dataclass(frozen=True, slots=True)
class CameraDay:
    """What is known of a camera and a day. Spans in microseconds; `known`: when the node was heard.

    `enabled`: when it was switched on. `kept` and `ledgered.filled` are None when nobody looked that day; `offset_s` is
    that of the day's last check of its clock.
    """

    camera_id: str
    stays: Sequence[Stay]
    known: Spans
    enabled: Spans
    live: Spans = ()
    main_live: Spans = ()
    excluded: Sequence[ExcludedSpan] = ()
    broken: Spans = ()
    faulty: Spans = ()
    diagnosed: Spans = ()
    planned: Spans = ()
    recorded: Sequence[Span] = ()
    kept: Kept | None = None
    offset_s: float | None = None
    ledgered: Ledgered = Ledgered(None, 0)
    is_used: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """What the definitions of docs/rates.md leave to the site."""

    clock_limit_s: float
    min_coverage: float


def facts_of(camera: CameraDay, limits: Limits) -> list[CameraFact]:
    """A fact for each stay. What is counted once a day is counted in the last stay in which anything was expected."""
    facts: list[CameraFact] = []
    last_expected: list[Span] = []
    left_out = merged(entry.span for entry in camera.excluded)
    for part, stay in enumerate(camera.stays):
        expected = without([stay.span], left_out)
        facts.append(
            CameraFact(camera.camera_id, part, stay.area_id, _timed(camera, expected), _excluded(camera, stay))
        )
        if expected:
            last_expected, last_part = expected, part
    if last_expected:
        once = _once(camera, last_expected, limits)
        facts[last_part] = replace(facts[last_part], tallies={**facts[last_part].tallies, **once})
    return facts


def _timed(camera: CameraDay, expected: Spans) -> dict[Rate, Tally]:
    """The rates that are counted in seconds.

    A picture is expected while the camera is on: that it is off is the online rate's business. Where nobody knows
    whether it was, it counts as on, and what the diagnosis did not see is unknown.
    """
    live = both(camera.live, camera.enabled)
    on = without(both(expected, camera.enabled), without(camera.known, live))
    return {
        Rate.ONLINE: online(expected, camera.known, live),
        Rate.STREAM_INTACT: stream_intact(
            expected, camera.known, both(camera.main_live, camera.enabled), camera.broken
        ),
        Rate.PICTURE_INTACT: picture_intact(on, both(camera.diagnosed, camera.known), camera.faulty),
        Rate.RECORDING: recording_completeness(both(expected, camera.planned), list(camera.recorded)),
    }


def _once(camera: CameraDay, expected: Spans, limits: Limits) -> dict[Rate, Tally]:
    """The rates that are counted once a day and camera."""
    networked = networking(expected, camera.known, both(camera.live, camera.enabled), limits.min_coverage)
    return {
        Rate.RETENTION: retention_met(camera.kept),
        Rate.CLOCK: clock_compliance(camera.offset_s, limits.clock_limit_s),
        Rate.LEDGER: ledger_completeness(camera.ledgered.filled, camera.ledgered.required),
        Rate.NETWORKING: networked,
        Rate.PURPOSED_USE: used_on_day(is_networked=bool(networked.numerator), is_used=camera.is_used),
    }


def _excluded(camera: CameraDay, stay: Stay) -> tuple[ExcludedTime, ...]:
    """What is left out of the stay; of overlapping exclusions the earlier one has the time that both claim."""
    told: list[ExcludedTime] = []
    taken: list[Span] = []
    for entry in sorted(camera.excluded, key=lambda one: (one.span, one.why)):
        own = without(both([entry.span], [stay.span]), taken)
        if own:
            told.append(ExcludedTime(entry.why, entry.approved_by, length_us(own)))
            taken = merged([*taken, *own])
    return tuple(told)
