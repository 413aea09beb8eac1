"""Rates as they are asked for: counted, summed up, held against their targets, and with what they were counted from."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from ingest.clock import Clock
from vms_api.accounts.rights_board import RightsBoard
from vms_api.areas import path_store
from vms_api.areas.area import Area
from vms_api.audit.entry import Actor, AuditEntry, AuditKind, Place
from vms_api.audit.log import AuditLog
from vms_api.database import Connection, Database
from vms_api.rates import decision_store, fact_store
from vms_api.rates.belonging import NEVER, Belonging, PastTrees
from vms_api.rates.case import RateCase, in_order
from vms_api.rates.case_store import CaseQuery, read_cases
from vms_api.rates.counting import count_day, read_camera_day
from vms_api.rates.day import SiteDay, days_between, window_before
from vms_api.rates.day_histories import CountingGround
from vms_api.rates.errors import DayNotCountable
from vms_api.rates.evidence import Evidence, evidence_of
from vms_api.rates.fact import ExcludedTime
from vms_api.rates.fact_store import DayVersion, FactQuery
from vms_api.rates.rate import CAMERA_RATES, NOTHING, Excluded, Judging, Rate, RateValue, Tally, value_of
from vms_api.rates.rollup import Standing, Sums, TrendPoint, standings, with_below
from vms_api.rates.target import Target, TargetsIn, in_force, targets_of


@dataclass(frozen=True, slots=True)
class Window:
    """Days of the site's clocks, both counted, in these areas: the asked one and what the person may see below it."""

    area: Area
    area_ids: frozenset[str]
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class _Past:
    """A window with what lay below its area on its days, and below each of the areas that lay just below it."""

    window: Window
    below: Belonging
    children: Mapping[str, Belonging]

    @property
    def query(self) -> FactQuery:
        """As the facts are asked for; the whole site needs no list of its areas."""
        return FactQuery(self.below.spans)


class RateDesk:
    """Counts days and answers from what was counted."""

    def __init__(
        self, database: Database, ground: CountingGround, rights: RightsBoard, audit: AuditLog, clock: Clock
    ) -> None:
        self._database = database
        self._ground = ground
        self._rights = rights
        self._audit = audit
        self._clock = clock

    @property
    def zone(self) -> ZoneInfo:
        """Whose days are counted."""
        return self._ground.zone

    @property
    def min_coverage(self) -> float:
        """Share that must be known; below it there is no number."""
        return self._ground.rates.min_coverage

    def today(self) -> date:
        """The day that it is on the clocks of the site."""
        return self._clock.now().astimezone(self.zone).date()

    def earliest(self) -> date:
        """The first day whose recordings must still be there: earlier ones are not counted anew."""
        return self.today() - timedelta(days=max(1, self._ground.recording.retention_min_days))

    async def count(self, day: date, cause: str) -> DayVersion:
        """Counts a day, anew if it was counted before; what is the same makes no new version.

        Raises:
            DayNotCountable: it is not over, or too long ago.

        """
        asked, now = SiteDay.of(day, self.zone), self._clock.now()
        if asked.end > now:
            raise DayNotCountable("the day is not over")
        if day < self.earliest():
            raise DayNotCountable("its recordings may be deleted by now")
        facts = await count_day(self._database, self._ground, asked, now)
        async with self._database.write() as transaction:
            return await fact_store.save_day(transaction, day, facts, cause, now)

    async def rates(self, window: Window) -> list[RateValue]:
        """Every rate of the window with what was left out of it."""
        async with self._database.read() as connection:
            asked = (await self._past(connection, window)).query
            totals = await fact_store.read_totals(connection, asked)
            left_out = await fact_store.read_excluded(connection, asked)
            judging = await self._judging(connection, window.first, window.last)
        excluded, of_cameras = _excluded(left_out), set(CAMERA_RATES)
        values = [value_of(rate, totals.get(rate, NOTHING), judging) for rate in Rate]
        return [one.model_copy(update={"excluded": excluded}) if one.rate in of_cameras else one for one in values]

    async def league(self, window: Window, rate: Rate) -> list[Standing]:
        """The areas just below, ranked, against the window of the same length before.

        One that was moved within the window counts on the days on which it was there.
        """
        first, last = window_before(window.first, window.last)
        async with self._database.read() as connection:
            here = await self._past(connection, window)
            earlier = await self._past(connection, replace(window, first=first, last=last))
            now = await self._judged_sums(connection, here, rate)
            before = await self._judged_sums(connection, earlier, rate)
        tree = self._rights.index.tree
        then = earlier.children
        children = [
            (area, where, then.get(area_id, NEVER))
            for area_id, where in here.children.items()
            if not where.is_empty and (area := tree.find(area_id)) is not None
        ]
        return standings(children, rate, now, before, list(days_between(window.first, window.last)))

    async def trend(self, window: Window, rate: Rate) -> list[TrendPoint]:
        """The rate day by day."""
        async with self._database.read() as connection:
            past = await self._past(connection, window)
            sums = Sums(await fact_store.read_sums(connection, past.query, rate))
            judging = await self._judging(connection, window.first, window.last)
            counted = await fact_store.counted_days(connection, window.first, window.last)
        daily = sums.by_day(past.below)
        shares = {
            day: 1.0 if day in counted or judging.counted_share == 1 else 0.0
            for day in days_between(window.first, window.last)
        }
        return [
            TrendPoint(day=day, value=value_of(rate, daily.get(day, NOTHING), replace(judging, counted_share=share)))
            for day, share in shares.items()
        ]

    async def cameras(self, window: Window, rate: Rate) -> list[tuple[str, RateValue]]:
        """What each camera has of the rate, the worst first."""
        async with self._database.read() as connection:
            asked = (await self._past(connection, window)).query
            told = await fact_store.read_cameras(connection, asked, rate)
            left_out = await fact_store.read_excluded(connection, asked)
            judging = await self._judging(connection, window.first, window.last)
        tallies: defaultdict[str, Tally] = defaultdict(Tally)
        for camera_id, _, tally in told:
            tallies[camera_id] = tallies[camera_id].plus(tally)
        if rate is Rate.PURPOSED_USE:
            tallies = defaultdict(
                Tally, {id_: Tally(*(int(count > 0) for count in tally)) for id_, tally in tallies.items()}
            )
        excluded = _excluded(left_out)
        found = [
            (
                id_,
                value_of(rate, tally, judging).model_copy(
                    update={"excluded": [e for e in excluded if e.camera_id == id_]}
                ),
            )
            for id_, tally in tallies.items()
        ]
        return sorted(found, key=lambda one: (-_lost(one[1]), one[0]))

    async def cases(self, window: Window, rate: Rate) -> Sequence[RateCase]:
        """The rounds, alerts or tickets of a rate of areas, as they stand now; what costs first."""
        start, end = SiteDay.of(window.first, self.zone).start, SiteDay.of(window.last, self.zone).end
        asked = CaseQuery(window.area_ids, start, end, self._clock.now())
        async with self._database.read() as connection:
            return in_order(await read_cases(connection, rate, asked))

    async def evidence(self, camera_id: str, day: date) -> Evidence | None:
        """What the numbers of a camera and a day come from, as the histories say it now; None: it was not there."""
        asked = SiteDay.of(day, self.zone)
        async with self._database.read() as connection:
            found = await read_camera_day(connection, self._ground, asked, camera_id, self._clock.now())
            versions = await fact_store.list_versions(connection, day)
        return None if found is None else evidence_of(found, asked, versions)

    async def counted(self, first: date, last: date) -> Sequence[DayVersion]:
        """How each day of the window was counted last."""
        async with self._database.read() as connection:
            return list((await fact_store.counted_days(connection, first, last)).values())

    async def targets(self) -> list[Target]:
        """The target of every rate."""
        async with self._database.read() as connection:
            return targets_of(await decision_store.set_targets(connection))

    async def set_targets(self, body: TargetsIn, actor: Actor) -> list[Target]:
        """Sets targets; each change is recorded."""
        now = self._clock.now()
        async with self._database.write() as transaction:
            for given in body.targets:
                target = Target(**given.model_dump(), set_by=actor.username, set_at=now)
                await decision_store.put_target(transaction, target, now)
            detail = {given.rate.value: given.target for given in body.targets}
            await self._audit.record(transaction, AuditEntry(AuditKind.RATE_TARGET, actor, detail=detail))
            return targets_of(await decision_store.set_targets(transaction.connection))

    async def count_on_demand(self, day: date, actor: Actor) -> DayVersion:
        """Counts a day because somebody asks. Raises as `count`."""
        counted = await self.count(day, "asked")
        detail = {"day": day.isoformat(), "version": counted.version, "changed": counted.changed}
        place = Place(self._rights.index.tree.root.id)
        await self._audit.record_alone(AuditEntry(AuditKind.RATE_COUNT, actor, place, detail=detail))
        return counted

    async def _judging(self, connection: Connection, first: date, last: date) -> Judging:
        targets = in_force(await decision_store.set_targets(connection))
        began = await fact_store.first_counted(connection)
        first = max(first, began) if began is not None else first
        days = max(0, (last - first).days + 1)
        counted = await fact_store.counted_days(connection, first, last)
        return Judging(self._ground.rates.min_coverage, targets, len(counted) / days if days else 1.0)

    async def _judged_sums(self, connection: Connection, past: _Past, rate: Rate) -> tuple[Sums, Judging]:
        uses = await fact_store.read_uses(connection, past.query) if rate is Rate.PURPOSED_USE else None
        sums = Sums(await fact_store.read_sums(connection, past.query, rate), uses)
        return sums, await self._judging(connection, past.window.first, past.window.last)

    async def _past(self, connection: Connection, window: Window) -> _Past:
        """What lay below the asked area on the days of the window, as far as the person sees it.

        Who sees all of the area sees in its numbers what belonged to it then.
        """
        tree = self._rights.index.tree
        paths = await path_store.read_paths(connection)
        trees = PastTrees.of(paths, window.first, window.last, self.zone)
        only = None if window.area_ids >= with_below(tree, window.area) else window.area_ids
        below = trees.below(window.area.id, only)
        if only is None and window.area.parent_id is None:
            below = Belonging([span._replace(area_ids=None) for span in below.spans])
        return _Past(window, below, trees.children(window.area.id, only))


def _lost(value: RateValue) -> float:
    return value.denominator - value.numerator


def _excluded(entries: Sequence[tuple[str, ExcludedTime]]) -> list[Excluded]:
    """The excluded times of each camera and reason, all days together."""
    sums: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for camera_id, entry in entries:
        sums[camera_id, entry.why, entry.approved_by] += entry.length_us
    return [
        Excluded(camera_id=camera_id, seconds=length / 1e6, why=why, approved_by=approved_by)
        for (camera_id, why, approved_by), length in sorted(sums.items())
    ]
