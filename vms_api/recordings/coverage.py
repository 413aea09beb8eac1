"""What a camera's timeline looks like: recorded, missing with a reason, withheld, or not planned at all. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from vms_api.recordings.gap import Gap


class SpanKind(StrEnum):
    """What is known about a span."""

    RECORDED = "recorded"
    GAP = "gap"
    WITHHELD = "withheld"
    """Recorded before the present masks were drawn: shown to who may see the camera unmasked."""
    NOT_PLANNED = "not-planned"


JOIN = timedelta(seconds=2)
"""Less than this between two segments is no gap: the recorder itself opens one after as long."""


@dataclass(frozen=True, slots=True)
class Run:
    """Segments that follow each other without a break to speak of and are alike."""

    started_at: datetime
    ended_at: datetime
    mask_version: int = 0
    damaged: bool = False
    event: bool = False

    @property
    def likeness(self) -> tuple[int, bool, bool]:
        """What segments of one run share."""
        return self.mask_version, self.damaged, self.event


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the timeline. `reason` is that of a gap, `damaged` and `event` say more about what was recorded."""

    kind: SpanKind
    start: datetime
    end: datetime
    reason: str | None = None
    damaged: bool = False
    event: bool = False

    @property
    def duration_s(self) -> float:
        """Its length."""
        return (self.end - self.start).total_seconds()


_WEIGHT = {SpanKind.NOT_PLANNED: 0, SpanKind.RECORDED: 1, SpanKind.WITHHELD: 2, SpanKind.GAP: 3}


def continued(runs: Sequence[Run], opened: Sequence[Run]) -> list[Run]:
    """`runs` with files that are not in the index yet: what follows a run like it without a gap goes on with it."""
    joined: list[Run] = []
    for run in sorted([*runs, *opened], key=lambda run: run.started_at):
        before = joined[-1] if joined else None
        if before and before.likeness == run.likeness and run.started_at - before.ended_at <= JOIN and run in opened:
            joined[-1] = replace(before, ended_at=max(before.ended_at, run.ended_at))
        else:
            joined.append(run)
    return joined


def spans_of(
    runs: Sequence[Run], gaps: Sequence[Gap], start: datetime, end: datetime, is_withheld: Callable[[int], bool]
) -> list[Span]:
    """Partitions [start, end): what was recorded wins over what was said to be missing, both over `not-planned`.

    `runs` and `gaps` come ordered by their start and may overlap, as after a step of the clock: the earlier one keeps
    the time that both claim. `is_withheld` tells it of a mask version.
    """
    recorded = _disjoint([_recorded(run, is_withheld) for run in runs], start, end)
    missing = _disjoint([_missing(gap, end) for gap in gaps], start, end)
    spans: list[Span] = []
    cursor, next_missing = start, 0
    for span in [*recorded, Span(SpanKind.RECORDED, end, end)]:
        while next_missing < len(missing) and missing[next_missing].start < span.start:
            gap = missing[next_missing]
            first, last = max(gap.start, cursor), min(gap.end, span.start)
            if first < last:
                spans += [*_not_planned(cursor, first), replace(gap, start=first, end=last)]
                cursor = last
            if gap.end > span.start:
                break
            next_missing += 1
        spans += [*_not_planned(cursor, span.start), span]
        cursor = span.end
    return [span for span in spans if span.start < span.end]


def folded(spans: Sequence[Span], resolution_s: float) -> list[Span]:
    """The same partition with few spans, for views from afar: never two shorter than `resolution_s` in a row.

    Short spans that lie beside each other become one of the worst kind among them, so that a gap or a short recording
    never vanishes.
    """
    folds: list[Span] = []
    cell: list[Span] = []
    for span in spans:
        if span.duration_s >= resolution_s:
            folds += [*_joined(cell), span]
            cell = []
            continue
        cell.append(span)
        if (span.end - cell[0].start).total_seconds() >= resolution_s:
            folds += _joined(cell)
            cell = []
    return [*folds, *_joined(cell)]


def _joined(cell: Sequence[Span]) -> Iterator[Span]:
    """Spans that follow each other, as one."""
    if len(cell) == 1:
        yield cell[0]
    elif cell:
        worst = max(cell, key=lambda span: _WEIGHT[span.kind])
        damaged, event = any(span.damaged for span in cell), any(span.event for span in cell)
        yield Span(worst.kind, cell[0].start, cell[-1].end, worst.reason, damaged, event)


def _recorded(run: Run, is_withheld: Callable[[int], bool]) -> Span:
    kind = SpanKind.WITHHELD if is_withheld(run.mask_version) else SpanKind.RECORDED
    return Span(kind, run.started_at, run.ended_at, damaged=run.damaged, event=run.event)


def _missing(gap: Gap, now: datetime) -> Span:
    return Span(SpanKind.GAP, gap.started_at, gap.end(now), gap.reason)


def _not_planned(start: datetime, end: datetime) -> Iterator[Span]:
    if start < end:
        yield Span(SpanKind.NOT_PLANNED, start, end)


def _disjoint(spans: Sequence[Span], start: datetime, end: datetime) -> list[Span]:
    """Cut to [start, end) and to what no earlier one covers."""
    cut: list[Span] = []
    cursor = start
    for span in spans:
        first, last = max(span.start, cursor), min(span.end, end)
        if first < last:
            is_whole = first == span.start and last == span.end
            cut.append(span if is_whole else replace(span, start=first, end=last))
            cursor = last
    return cut
