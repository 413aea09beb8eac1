"""What has to last before it counts, and cameras that went together."""

from hypothesis import given
from hypothesis import strategies as st

from vms_api.tickets.cause import Cause
from vms_api.tickets.fold import Together, Whereabouts, together
from vms_api.tickets.standing import Change, Concern, Standings

GATE = Concern("camera:gate", Cause.OFFLINE)
AFTER, CLEAR = 10, 5


def test_only_what_lasts_counts():
    """By hand, a reading a minute: nine minutes are a blip, ten are a fault, and five of being well end it."""
    standings = Standings(AFTER, CLEAR)
    told = [standings.see(GATE, minute, is_wrong=minute != 9) for minute in range(20)]
    assert told == [None] * 20
    told = [standings.see(GATE, minute, is_wrong=True) for minute in range(20, 30)]
    assert told == [Change.FOUND, *[None] * 9]
    told = [standings.see(GATE, minute, is_wrong=minute == 33) for minute in range(30, 40)]
    assert told == [*[None] * 9, Change.CLEARED]


@given(st.lists(st.sampled_from([True, False, None]), max_size=80))
def test_it_changes_when_the_last_readings_say_so_without_a_break(readings):
    """Against a look back over all readings since the last change."""
    standings, stands, since = Standings(AFTER, CLEAR), False, 0
    for minute, reading in enumerate(readings):
        change = standings.see(GATE, minute, is_wrong=reading)
        lasting = (CLEAR if stands else AFTER) + 1
        run = readings[max(since, minute - lasting + 1) : minute + 1]
        expected = len(run) == lasting and all(each is not None and each is not stands for each in run)
        assert (change is not None) == expected
        if expected:
            stands, since = not stands, minute + 1
            assert change is (Change.FOUND if stands else Change.CLEARED)
        assert standings.is_wrong(GATE) is stands


def places(**areas):
    """Cameras of two villages of a town; their host is what follows the area."""
    return {
        camera_id: Whereabouts(("town", *where.split("@")[0].split("/")), where.partition("@")[2])
        for camera_id, where in areas.items()
    }


def village(name, size, hosts=""):
    return {f"{name}{number}": f"{name}@{hosts or f'{name}{number}'}" for number in range(size)}


def test_a_village_that_goes_has_one_ticket():
    """Eight of nine are gone; the ninth, and the camera of the other village, are not meant."""
    cameras = places(**village("north", 9), **village("south", 9))
    gone = [f"north{number}" for number in range(8)]
    assert together(gone[:3], gone, cameras, 5, 0.8) == [Together(tuple(gone), area_id="north")]


def test_a_town_that_goes_has_one_ticket_for_all():
    """A thousand cameras at once: whoever looks at the desk sees one line."""
    cameras = places(**village("north", 500), **village("south", 500))
    (group,) = together(cameras, cameras, cameras, 5, 0.8)
    assert (group.area_id, len(group.camera_ids)) == ("town", 1000)


def test_cameras_on_one_recorder_have_one_ticket():
    """Four channels behind one address; a single camera elsewhere has its own."""
    cameras = places(**village("north", 4, hosts="192.0.2.9"), **village("south", 9))
    gone = ["north0", "north1", "north2", "north3", "south4"]
    folded = together(gone, gone, cameras, 5, 0.8)
    assert folded == [Together(tuple(gone[:4]), host="192.0.2.9"), Together(("south4",))]


def test_too_few_and_too_small_a_share_are_cameras_by_themselves():
    """Four that are all of a small village, and five of nine."""
    few = places(**village("north", 4), **village("south", 9))
    gone = [f"north{number}" for number in range(4)]
    assert together(gone, gone, few, 5, 0.8) == [Together((camera_id,)) for camera_id in gone]
    half = [f"south{number}" for number in range(5)]
    assert together(half, half, few, 5, 0.8) == [Together((camera_id,)) for camera_id in half]


@given(
    st.dictionaries(
        st.integers(0, 30).map(lambda number: f"c{number}"),
        st.tuples(st.sampled_from(["north", "south"]), st.sampled_from(["a", "b", "", "c"])),
    ),
    st.data(),
)
def test_each_found_camera_is_in_exactly_one_group(where, data):
    """And nobody that is not away is in any."""
    cameras = {id_: Whereabouts(("town", area), host) for id_, (area, host) in where.items()}
    away = set(data.draw(st.lists(st.sampled_from(sorted(where)), unique=True)) if where else [])
    found = set(data.draw(st.lists(st.sampled_from(sorted(away)), unique=True)) if away else [])
    members = [id_ for group in together(found, away, cameras, 5, 0.8) for id_ in group.camera_ids]
    assert len(members) == len(set(members))
    assert found <= set(members) <= away
