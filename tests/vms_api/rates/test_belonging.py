"""Areas that were moved in the tree count where they lay on each day."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from vms_api.areas import path_store
from vms_api.database import Database
from vms_api.database_place import DatabasePlace
from vms_api.rates.belonging import PastTrees

pytestmark = [pytest.mark.anyio, pytest.mark.both_databases]

ZONE = ZoneInfo("UTC")
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 12)
TOWNS, VILLAGES = ("a", "b"), ("v", "w", "x")


@pytest.fixture
async def database(database_place: DatabasePlace) -> AsyncIterator[Database]:
    opened = await Database.open(database_place)
    yield opened
    await opened.close()


async def lay(database: Database, at: datetime, **parents: str) -> None:
    """Each area under its parent from then on."""
    async with database.write() as transaction:
        paths = {
            name: f"/root/{name}/" if parent == "root" else f"/root/{parent}/{name}/"
            for name, parent in parents.items()
        }
        await path_store.lay(transaction, paths, at)


async def past(database: Database) -> PastTrees:
    async with database.read() as connection:
        return PastTrees.of(await path_store.read_paths(connection), FIRST, LAST, ZONE)


def moment(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_each_day_goes_by_the_tree_at_its_end(database: Database, seed: int) -> None:
    """Against a list of moves that is asked for every day, area and hour of the day by itself."""
    random, began = Random(seed), moment(1) - timedelta(days=9)
    moves = {village: [(began, "a")] for village in VILLAGES}
    await lay(database, began, a="root", b="root", **dict.fromkeys(VILLAGES, "a"))
    at = moment(1) - timedelta(days=2)
    for _ in range(8):
        at += timedelta(hours=random.randrange(1, 60))
        village, town = random.choice(VILLAGES), random.choice(TOWNS)
        moves[village] = [*moves[village], (at, town)]
        await lay(database, at, **{village: town})
    trees = await past(database)
    for ahead in range((LAST - FIRST).days + 1):
        end, day = moment(2) + timedelta(days=ahead), (FIRST + timedelta(days=ahead)).isoformat()
        for village in VILLAGES:
            parent = [town for since, town in moves[village] if since < end][-1]
            for town in TOWNS:
                assert trees.below(town).has(village, day) == (town == parent), (day, village)
                child = trees.children(town).get(village)
                assert (child is not None and child.has(village, day)) == (town == parent)
            assert trees.below("root").has(village, day)
            assert not trees.below("root", frozenset({"a"})).has(village, day)


async def test_an_area_that_came_later_counts_where_it_began(database: Database) -> None:
    """What it has of the days before comes from one that was removed, or from a clock that was put back."""
    await lay(database, moment(1), a="root", b="root")
    await lay(database, moment(9, 12), v="b")
    assert (await past(database)).below("b").has("v", "2026-03-02")


async def test_what_lay_below_a_removed_area_lay_below_the_one_above(database: Database) -> None:
    """The facts of the removed one pass there, too."""
    await lay(database, moment(1), a="root", b="root", v="a")
    await lay(database, moment(5), v="b")
    async with database.write() as transaction:
        await path_store.forget(transaction, "a")
    trees = await past(database)
    days = [name for name, where in trees.children("root").items() if where.has("v", "2026-03-02")]
    assert (days, trees.children("root").keys()) == (["v"], {"b", "v"})
    assert trees.children("b")["v"].has("v", "2026-03-05")
