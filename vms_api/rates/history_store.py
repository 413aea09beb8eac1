"""What the histories of a day say about all cameras, read in a few queries."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from vms_api.alerts.store import alerts
from vms_api.audit.chain import utc_text
from vms_api.audit.entry import AuditKind, Outcome
from vms_api.audit.store import audit
from vms_api.cameras.placement_store import camera_placements
from vms_api.database import Connection, from_us, to_us
from vms_api.diagnosis.store import quality_changes
from vms_api.ledger.store import camera_ledgers
from vms_api.nodes.store import camera_states
from vms_api.patrols.round_store import patrol_rounds
from vms_api.patrols.stop_store import patrol_stops
from vms_api.rates.alert_handling import HandledAlert
from vms_api.rates.spans import Span
from vms_api.rates.state_spans import StateChange
from vms_api.rates.ticket_closure import DueTicket
from vms_api.recordings.segment import LONGEST
from vms_api.recordings.store import segments
from vms_api.tickets.store import tickets

LOOKS = (
    AuditKind.VIEW_START,
    AuditKind.SNAPSHOT,
    AuditKind.PAST_SNAPSHOT,
    AuditKind.CLIP,
    AuditKind.PLAYBACK,
    AuditKind.EXPORT,
)
"""Looks through a camera; they count as a use where a purpose was stated."""


async def state_changes(connection: Connection, start: datetime, end: datetime) -> Mapping[str, list[StateChange]]:
    """The changes of [start, end) by camera, and of each stream the state that it began the time with."""
    found: dict[str, list[StateChange]] = {}
    first = to_us(start)
    here = (
        sa.select(camera_placements.c.camera_id)
        .where(camera_placements.c.since < to_us(end))
        .where(sa.or_(camera_placements.c.until.is_(None), camera_placements.c.until > first))
        .distinct()
        .subquery()
    )
    for role in ("main", "sub"):
        before = (
            sa.select(camera_states.c.state)
            .where(camera_states.c.camera_id == here.c.camera_id, camera_states.c.role == role)
            .where(camera_states.c.at < first)
            .order_by(camera_states.c.at.desc(), camera_states.c.id.desc())
            .limit(1)
            .correlate(here)
            .scalar_subquery()
        )
        for camera_id, state in await connection.execute(sa.select(here.c.camera_id, before)):
            if state is not None:
                found.setdefault(camera_id, []).append(StateChange(first, role, state))
    within = sa.select(
        camera_states.c.camera_id, camera_states.c.at, camera_states.c.role, camera_states.c.state
    ).where(camera_states.c.at.between(first, to_us(end) - 1))
    for camera_id, at, role, state in await connection.execute(within):
        found.setdefault(camera_id, []).append(StateChange(at, role, state))
    return found


async def used_cameras(connection: Connection, start: datetime, end: datetime) -> set[str]:
    """Cameras that somebody looked through in [start, end) for a purpose that was stated, or judged on a patrol."""
    query = sa.select(audit.c.camera_id, audit.c.body).where(
        audit.c.at >= utc_text(start),
        audit.c.at < utc_text(end),
        audit.c.kind.in_(LOOKS),
        audit.c.outcome == Outcome.DONE,
        audit.c.camera_id.is_not(None),
    )
    used: set[str] = set()
    for camera_id, body in await connection.execute(query):
        if camera_id not in used and json.loads(body)["purpose"] is not None:
            used.add(camera_id)
    judged = sa.select(patrol_stops.c.camera_id).where(patrol_stops.c.judged_at.between(to_us(start), to_us(end) - 1))
    return used | set((await connection.execute(judged.distinct())).scalars())


async def picture_changes(connection: Connection, start: datetime, end: datetime) -> Mapping[str, list[StateChange]]:
    """What the diagnosis came to find in [start, end) by camera, and what stood of each category before."""
    changes, first = quality_changes, to_us(start)
    latest = sa.select(sa.func.max(changes.c.id)).where(changes.c.at < first)
    stood = changes.c.id.in_(latest.group_by(changes.c.camera_id, changes.c.category))
    within = changes.c.at.between(first, to_us(end) - 1)
    columns = (changes.c.camera_id, changes.c.at, changes.c.category, changes.c.state)
    query = sa.select(*columns).where(sa.or_(stood, within)).order_by(changes.c.at, changes.c.id)
    found: dict[str, list[StateChange]] = {}
    for camera_id, at, category, state in await connection.execute(query):
        found.setdefault(camera_id, []).append(StateChange(max(at, first), category or "", state))
    return found


async def rounds_due(connection: Connection, start: datetime, end: datetime) -> Mapping[str, Sequence[str]]:
    """The states of the rounds that fell due in [start, end), by the area."""
    query = sa.select(patrol_rounds.c.area_id, patrol_rounds.c.state).where(
        patrol_rounds.c.due_at.between(to_us(start), to_us(end) - 1)
    )
    found: dict[str, list[str]] = {}
    for area_id, state in await connection.execute(query):
        found.setdefault(area_id, []).append(state)
    return found


async def tickets_due(connection: Connection, start: datetime, end: datetime) -> Mapping[str, Sequence[DueTicket]]:
    """The tickets that fall due in [start, end), by the area; duplicates are left to the one that they repeat."""
    columns = (tickets.c.state, tickets.c.due_at, tickets.c.fixed_at, tickets.c.closed_at)
    query = sa.select(tickets.c.area_id, *columns).where(tickets.c.due_at.between(to_us(start), to_us(end) - 1))
    query = query.where(tickets.c.duplicate_of.is_(None))
    found: dict[str, list[DueTicket]] = {}
    for area_id, *told in await connection.execute(query):
        found.setdefault(area_id, []).append(DueTicket(*told))
    return found


async def filled_ledgers(connection: Connection) -> Mapping[str, tuple[int, datetime]]:
    """How many mandatory fields each ledger has, and since when it is as it is; cameras without one are not there."""
    query = sa.select(camera_ledgers.c.camera_id, camera_ledgers.c.filled, camera_ledgers.c.updated_at)
    return {row[0]: (row[1], from_us(row[2])) for row in await connection.execute(query)}


async def oldest_recordings(connection: Connection, camera_ids: Collection[str]) -> Mapping[str, int]:
    """Where each camera's kept recordings begin, microseconds; cameras without any are not there."""
    here = _these(camera_ids)
    query = sa.select(here.c.camera_id, _first_start(here, 0))
    return {row[0]: row[1] for row in await connection.execute(query) if row[1] is not None}


async def recorded_spans(
    connection: Connection, camera_ids: Collection[str], start: datetime, end: datetime
) -> Mapping[str, list[Span]]:
    """What is recorded of some cameras within [start, end), microseconds: the runs of the index, in one query.

    The same as `runs_between` of each camera, and as little read: the rows that begin a run, and the last of each.
    """
    low, high, longest = to_us(start - LONGEST), to_us(end), LONGEST // timedelta(microseconds=1)
    here = _these(camera_ids)
    first = sa.select(here.c.camera_id, _first_start(here, low + 1).label("started_at"))
    inside = (segments.c.camera_id.in_(camera_ids), segments.c.started_at > low, segments.c.started_at < high)
    begun = sa.select(segments.c.camera_id, segments.c.started_at).where(segments.c.hole_us.is_(None), *inside)
    begins = sa.union(first, begun).subquery()
    until = sa.func.lead(begins.c.started_at, 1, high).over(
        partition_by=begins.c.camera_id, order_by=begins.c.started_at
    )
    run = sa.select(begins, until.label("until")).where(begins.c.started_at < high).subquery()
    own = (segments.c.camera_id == run.c.camera_id, segments.c.started_at < run.c.until)
    last = sa.select(segments.c.started_at).where(*own).order_by(segments.c.started_at.desc()).limit(1)
    timed = sa.select(run, last.correlate(run).scalar_subquery().label("last_start")).subquery()
    of_run = (segments.c.camera_id == timed.c.camera_id, segments.c.started_at >= timed.c.started_at)
    # Whatever began longer before the last one than any segment lasts has ended before it.
    near = (segments.c.started_at < timed.c.until, segments.c.started_at > timed.c.last_start - longest)
    ended = sa.select(sa.func.max(segments.c.ended_at)).where(*of_run, *near).correlate(timed).scalar_subquery()
    query = sa.select(timed.c.camera_id, timed.c.started_at, ended)
    found: dict[str, list[Span]] = {}
    for camera_id, started_at, ended_at in await connection.execute(query):
        if ended_at is not None:
            found.setdefault(camera_id, []).append((started_at, ended_at))
    return found


def _these(camera_ids: Collection[str]) -> sa.Subquery:
    placed = sa.select(camera_placements.c.camera_id).where(camera_placements.c.camera_id.in_(camera_ids))
    return placed.distinct().subquery()


def _first_start(here: sa.Subquery, since_us: int) -> sa.ScalarSelect[int]:
    """Where the first segment of each begins that does not begin before."""
    query = sa.select(segments.c.started_at).where(
        segments.c.camera_id == here.c.camera_id, segments.c.started_at >= since_us
    )
    return query.order_by(segments.c.started_at).limit(1).correlate(here).scalar_subquery()


async def alerts_raised(connection: Connection, start: datetime, end: datetime) -> Mapping[str, Sequence[HandledAlert]]:
    """The alerts with a card of their own that were raised in [start, end), by the area."""
    columns = (alerts.c.state, alerts.c.verdict, alerts.c.resolved_at, alerts.c.resolve_by)
    query = sa.select(alerts.c.area_id, *columns).where(
        alerts.c.incident_id == alerts.c.id, alerts.c.raised_at.between(to_us(start), to_us(end) - 1)
    )
    found: dict[str, list[HandledAlert]] = {}
    for area_id, *told in await connection.execute(query):
        found.setdefault(area_id, []).append(HandledAlert(*told))
    return found
