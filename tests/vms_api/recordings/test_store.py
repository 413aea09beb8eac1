"""The index of segments on a real database."""

from datetime import timedelta
from random import Random

import pytest

from tests.vms_api.recordings.rows import CAMERA, VOLUME, at, segment
from vms_api.database import Database
from vms_api.recordings import gap_store, store
from vms_api.recordings.coverage import Run
from vms_api.recordings.gap import Gap
from vms_api.recordings.retention import Candidate, Deletion, DeletionRule
from vms_api.recordings.segment import Segment
from vms_api.recordings.store import DeletableQuery

pytestmark = pytest.mark.anyio


async def insert(database: Database, *found: Segment) -> list[bool]:
    async with database.write() as transaction:
        return [await store.insert_segment(transaction, one) for one in found]


async def discard(database: Database, *gone: Segment) -> None:
    deletions = [Deletion(Candidate.of(one), DeletionRule.AGE) for one in gone]
    async with database.write() as transaction:
        await store.discard(transaction, deletions, at(0))


async def runs(database: Database, start: float = 0, end: float = 60) -> list[tuple[float, float]]:
    async with database.read() as connection:
        found = await store.runs_between(connection, CAMERA, at(start), at(end))
    return [
        ((run.started_at - at(0)) / timedelta(minutes=1), (run.ended_at - at(0)) / timedelta(minutes=1))
        for run in found
    ]


async def test_what_goes_in_comes_out(database: Database) -> None:
    """Every field, the hash too."""
    one = segment(3, clock_offset_s=-1.5, profile="High", audio_codec="aac", recovered=True, reason="event")
    assert await insert(database, one) == [True]
    async with database.read() as connection:
        assert await store.find_segment(connection, one.recording_id) == one
        assert await store.segments_between(connection, CAMERA, at(3.5), at(3.6)) == [one]
        assert await store.segments_between(connection, CAMERA, at(4), at(5)) == []
        assert await store.segment_at(connection, CAMERA, at(900)) == one
        assert await store.recorded_cameras(connection) == [CAMERA]
        assert await store.oldest_at(connection, VOLUME) == at(3)
        assert await store.newest_at(connection, VOLUME) == at(3)


async def test_the_first_of_a_camera_go_in_at_once(database: Database) -> None:
    """By hand: three minutes without a break, and two more after a break of five, of which one is damaged."""
    first = [segment(minute) for minute in (0, 1, 2, 8)] + [segment(9, damaged=True)]
    async with database.write() as transaction:
        await store.insert_first_segments(transaction, first)
        await store.insert_first_segments(transaction, [])
    assert await runs(database) == [(0, 3), (8, 9), (9, 10)]


async def test_a_segment_is_taken_once(database: Database) -> None:
    """Told again it changes nothing; told again when it is to be deleted, it does not come back."""
    one = segment(0)
    assert await insert(database, one, one) == [True, False]
    await discard(database, one)
    assert await insert(database, one) == [False]
    async with database.read() as connection:
        assert [garbage.recording_id for garbage in await store.list_garbage(connection, 9)] == [one.recording_id]
        assert await store.garbage_bytes(connection) == {VOLUME: one.size_bytes}
    async with database.write() as transaction:
        await store.drop_garbage(transaction, [one.recording_id])
    async with database.read() as connection:
        assert await store.list_garbage(connection, 9) == []


async def test_runs_join_what_follows(database: Database) -> None:
    """Two seconds are no break, more is; a change of masks, damage or reason begins a run."""
    await insert(database, segment(0), segment(1 + 1.5 / 60), segment(2 + 5 / 60), segment(3 + 5 / 60, mask_version=1))
    async with database.read() as connection:
        found = await store.runs_between(connection, CAMERA, at(0), at(60))
        assert await store.short_breaks_s(connection, CAMERA, at(0), at(60)) == 1.5
    assert found == [
        Run(at(0), at(2 + 1.5 / 60)),
        Run(at(2 + 5 / 60), at(3 + 5 / 60)),
        Run(at(3 + 5 / 60), at(4 + 5 / 60), mask_version=1),
    ]


async def test_a_range_may_begin_inside_a_run(database: Database) -> None:
    """The first segment in reach begins it, whatever came before."""
    await insert(database, *(segment(minute) for minute in range(200)))
    assert (await runs(database, 190.5, 195.5))[0][1] == 196


async def test_a_run_breaks_where_something_was_deleted(database: Database) -> None:
    """In the middle, and at the beginning."""
    ten = [segment(minute) for minute in range(10)]
    await insert(database, *ten)
    assert await runs(database) == [(0, 10)]
    await discard(database, ten[0], ten[4], ten[5])
    assert await runs(database) == [(1, 4), (6, 10)]


@pytest.mark.parametrize("seed", range(5))
async def test_order_of_arrival_does_not_matter(database: Database, seed: int) -> None:
    """Late, recovered or found by a rebuild: the same runs."""
    ordered = [segment(minute) for minute in (0, 1, 2, 5, 6, 9)]
    shuffled = list(ordered)
    Random(seed).shuffle(shuffled)
    await insert(database, *shuffled)
    assert await runs(database) == [(0, 3), (5, 7), (9, 10)]


async def test_cameras_are_apart(database: Database) -> None:
    """Another camera's segments neither join nor break a run."""
    await insert(database, segment(0), segment(1, "camera-b"), segment(1))
    assert await runs(database) == [(0, 2)]
    async with database.read() as connection:
        assert await store.recorded_cameras(connection) == [CAMERA, "camera-b"]


async def test_damage_is_marked_and_the_hash_kept(database: Database) -> None:
    """What was written stays on record; the run says that it is damaged."""
    three = [segment(minute) for minute in range(3)]
    await insert(database, *three)
    async with database.write() as transaction:
        await store.mark_damaged(transaction, three[1])
    async with database.read() as connection:
        assert [run.damaged for run in await store.runs_between(connection, CAMERA, at(0), at(9))] == [
            False,
            True,
            False,
        ]
        damaged = await store.find_segment(connection, three[1].recording_id)
    assert damaged == three[1].model_copy(update={"damaged": True})


async def test_deletable_are_old_and_on_the_volume(database: Database) -> None:
    """The oldest first, as many as asked."""
    kept = [segment(0), segment(1, volume_id="volume-b"), segment(2), segment(3)]
    await insert(database, *kept)
    async with database.read() as connection:
        query = DeletableQuery(CAMERA, before=at(3), now=at(99))
        assert [one.started_at for one in await store.deletable(connection, query)] == [at(0), at(1), at(2)]
        query = DeletableQuery(CAMERA, before=at(3), now=at(99), volume_id=VOLUME, limit=1)
        assert [one.started_at for one in await store.deletable(connection, query)] == [at(0)]


async def test_a_gap_stays_ended(database: Database) -> None:
    """Its beginning delivered once more does not open it again; its real end replaces one that was assumed."""
    begun = Gap(id="g", camera_id=CAMERA, started_at=at(1), reason="camera-offline")
    for gap in (begun, begun.model_copy(update={"ended_at": at(2)}), begun):
        async with database.write() as transaction:
            await gap_store.put_gap(transaction, gap)
    async with database.read() as connection:
        assert [gap.ended_at for gap in await gap_store.gaps_between(connection, CAMERA, at(0), at(9))] == [at(2)]
        assert await gap_store.gaps_between(connection, CAMERA, at(2), at(9)) == []
        assert await gap_store.open_gaps(connection) == []
        assert await gap_store.last_gap_end(connection, CAMERA) == at(2)


async def test_a_run_ends_with_its_last_end(database: Database) -> None:
    """Not with the end of whatever began last: after the clock was set back, one segment lies inside another."""
    await insert(database, segment(0, duration_s=600), segment(1), segment(2, duration_s=5))
    assert await runs(database) == [(0, 10)]
