"""Counts a day: reads what its histories say, and makes the facts of every camera and area of it."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from vms_api.areas import path_store
from vms_api.areas.path_store import lineages_at
from vms_api.cameras import placement_store
from vms_api.cameras.placement_store import Placement
from vms_api.care import store as care_store
from vms_api.database import Connection, Database, to_us
from vms_api.rates import decision_store, fact_store, history_store, watch_store
from vms_api.rates.alert_handling import alert_handling
from vms_api.rates.camera_day import CameraDay, ExcludedSpan, Limits, facts_of
from vms_api.rates.day import SiteDay
from vms_api.rates.day_histories import CountingGround, DayHistories, stays_of, with_former_looks
from vms_api.rates.fact import AreaFact, CameraFact, DayFacts
from vms_api.rates.patrol import patrol_completion
from vms_api.rates.rate import Rate
from vms_api.rates.ticket_closure import ticket_closure
from vms_api.recordings import hold_store, plan_store
from vms_api.tickets import maintenance_store

_PIECE = 200


async def count_day(database: Database, ground: CountingGround, day: SiteDay, now: datetime) -> DayFacts:
    """The facts of the day as they are known now.

    What can only be seen on the day itself (how far back recordings reached, how full the ledger was) is taken from
    the last counting when it is too late to look.
    """
    async with database.read() as connection:
        placements = _by_camera(await placement_store.placements_before(connection, day.end))
        histories = await _read(connection, ground, day, now)
        before = await fact_store.read_day(connection, day.day)
        areas = await _area_facts(connection, day, now)
    here = {camera_id: own for camera_id, own in placements.items() if stays_of(own, day.span)}
    ids = list(here)
    for at in range(0, len(ids), _PIECE):
        await _read_recordings(database, ids[at : at + _PIECE], histories)
    facts = await asyncio.to_thread(_facts, map(histories.camera_day, here.values()), ground.limits)
    return DayFacts(tuple(with_former_looks(facts, before.cameras)), tuple(areas))


async def read_camera_day(
    connection: Connection, ground: CountingGround, day: SiteDay, camera_id: str, now: datetime
) -> CameraDay | None:
    """What is known of one camera and a day, as evidence for its numbers; None: it was not there."""
    placements = _by_camera(await placement_store.placements_before(connection, day.end)).get(camera_id, [])
    if not stays_of(placements, day.span):
        return None
    histories = await _read(connection, ground, day, now)
    await _add_recordings(connection, [camera_id], histories)
    return histories.camera_day(placements)


def _facts(cameras: Iterable[CameraDay], limits: Limits) -> list[CameraFact]:
    return [fact for camera in cameras for fact in facts_of(camera, limits)]


def _by_camera(placements: Iterable[Placement]) -> dict[str, list[Placement]]:
    return {id_: list(own) for id_, own in groupby(placements, key=lambda one: one.camera_id)}


async def _read(connection: Connection, ground: CountingGround, day: SiteDay, now: datetime) -> DayHistories:
    return DayHistories(
        day=day,
        now=now,
        ground=ground,
        known=await watch_store.watches_between(connection, day.start, day.end),
        states=await history_store.state_changes(connection, day.start, day.end),
        pictures=await history_store.picture_changes(connection, day.start, day.end),
        excluded=await _exclusions(connection, day),
        maintenance=await maintenance_store.approved_windows(connection, day.start, day.end),
        lineages=lineages_at(await path_store.read_paths(connection), to_us(day.end)),
        plans=await plan_store.plans_before(connection, day.end),
        offsets=await care_store.last_clock_checks(connection, day.start, day.end),
        ledgers=await history_store.filled_ledgers(connection),
        used=await history_store.used_cameras(connection, day.start, day.end),
        held={hold.camera_id for hold in await hold_store.list_holds(connection, now)},
    )


async def _exclusions(connection: Connection, day: SiteDay) -> Mapping[str, Sequence[ExcludedSpan]]:
    found: defaultdict[str, list[ExcludedSpan]] = defaultdict(list)
    for one in await decision_store.approved_between(connection, day.start, day.end):
        start, end = max(one.starts_at, day.start), min(one.ends_at or day.end, day.end)
        found[one.camera_id].append(ExcludedSpan((to_us(start), to_us(end)), one.why, one.approved_by or ""))
    return found


async def _area_facts(connection: Connection, day: SiteDay, now: datetime) -> list[AreaFact]:
    alerts = await history_store.alerts_raised(connection, day.start, day.end)
    tickets = await history_store.tickets_due(connection, day.start, day.end)
    rounds = await history_store.rounds_due(connection, day.start, day.end)
    return [
        *(AreaFact(id_, Rate.ALERTS, alert_handling(told, to_us(now))) for id_, told in alerts.items()),
        *(AreaFact(id_, Rate.TICKETS, ticket_closure(told, to_us(now))) for id_, told in tickets.items()),
        *(AreaFact(id_, Rate.PATROL, patrol_completion(told)) for id_, told in rounds.items()),
    ]


async def _read_recordings(database: Database, ids: Sequence[str], into: DayHistories) -> None:
    """What is in the index of some cameras; others may write between the pieces."""
    async with database.read() as connection:
        await _add_recordings(connection, ids, into)


async def _add_recordings(connection: Connection, ids: Sequence[str], into: DayHistories) -> None:
    into.recorded.update(await history_store.recorded_spans(connection, ids, into.day.start, into.day.end))
    into.oldest.update(await history_store.oldest_recordings(connection, ids))
