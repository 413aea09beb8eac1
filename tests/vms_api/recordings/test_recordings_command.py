"""`xueliang recordings` against real files and a real database."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from ingest.clock import SystemClock
from ingest.recording.segment import SegmentInfo
from ingest.recording.volume import VolumePlace, claim
from tests.conftest import MakeClip
from tests.fakes.postgresql import PostgresServer
from tests.fakes.segment import STARTED_AT, clip_packets, write_segment
from vms_api.audit.store import AuditQuery, list_rows
from vms_api.commands.recordings import recordings_app
from vms_api.data_folder import data_folder
from vms_api.database import Connection, Database, Transaction
from vms_api.database_place import DatabasePlace, DatabaseServer
from vms_api.recordings import gap_store, store, volume_store
from vms_api.recordings.retention import Candidate, Deletion, DeletionRule
from vms_api.recordings.segment import Segment
from vms_api.recordings.volume import VolumeState


@dataclass
class Site:
    """A stopped site with one volume. `infos` are its recordings, a minute apart, all in the index."""

    folder: Path
    database: DatabasePlace
    volume_id: str
    infos: list[SegmentInfo]

    @property
    def volume(self) -> Path:
        return self.folder / "data" / "recordings"

    def path(self, number: int) -> Path:
        return self.volume / self.infos[number].path

    def run(self, command: str, *options: str) -> Result:
        return CliRunner().invoke(recordings_app, [command, "--config", str(self.folder / "site.toml"), *options])

    def write(self, act: Callable[[Transaction], object]) -> None:
        async def acted() -> None:
            database = await Database.open(self.database)
            async with database.write() as transaction:
                await act(transaction)  # type: ignore[misc]
            await database.close()

        asyncio.run(acted())

    def read(self, ask: Callable[[Connection], object]) -> object:
        async def asked() -> object:
            database = await Database.open(self.database)
            async with database.read() as connection:
                answer = await ask(connection)  # type: ignore[misc]
            await database.close()
            return answer

        return asyncio.run(asked())

    def segments(self) -> list[Segment]:
        day = timedelta(days=1)
        return self.read(lambda c: store.segments_between(c, "cam", STARTED_AT - day, STARTED_AT + day))  # type: ignore[return-value]


@pytest.fixture
def site(make_clip: MakeClip, tmp_path: Path, database_place: DatabasePlace) -> Site:
    volume = tmp_path / "data" / "recordings"
    volume_id = claim(VolumePlace("recordings", volume, None, 0), None, SystemClock().now())
    packets = clip_packets(make_clip(seconds=2.0, gop=10))
    starts = [STARTED_AT + timedelta(minutes=number) for number in range(4)]
    infos = [write_segment(volume, packets, started_at=start, volume_id=volume_id) for start in starts]
    if isinstance(database_place, DatabaseServer):
        settings = f'[storage]\ndatabase_url = "{database_place.url}"\n'
        database = database_place
    else:
        settings = ""
        database = database_place.rename(volume.with_name(database_place.name))
    (tmp_path / "site.toml").write_text(settings)
    site = Site(tmp_path, database, volume_id, infos)

    async def fill(transaction: Transaction) -> None:
        state = VolumeState(volume_id=volume_id, name="recordings", state="ok", at=datetime.now(UTC))
        await volume_store.put_volume(transaction, state)
        for info in infos:
            await store.insert_segment(transaction, Segment.model_validate(asdict(info)))

    site.write(fill)
    return site


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 0xFF
    path.write_bytes(data)


@pytest.mark.both_databases
def test_a_whole_site_is_ok(site: Site) -> None:
    """Also when every file is read."""
    for options in ((), ("--hash",), ("--repair",)):
        result = site.run("check", *options)
        assert (result.exit_code, result.output) == (0, "OK 4 rows, 4 files, 0 left to mend\n")


@pytest.mark.both_databases
def test_everything_that_does_not_fit_is_found_and_mended(site: Site) -> None:
    """A file that is gone, one cut short, one with a flipped bit, one that the index does not know."""
    site.path(0).unlink()
    site.path(1).write_bytes(site.path(1).read_bytes()[:-700])
    flip(site.path(2), -300)
    orphan = site.infos[3]
    site.write(lambda t: store.delete_segments(t, [Candidate.of(Segment.model_validate(asdict(orphan)))]))
    result = site.run("check")
    assert result.exit_code == 1
    kinds = {line.split()[0] for line in result.output.splitlines()[:-1]}
    assert kinds == {"missing-file", "wrong-size", "pending-file"}
    result = site.run("check", "--hash")
    kinds = {line.split()[0] for line in result.output.splitlines()[:-1]}
    assert kinds == {"missing-file", "wrong-size", "wrong-hash", "pending-file"}

    result = site.run("check", "--hash", "--repair")
    assert (result.exit_code, result.output.splitlines()[-1]) == (0, "OK 3 rows, 3 files, 0 left to mend")
    assert sum(line.startswith("mended  ") for line in result.output.splitlines()) == 4
    found = {segment.recording_id: segment for segment in site.segments()}
    assert {name: segment.damaged for name, segment in found.items()} == {
        site.infos[1].recording_id: True,
        site.infos[2].recording_id: True,
        site.infos[3].recording_id: False,
    }
    assert found[site.infos[1].recording_id].sha256 == site.infos[1].sha256
    assert found[site.infos[3].recording_id] == Segment.model_validate(asdict(orphan))
    (gap,) = site.read(lambda c: gap_store.gaps_between(c, "cam", STARTED_AT, STARTED_AT + timedelta(hours=1)))  # type: ignore[misc,attr-defined]
    assert (gap.reason, gap.started_at) == ("disk-error", site.infos[0].started_at)
    assert site.run("check", "--hash").exit_code == 0
    (row,) = site.read(lambda c: list_rows(c, AuditQuery(kind="recording.repair")))  # type: ignore[misc,attr-defined]
    assert json.loads(row.body)["detail"] == {"volume": "recordings", "findings": 4, "left": 0}


@pytest.mark.both_databases
def test_overlapping_times_are_noted(site: Site, make_clip: MakeClip) -> None:
    """After a step of the clock that is how it is: a note, no fault, nothing to mend."""
    packets = clip_packets(make_clip(seconds=2.0, gop=10))
    start = site.infos[1].started_at + timedelta(seconds=0.5)
    twice = write_segment(site.volume, packets, started_at=start, volume_id=site.volume_id)
    site.write(lambda t: store.insert_segment(t, Segment.model_validate(asdict(twice))))
    result = site.run("check", "--repair")
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        f"overlap  {site.volume / twice.path}: begins 1.5 s before the one before it has ended",
        "OK 5 rows, 5 files, 0 left to mend",
    ]


def test_what_waits_to_be_deleted_is_no_orphan(site: Site) -> None:
    """Its file goes when the node is back; a rebuild does not bring it back either."""
    gone = Deletion(Candidate.of(Segment.model_validate(asdict(site.infos[0]))), DeletionRule.AGE)
    site.write(lambda t: store.discard(t, [gone], STARTED_AT))
    assert site.run("check").output == "OK 3 rows, 4 files, 0 left to mend\n"
    assert site.run("rebuild").exit_code == 0
    assert len(site.segments()) == 3


def test_files_that_are_none_of_ours_are_left_alone(site: Site) -> None:
    """They are named and stay: whoever put them there must say what they are."""
    stranger = site.path(0).with_name("holiday.mp4")
    stranger.write_bytes(b"not a recording")
    result = site.run("check", "--repair")
    assert result.exit_code == 1
    assert f"left  {stranger}" in result.output
    assert stranger.read_bytes() == b"not a recording"


def test_an_old_file_that_the_index_has_not_is_an_orphan(site: Site) -> None:
    """No node tells of it any more: only a repair takes it in."""
    orphan = Segment.model_validate(asdict(site.infos[0]))
    site.write(lambda t: store.delete_segments(t, [Candidate.of(orphan)]))
    old = site.volume / orphan.camera_id / "2020-01-01" / "00"
    old.mkdir(parents=True)
    site.path(0).rename(old / site.path(0).name)
    result = site.run("check")
    assert result.exit_code == 1
    assert "orphan-file" in result.output
    assert site.run("check", "--repair").exit_code == 0
    assert site.run("check", "--hash").exit_code == 0


def test_an_unfinished_file_is_finished(site: Site) -> None:
    """What a killed node left: cut at the last whole fragment, and in the index."""
    whole = site.path(3)
    part = whole.with_name(f"{whole.name}.part")
    whole.rename(part)
    with part.open("r+b") as file:
        file.truncate(part.stat().st_size * 3 // 4)
    orphan = Segment.model_validate(asdict(site.infos[3]))
    site.write(lambda t: store.delete_segments(t, [Candidate.of(orphan)]))
    result = site.run("check")
    assert result.exit_code == 0  # the latest of its camera: its node mends it at its next start
    assert f"pending-file  {part}" in result.output
    assert site.run("check", "--repair").exit_code == 0
    (found,) = [segment for segment in site.segments() if segment.recording_id == orphan.recording_id]
    assert found.recovered
    assert 0 < found.duration_s < orphan.duration_s
    assert site.run("check", "--hash").exit_code == 0


@pytest.mark.parametrize("damage", ["identity", "folder"])
def test_a_volume_that_is_not_there_costs_no_row(site: Site, damage: str) -> None:
    """An unmounted disk is not taken for one whose files are lost; nothing is made in its place."""
    if damage == "identity":
        (site.volume / "volume.json").write_text(json.dumps({"id": "other", "format": 1}))
    else:
        site.volume.rename(site.folder / "unmounted")
    for options in ((), ("--repair",)):
        result = site.run("check", *options)
        assert result.exit_code == 1
        assert result.output.startswith("volume-gone  ")
    assert site.run("rebuild").exit_code == 1
    assert len(site.segments()) == 4
    assert site.volume.exists() == (damage == "identity")


@pytest.mark.both_databases
def test_the_index_is_made_anew_from_the_files(site: Site, request: pytest.FixtureRequest) -> None:
    """A lost database: every row comes back as it was, and the volume is known again."""
    before = site.segments()
    if isinstance(site.database, DatabaseServer):
        server: PostgresServer = request.getfixturevalue("postgresql")
        site.database = server.new_database()
        (site.folder / "site.toml").write_text(f'[storage]\ndatabase_url = "{site.database.url}"\n')
    else:
        for path in site.volume.parent.glob("xueliang.db*"):
            path.unlink()
    result = site.run("rebuild")
    assert (result.exit_code, result.output) == (0, "recordings: 4 files taken into the index, 0 cannot be read\n")
    assert site.segments() == before
    assert site.read(volume_store.volume_ids) == {"recordings": site.volume_id}
    assert "0 files taken" in site.run("rebuild").output
    assert site.run("check", "--hash").exit_code == 0


@pytest.mark.both_databases
def test_a_running_server_is_not_disturbed(site: Site) -> None:
    """Looking is allowed, mending and rebuilding are not."""
    site.path(0).unlink()
    with data_folder(site.folder / "data"):
        assert site.run("check").exit_code == 1
        assert site.run("check", "--repair").exit_code == 2
        assert site.run("rebuild").exit_code == 2
    assert len(site.segments()) == 4


def test_no_index_is_no_good_index(tmp_path: Path) -> None:
    """Exit status 2: there is nothing to be checked, and nothing is made."""
    (tmp_path / "site.toml").write_text("")
    result = CliRunner().invoke(recordings_app, ["check", "--config", str(tmp_path / "site.toml")])
    assert result.exit_code == 2
    assert not (tmp_path / "data").exists()


def test_a_server_that_does_not_answer_is_named_without_its_password(tmp_path: Path) -> None:
    """Exit status 2, and what to look at."""
    url = "postgresql://xueliang:canary@127.0.0.1:1/site"
    (tmp_path / "site.toml").write_text(f'[storage]\ndatabase_url = "{url}"\n')
    result = CliRunner().invoke(recordings_app, ["check", "--config", str(tmp_path / "site.toml")])
    assert result.exit_code == 2
    assert "postgresql://127.0.0.1:1/site" in result.output
    assert "canary" not in result.output
