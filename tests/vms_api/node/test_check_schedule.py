"""Every camera has its turn, none has two, and who hurries comes first."""

from hypothesis import given
from hypothesis import strategies as st

from vms_api.node.check_schedule import CheckSchedule

HOUR_S = 3600.0


def all_due(schedule: CheckSchedule, now_s: float) -> list[str]:
    found = []
    while (camera_id := schedule.take(now_s)) is not None:
        found.append(camera_id)
    return found


def test_new_cameras_come_one_after_the_other():
    """A hundred at a tenth of a second each; of ten thousand all have been looked at within the hour."""
    schedule = CheckSchedule(HOUR_S)
    schedule.keep([f"c{number}" for number in range(100)], 50.0)
    assert all_due(schedule, 50.0) == ["c0"]
    assert all_due(schedule, 50.51) == ["c1", "c2", "c3", "c4", "c5"]
    assert len(all_due(schedule, 60.0)) == 94
    assert schedule.wait_s(60.0) is None
    many = CheckSchedule(100.0)
    many.keep([f"c{number}" for number in range(10_000)], 0.0)
    assert len(all_due(many, 100.0)) == 10_000


def test_a_camera_under_a_look_has_no_second_turn():
    """Neither when somebody asks for it now, nor before it is put back."""
    schedule = CheckSchedule(HOUR_S)
    schedule.keep(["gate"], 0.0)
    assert schedule.take(0.0) == "gate"
    schedule.hasten("gate", 0.0)
    assert schedule.take(10_000.0) is None
    schedule.put("gate", 20.0)
    assert schedule.wait_s(5.0) == 15.0
    assert schedule.take(20.0) == "gate"


def test_who_is_hastened_comes_sooner_and_only_once():
    """And nobody is put off by being hastened."""
    schedule = CheckSchedule(HOUR_S)
    schedule.keep(["gate", "yard"], 0.0)
    assert all_due(schedule, 1.0) == ["gate", "yard"]
    schedule.put("gate", 100.0)
    schedule.put("yard", 200.0)
    schedule.hasten("yard", 10.0)
    schedule.hasten("gate", 500.0)
    assert all_due(schedule, 50.0) == ["yard"]
    assert all_due(schedule, 300.0) == ["gate"]


def test_a_camera_that_is_gone_has_no_turn():
    """Not even when a look at it ends after it was removed."""
    schedule = CheckSchedule(HOUR_S)
    schedule.keep(["gate", "yard"], 0.0)
    assert schedule.take(0.0) == "gate"
    schedule.keep(["lane"], 1.0)
    schedule.put("gate", 2.0)
    assert all_due(schedule, 10.0) == ["lane"]


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 5), st.floats(0, 1000)),
        st.tuples(st.just("hasten"), st.integers(0, 5), st.floats(0, 1000)),
        st.tuples(st.just("take"), st.just(0), st.floats(0, 1000)),
    ),
    max_size=200,
)


@given(ACTS)
def test_it_does_as_a_plain_table_does(acts: list[tuple[str, int, float]]):
    """Whatever is asked in whatever order: the same as a table that is searched through each time."""
    names = [f"c{number}" for number in range(6)]
    schedule, table = CheckSchedule(0.0), dict.fromkeys(names, 0.0)
    schedule.keep(names, 0.0)
    for act, number, at_s in acts:
        name = names[number]
        if act == "put":
            schedule.put(name, at_s)
            table[name] = at_s
        elif act == "hasten":
            schedule.hasten(name, at_s)
            if name in table:
                table[name] = min(table[name], at_s)
        else:
            due = {one for one, due_s in table.items() if due_s == min(table.values()) and due_s <= at_s}
            taken = schedule.take(at_s)
            assert taken in due if due else taken is None
            table.pop(taken or "", None)
        assert schedule.wait_s(0.0) == (min(table.values()) if table else None)


def test_asking_again_and_again_costs_no_memory():
    """What was put off or hastened leaves nothing behind for long."""
    schedule = CheckSchedule(HOUR_S)
    schedule.keep(["gate"], 0.0)
    for number in range(10_000):
        schedule.put("gate", 10_000.0 - number)
    assert len(schedule._heap) < 100
