"""A camera's timeline as the API shows it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from vms_api.alerts.store import AlertMark, alert_marks
from vms_api.cameras.mask import Masks
from vms_api.database import Connection
from vms_api.recordings.coverage import Run, Span, SpanKind, continued, folded, spans_of
from vms_api.recordings.gap_store import gaps_between
from vms_api.recordings.segment import OpenSegment
from vms_api.recordings.store import runs_between, short_breaks_s

MOST_MARKS = 500


class TimelineSpan(BaseModel):
    """One part of the timeline; `reason` is that of a gap."""

    model_config = ConfigDict(populate_by_name=True)

    kind: SpanKind
    start: Annotated[datetime, Field(alias="from")]
    end: Annotated[datetime, Field(alias="to")]
    reason: str | None
    damaged: bool
    event: bool


class Coverage(BaseModel):
    """Seconds that were to be recorded, and those of them that were."""

    recorded_s: float
    planned_s: float


class Timeline(BaseModel):
    """`spans` partition [from, to); `to` is earlier than asked where nothing is known yet."""

    model_config = ConfigDict(populate_by_name=True)

    camera_id: str
    start: Annotated[datetime, Field(alias="from")]
    end: Annotated[datetime, Field(alias="to")]
    spans: list[TimelineSpan]
    alerts: list[AlertMark]
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class TimelineQuery:
    """What is asked for; `resolution_s` 0 shows every span, `is_withheld` tells it of a mask version.

    `opened` are the camera's files that the index does not know yet.
    """

    camera_id: str
    start: datetime
    end: datetime
    is_withheld: Callable[[int], bool]
    resolution_s: float = 0.0
    with_alerts: bool = True
    opened: Sequence[OpenSegment] = ()


def withholding(masks: Masks, *, may_see_unmasked: bool) -> Callable[[int], bool]:
    """Which mask versions a person may not see: those older than masks that now cover something."""
    covers = masks.polygons is None or bool(masks.polygons)
    return lambda version: covers and not may_see_unmasked and version < masks.version


async def read_timeline(connection: Connection, asked: TimelineQuery) -> Timeline:
    """The timeline as the index has it, and what is being written."""
    spans, coverage = await read_spans(connection, asked)
    marks: Sequence[AlertMark] = ()
    if asked.with_alerts:
        marks = await alert_marks(connection, asked.camera_id, asked.start, asked.end, MOST_MARKS)
    return Timeline(
        camera_id=asked.camera_id,
        start=asked.start,
        end=asked.end,
        spans=[shown(span) for span in folded(spans, asked.resolution_s)],
        alerts=list(marks),
        coverage=coverage,
    )


async def read_spans(connection: Connection, asked: TimelineQuery) -> tuple[list[Span], Coverage]:
    """Every span, and what they come to."""
    known = await runs_between(connection, asked.camera_id, asked.start, asked.end)
    runs = continued(known, [_run(segment) for segment in asked.opened])
    gaps = await gaps_between(connection, asked.camera_id, asked.start, asked.end)
    spans = spans_of(runs, gaps, asked.start, asked.end, asked.is_withheld)
    held = sum(span.duration_s for span in spans if span.kind in {SpanKind.RECORDED, SpanKind.WITHHELD})
    missing = sum(span.duration_s for span in spans if span.kind is SpanKind.GAP)
    breaks = await short_breaks_s(connection, asked.camera_id, asked.start, asked.end)
    return spans, Coverage(recorded_s=max(0.0, held - breaks), planned_s=held + missing)


def _run(segment: OpenSegment) -> Run:
    return Run(segment.started_at, segment.ended_at, segment.mask_version, event=segment.reason == "event")


def shown(span: Span) -> TimelineSpan:
    """As the API shows it."""
    return TimelineSpan(
        kind=span.kind,
        start=span.start,
        end=span.end,
        reason=span.reason,
        damaged=span.damaged,
        event=span.event,
    )
