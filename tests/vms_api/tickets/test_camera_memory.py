"""What is kept from look to look is what a look at everything would find."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.clock import START
from tests.vms_api.tickets.ticket_room import TicketRoom, camera, ticket_room
from vms_api.cameras import store as camera_store
from vms_api.cameras.health import CameraHealth, Fault, RecordingHealth, StreamHealth
from vms_api.cameras.health_board import HealthBoard
from vms_api.care import store as care_store
from vms_api.care.device import DeviceFacts, DeviceState, StreamSettings
from vms_api.database_place import DatabasePlace
from vms_api.ptz import store as link_store
from vms_api.ptz.command import DeviceLink
from vms_api.tickets import watch_store
from vms_api.tickets.camera_memory import CameraMemory
from vms_api.tickets.cause import Cause
from vms_api.tickets.followed_rows import FollowedRows
from vms_api.tickets.maintenance import MaintenanceWindow
from vms_api.tickets.reading import NOTHING_KNOWN, DeviceView, Verdicts, facts_of, verdicts_of

LINK = DeviceLink(address="192.0.2.9", profile_token="1", login="auto", unverified_tls=False)
SMALL, BIG = StreamSettings(codec="h264", width=640), StreamSettings(codec="h264", width=1920)


def health(state: str, recording: str | None = None, offset_s: float | None = None) -> CameraHealth:
    stream = {"role": "main", "state": state, "since": START, "clock_offset_s": offset_s}
    told = None if recording is None else RecordingHealth.model_validate({"state": recording, "since": START})
    streams = [StreamHealth.model_validate(stream)]
    return CameraHealth.model_validate({"state": state, "since": START, "streams": streams, "recording": told})


@pytest.mark.parametrize(
    ("told", "device", "expected"),
    [
        (None, NOTHING_KNOWN, Verdicts()),
        (health("unknown", "waiting"), NOTHING_KNOWN, Verdicts()),
        (health("closing"), NOTHING_KNOWN, Verdicts()),
        (health("live"), NOTHING_KNOWN, Verdicts(offline=False)),
        (health("live", "recording"), NOTHING_KNOWN, Verdicts(offline=False, not_recording=False)),
        (health("live", "waiting"), NOTHING_KNOWN, Verdicts(offline=False, not_recording=True)),
        (health("refused", "waiting"), NOTHING_KNOWN, Verdicts(offline=True)),
        (health("live", offset_s=-11.0), NOTHING_KNOWN, Verdicts(offline=False, clock=True)),
        (health("live", offset_s=7.0), NOTHING_KNOWN, Verdicts(offline=False)),
        (health("live", offset_s=5.0), NOTHING_KNOWN, Verdicts(offline=False, clock=False)),
        (health("live", offset_s=90.0), DeviceView(0.2), Verdicts(offline=False, clock=False)),
        (None, DeviceView(90.0, ("width",)), Verdicts(clock=True, drift=True)),
        (health("waiting", offset_s=90.0), DeviceView(None, ()), Verdicts(offline=True, drift=False)),
    ],
)
def test_what_is_said_of_a_camera(told: CameraHealth | None, device: DeviceView, expected: Verdicts) -> None:
    """By hand, with a limit of 10 s for clocks."""
    assert verdicts_of(told, device, 10.0) == expected


def test_what_is_told_of_a_fault():
    """The reason of each, from where it is known."""
    refused = health("refused")
    refused.streams[0].fault = Fault(code="login-refused", at=START)
    lost = health("live", "waiting", 90.04)
    assert lost.recording is not None
    lost.recording.reason = "disk-full"
    assert facts_of(Cause.OFFLINE, refused, NOTHING_KNOWN) == {"fault": "login-refused"}
    assert facts_of(Cause.NOT_RECORDING, lost, NOTHING_KNOWN) == {"reason": "disk-full"}
    assert facts_of(Cause.CLOCK, lost, NOTHING_KNOWN) == {"offset_s": 90.0}
    assert facts_of(Cause.DRIFT, lost, DeviceView(None, ("fps", "width"))) == {"differs": "fps, width"}


class Table:
    """A table as its store shows it; how often all of it was read."""

    def __init__(self):
        self.rows, self.whole = {}, 0

    async def mark(self, _connection):
        return watch_store.TimeMark.of(row.at_us for row in self.rows.values())

    async def since(self, _connection, at_us):
        self.whole += at_us == 0
        return [row for row in self.rows.values() if row.at_us >= at_us]


CHANGES = st.lists(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from(["put", "drop"]), st.integers(-3, 50)), max_size=4),
    max_size=12,
)


@given(CHANGES)
@pytest.mark.anyio
async def test_followed_rows_are_those_of_the_table(looks):
    """Whatever is put in, changed and taken out between two looks, also by a clock that was put back."""
    table, now = Table(), 1_000_000
    followed = FollowedRows(table.mark, table.since)
    for changes in looks:
        before = dict(table.rows)
        for name, act, ahead in changes:
            now += ahead if act == "put" else 0
            if act == "drop":
                table.rows.pop(name, None)
            elif all(row.at_us != now for row in table.rows.values()):  # every change has a time of its own
                table.rows[name] = watch_store.CameraRow(name, now, f"area {now}", name, "", enabled=True)
        changed = await followed.follow(None)
        assert dict(followed.rows) == table.rows
        assert changed == {n for n in {*before, *table.rows} if before.get(n) != table.rows.get(n)}


@pytest.mark.anyio
async def test_only_what_is_new_is_read():
    """Twenty rounds of changes to a table, and it is read as a whole once: when the process begins."""
    table = Table()
    followed = FollowedRows(table.mark, table.since)
    for number in range(1, 21):
        table.rows[f"{number % 4}"] = watch_store.CameraRow(f"{number % 4}", number, "", "", "", enabled=True)
        assert await followed.follow(None) == {f"{number % 4}"}
    assert table.whole == 1


@pytest.fixture
async def room(database_place: DatabasePlace) -> AsyncIterator[TicketRoom]:
    async with ticket_room(database_place) as opened:
        yield opened


async def change(room: TicketRoom, random: Random, board: dict[str, CameraHealth]) -> None:
    """Something that happens at a site, at a moment of its own."""
    room.clock.advance(1)
    now, camera_id = room.clock.now(), f"camera {random.randrange(12)}"
    async with room.database.write() as transaction:
        connection = transaction.connection
        found = await camera_store.find_camera(connection, camera_id)
        match random.randrange(7):
            case 0 if found is None:
                await camera_store.insert_camera(transaction, camera(camera_id, "north", "rtsp://192.0.2.7/", now))
            case 1 if found is not None:
                await camera_store.delete_camera(transaction, camera_id)
            case 2 if found is not None:
                moved = replace(found, area_id="south", enabled=random.random() < 0.7, updated_at=now)
                await camera_store.update_camera(transaction, moved)
            case 3 if found is not None:
                await link_store.set_link(transaction, camera_id, LINK)
                expected = random.choice([None, {"main": BIG.model_dump()}])
                await link_store.decide(transaction, camera_id, expected=expected)
            case 4 if found is not None:
                facts = DeviceFacts(streams={"main": random.choice([SMALL, BIG])})
                state = random.choice(["reachable", "unreachable"])
                offset_s = random.choice([None, 1.0, 60.0])
                await care_store.put_state(
                    transaction, camera_id, DeviceState(state, None, now, "mark", facts, offset_s, now)
                )
            case _:
                board[camera_id] = health(
                    random.choice(["live", "waiting", "unknown"]), random.choice([None, "waiting"])
                )


@pytest.mark.anyio
@pytest.mark.both_databases
@pytest.mark.parametrize("seed", [1, 2])
async def test_it_says_what_a_look_at_everything_says(room: TicketRoom, seed: int) -> None:
    """After each of many changes, beside a memory that knows nothing yet; and what may matter is not passed over."""
    random, board = Random(seed), dict[str, CameraHealth]()
    reported = HealthBoard(room.ground.events, room.clock)
    kept, tree = CameraMemory(reported, 10.0), room.ground.rights.index.tree
    await room.add_cameras(*(f"camera {number}" for number in range(8)))
    works = MaintenanceWindow(
        "w", "south", None, START, START + timedelta(seconds=60), "mains", START, approved_at=START
    )
    for _ in range(120):
        await change(room, random, board)
        if random.random() < 0.5:
            reported.report(board)
        fresh, now = CameraMemory(reported, 10.0), room.clock.now()
        windows = [works] if now < works.ends_at else []
        before = dict(kept.verdicts)
        async with room.database.read() as connection:
            await kept.refresh(connection, tree)
            await fresh.refresh(connection, tree)
        changed = set(await kept.judge(windows, now, ()))
        await fresh.judge(windows, now, ())
        assert (dict(kept.cameras), dict(kept.places)) == (dict(fresh.cameras), dict(fresh.places))
        assert kept.verdicts == fresh.verdicts
        assert changed >= {id_ for id_, said in kept.verdicts.items() if before.get(id_) != said or True in said}
    assert {True} <= {said for verdicts in kept.verdicts.values() for said in verdicts}
