"""When the node was heard, and facts with their versions, on both databases."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.fakes.clock import ManualClock
from tests.vms_api.rates import seeding
from vms_api.cameras.placement_store import camera_placements
from vms_api.database import Database, to_us
from vms_api.rates import fact_store, history_store, watch_store
from vms_api.rates.belonging import DaysBelow
from vms_api.rates.fact import AreaFact, CameraFact, DayFacts, ExcludedTime
from vms_api.rates.fact_store import FactQuery
from vms_api.rates.rate import CAMERA_RATES, Rate, Tally
from vms_api.rates.watch import NodeWatch
from vms_api.recordings import store as recording_store

pytestmark = [pytest.mark.anyio, pytest.mark.both_databases]

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY, OTHER = date(2026, 1, 1), date(2026, 1, 2)


def asked(first: date, last: date, *area_ids: str) -> FactQuery:
    """One span of days, in these areas or in all."""
    return FactQuery([DaysBelow(first.isoformat(), last.isoformat(), frozenset(area_ids) or None)])


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Watched:
    """A watch over a node that is there or not, by a clock that the test moves."""

    def __init__(self, database: Database) -> None:
        self.clock = ManualClock(START)
        self.up_since: datetime | None = START
        self._database = database
        self.watch = NodeWatch(database, self.clock, lambda: self.up_since)

    async def go_on(self, seconds: int) -> None:
        for _ in range(seconds // 10):
            self.clock.advance(10)
            await self.watch.look()

    async def spans(self) -> list[tuple[float, float]]:
        """In seconds since the start."""
        async with self._database.read() as connection:
            found = await watch_store.watches_between(connection, START, START + timedelta(days=1))
        return [((start - to_us(START)) / 1e6, (end - to_us(START)) / 1e6) for start, end in found]


async def test_silence_of_the_node_is_no_watch(database: Database) -> None:
    """Heard for 60 s, away for 100 s, back under a new start: the gap stays open."""
    watched = Watched(database)
    await watched.go_on(60)
    watched.up_since = None
    await watched.go_on(100)
    watched.up_since = watched.clock.now()
    await watched.go_on(30)
    assert await watched.spans() == [(0, 60), (160, 190)]


async def test_a_dead_control_process_has_heard_nothing(database: Database) -> None:
    """The process is gone for an hour; the new one begins with its own node."""
    watched = Watched(database)
    await watched.go_on(60)
    watched.clock.advance(3600)
    second = Watched(database)
    second.clock, second.up_since = watched.clock, watched.clock.now()
    second.watch = NodeWatch(database, second.clock, lambda: second.up_since)
    await second.go_on(20)
    assert await second.spans() == [(0, 60), (3660, 3680)]


@pytest.mark.parametrize("step", [600, -30])
async def test_a_step_of_the_clock_ends_the_watch(database: Database, step: int) -> None:
    """Forward: the skipped time is unknown. Back: nothing is known twice, and nothing in between is made up."""
    watched = Watched(database)
    await watched.go_on(60)
    watched.clock.step_wall(step)
    await watched.go_on(30)
    spans = await watched.spans()
    assert spans[0] == (0, 60) if step > 0 else spans == [(0, 60)]
    if step > 0:
        assert spans[1:] == [(60 + step + 10, 60 + step + 30)]


def fact(camera_id: str, area_id: str, online_us: int, *, used: int = 0, part: int = 0) -> CameraFact:
    """Ten seconds expected; networked, and used or not."""
    tallies = dict.fromkeys(CAMERA_RATES, Tally())
    tallies |= {Rate.ONLINE: Tally(online_us, 10, 10), Rate.PURPOSED_USE: Tally(used, 1, 1)}
    return CameraFact(camera_id, part, area_id, tallies, (ExcludedTime("power", "Li", 3),))


async def saved(database: Database, day: date, *facts: CameraFact, areas: tuple[AreaFact, ...] = ()) -> int:
    async with database.write() as transaction:
        told = DayFacts(tuple(facts), areas)
        return (await fact_store.save_day(transaction, day, told, "test", START)).version


async def test_what_differs_is_a_new_version_and_the_old_one_stays(database: Database) -> None:
    """One camera changes, one goes, an area's alerts change; the latest facts are summed, the former are kept."""
    alerts = (AreaFact("a", Rate.ALERTS, Tally(1, 2, 2)),)
    first = (fact("x", "a", 1), fact("y", "a", 2), fact("z", "b", 4))
    assert await saved(database, DAY, *first, areas=alerts) == 1
    assert await saved(database, DAY, *first, areas=alerts) == 1
    later = (AreaFact("a", Rate.ALERTS, Tally(2, 2, 2)),)
    assert await saved(database, DAY, fact("x", "a", 8), fact("y", "a", 2), areas=later) == 2
    assert await saved(database, DAY, fact("x", "a", 8), fact("y", "a", 2), areas=later) == 2
    async with database.read() as connection:
        totals = await fact_store.read_totals(connection, asked(DAY, DAY))
        versions = await fact_store.list_versions(connection, DAY)
        past = (await connection.execute(fact_store.rate_facts_past.select())).all()
        stored = await fact_store.read_day(connection, DAY)
    assert totals[Rate.ONLINE] == (10, 20, 20)
    assert totals[Rate.ALERTS] == (2, 2, 2)
    assert [(one.version, one.changed) for one in versions] == [(1, 4), (2, 3)]
    assert {(row.camera_id, row.version, row.contents["online_numerator"]) for row in past} == {
        ("x", 1, 1),
        ("z", 1, 4),
    }
    assert stored.cameras[0].excluded == (("power", "Li", 3),)


async def test_sums_by_area_and_day_and_distinct_uses(database: Database) -> None:
    """A camera used on two days and in two areas is one of two; sums keep areas and days apart."""
    await saved(database, DAY, fact("x", "a", 1, used=1), fact("y", "a", 2))
    await saved(database, OTHER, fact("x", "a", 3, used=1), fact("x", "b", 4, used=1, part=1), fact("y", "b", 5))
    both = asked(DAY, OTHER)
    async with database.read() as connection:
        totals = await fact_store.read_totals(connection, both)
        sums = await fact_store.read_sums(connection, both, Rate.ONLINE)
        only_b = await fact_store.read_totals(connection, asked(DAY, OTHER, "b"))
        left_out = await fact_store.read_excluded(connection, asked(DAY, DAY, "a"))
    assert totals[Rate.PURPOSED_USE] == (1, 2, 2)
    assert {(one.area_id, one.day): one.tally.numerator for one in sums} == {
        ("a", "2026-01-01"): 3,
        ("a", "2026-01-02"): 3,
        ("b", "2026-01-02"): 9,
    }
    assert only_b[Rate.ONLINE] == (9, 20, 20)
    assert left_out == [("x", ("power", "Li", 3)), ("y", ("power", "Li", 3))]


async def test_a_removed_area_leaves_its_facts_to_the_one_above(database: Database) -> None:
    """Camera facts and area facts, also where the heir has some of its own that day."""
    areas = (AreaFact("a", Rate.ALERTS, Tally(1, 2, 2)), AreaFact("b", Rate.ALERTS, Tally(3, 4, 4)))
    only = AreaFact("b", Rate.TICKETS, Tally(1, 1, 1))
    await saved(database, DAY, fact("x", "a", 1), fact("y", "b", 2), areas=(*areas, only))
    async with database.write() as transaction:
        await fact_store.hand_over(transaction, "b", "a")
    async with database.read() as connection:
        totals = await fact_store.read_totals(connection, asked(DAY, DAY, "a"))
    assert totals[Rate.ONLINE] == (3, 20, 20)
    assert totals[Rate.ALERTS] == (4, 6, 6)
    assert totals[Rate.TICKETS] == (1, 1, 1)


async def test_runs_of_many_cameras_are_those_of_each(database: Database) -> None:
    """Breaks, a run that reaches into the day, one that reaches out of it, and a camera without any."""
    minute = timedelta(minutes=1)
    day, ids = (START, START + timedelta(days=1)), ("x", "y", "z")
    async with database.write() as transaction:
        for id_ in ids:
            values = {"camera_id": id_, "since": 0, "area_id": "a", "enabled": True}
            await transaction.connection.execute(camera_placements.insert().values(values))
    await seeding.recorded(database, "x", START - minute / 2, 3)
    await seeding.recorded(database, "x", START + 10 * minute, 2)
    await seeding.recorded(database, "y", day[1] - minute / 2, 1)
    async with database.read() as connection:
        found = await history_store.recorded_spans(connection, ids, *day)
        oldest = await history_store.oldest_recordings(connection, ids)
        each = {id_: await recording_store.runs_between(connection, id_, *day) for id_ in ids}
    in_seconds = {id_: [((a - to_us(START)) / 1e6, (b - to_us(START)) / 1e6) for a, b in s] for id_, s in found.items()}
    assert in_seconds == {"x": [(-30, 150), (600, 720)], "y": [(86370, 86430)]}
    assert found.get("x") == [(to_us(run.started_at), to_us(run.ended_at)) for run in each["x"]]
    assert oldest == {"x": to_us(START - minute / 2), "y": to_us(day[1] - minute / 2)}
