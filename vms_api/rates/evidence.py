"""What the numbers of a camera and a day were counted from, as spans that a person can check. Pure."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from vms_api.database import from_us
from vms_api.rates.camera_day import CameraDay
from vms_api.rates.day import SiteDay
from vms_api.rates.fact_store import DayVersion
from vms_api.rates.recording import TOLERANCE_US
from vms_api.rates.spans import Spans, both, merged, without


class EvidenceSpan(BaseModel):
    """From when to when."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    since: Annotated[datetime, Field(alias="from")]
    until: Annotated[datetime, Field(alias="to")]
    note: str = ""


class Counting(BaseModel):
    """One counting of the day."""

    version: int
    computed_at: datetime
    method_version: str
    cause: str
    changed: int


class Evidence(BaseModel):
    """Of one camera and a day, which lasts from `from` to `to`.

    `offline`: heard and not live; `not_recorded`: planned and not in the index; `clock_offset_s`: at the day's last
    check; `filled` of `required` fields; `versions`: every counting of the day.
    """

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    camera_id: str
    day: date
    since: Annotated[datetime, Field(alias="from")]
    until: Annotated[datetime, Field(alias="to")]
    expected: list[EvidenceSpan]
    excluded: list[EvidenceSpan]
    unknown: list[EvidenceSpan]
    offline: list[EvidenceSpan]
    main_offline: list[EvidenceSpan]
    switched_off: list[EvidenceSpan]
    faulty: list[EvidenceSpan]
    not_recorded: list[EvidenceSpan]
    oldest_recording: datetime | None
    clock_offset_s: float | None
    filled: int | None
    required: int
    used: bool
    versions: list[Counting]


def evidence_of(camera: CameraDay, day: SiteDay, versions: Sequence[DayVersion]) -> Evidence:
    """The spans behind each number."""
    here = [stay.span for stay in camera.stays]
    expected = without(here, merged(entry.span for entry in camera.excluded))
    heard = both(expected, camera.known)
    on = both(heard, camera.enabled)
    oldest_us = camera.kept.oldest_us if camera.kept else None
    return Evidence(
        camera_id=camera.camera_id,
        day=day.day,
        since=day.start,
        until=day.end,
        expected=_told(expected),
        excluded=[_span(*entry.span, f"{entry.why}: {entry.approved_by}") for entry in camera.excluded],
        unknown=_told(without(expected, camera.known)),
        offline=_told(without(on, camera.live)),
        main_offline=_told(without(on, camera.main_live)),
        switched_off=_told(without(expected, camera.enabled)),
        faulty=_told(both(expected, camera.faulty)),
        not_recorded=_told(without(both(expected, camera.planned), merged(camera.recorded, bridging_us=TOLERANCE_US))),
        oldest_recording=None if oldest_us is None else from_us(oldest_us),
        clock_offset_s=camera.offset_s,
        filled=camera.ledgered.filled,
        required=camera.ledgered.required,
        used=camera.is_used,
        versions=[
            Counting(
                version=one.version,
                computed_at=one.computed_at,
                method_version=one.method_version,
                cause=one.cause,
                changed=one.changed,
            )
            for one in versions
        ],
    )


def _told(spans: Spans) -> list[EvidenceSpan]:
    return [_span(start, end) for start, end in spans]


def _span(start_us: int, end_us: int, note: str = "") -> EvidenceSpan:
    return EvidenceSpan(since=from_us(start_us), until=from_us(end_us), note=note)
