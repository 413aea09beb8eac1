"""Open alerts as time goes by: every step, and none too many."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.clock import START
from vms_api.alerts.alert import Alert
from vms_api.alerts.lifecycle import AlertState
from vms_api.dispatch.escalation import (
    STAGES,
    Standing,
    answered,
    gone_on,
    moved,
    next_look,
    passed_up,
    placed,
    reopened,
)
from vms_api.dispatch.plan import Plan, Rung

MINUTE = timedelta(minutes=1)
PLAN = Plan(5 * MINUTE, 60 * MINUTE, 10 * MINUTE)
VILLAGE, TOWNSHIP, CITY = Rung("v", "Village"), Rung("t", "Township"), Rung("c", "City")
LADDER = (VILLAGE, TOWNSHIP, CITY)

spans = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=400))
plans = st.builds(
    lambda first, more, remind: Plan(first, first + more, remind),
    st.timedeltas(min_value=timedelta(seconds=10), max_value=timedelta(days=7)),
    spans,
    st.none() | st.timedeltas(min_value=MINUTE, max_value=timedelta(days=7)),
)
ladders = st.lists(st.booleans(), min_size=1, max_size=5).map(
    lambda manned: tuple(Rung(f"c{index}", f"Centre {index}", is_manned) for index, is_manned in enumerate(manned))
)
OPEN = sorted(STAGES)


def alert(state: AlertState = AlertState.NEW) -> Alert:
    return Alert(
        id="a",
        area_id="v",
        camera_id="cam",
        camera_name="Weir",
        rule_id="r",
        rule_name="Night",
        kind="intrusion",
        severity="high",
        label="person",
        score=0.9,
        box=(0, 0, 1, 1),
        state=state,
        raised_at=START,
        frame_received_at=START,
        stored_at=START,
        has_evidence=False,
        instructions="",
        incident_id="a",
        last_at=START,
    )


def rest(standing: Standing, ladder: Sequence[Rung]) -> Sequence[Rung]:
    """The ladder from the centre that answers."""
    return ladder[[rung.id for rung in ladder].index(standing.alert.centre_id) :]


def later(standing: Standing, ladder: Sequence[Rung], now: datetime) -> Standing:
    return gone_on(replace(standing, steps=()), rest(standing, ladder), now)


def told(standing: Standing) -> list[tuple[str, str, str, str]]:
    return [(step.act, step.reason, step.origin.id, step.goal.id) for step in standing.steps]


def test_what_nobody_acknowledges_goes_up_centre_by_centre() -> None:
    """Each centre has the whole time; the topmost keeps it, overdue, and is reminded ever more rarely."""
    standing = placed(alert(), PLAN, LADDER, START)
    assert (standing.alert.centre_name, standing.alert.level, standing.alert.overdue) == ("Village", 0, None)
    assert (standing.alert.acknowledge_by, standing.alert.resolve_by) == (START + 5 * MINUTE, START + 60 * MINUTE)
    seen = []
    for _ in range(7):
        at = next_look(standing, rest(standing, LADDER), standing.timer.began_at if not seen else seen[-1][0])
        assert at is not None
        standing = later(standing, LADDER, at)
        seen.append((at, told(standing)))
    assert [((at - START) // MINUTE, steps) for at, steps in seen] == [
        (5, [("escalate", "not-acknowledged", "v", "t")]),
        (10, [("escalate", "not-acknowledged", "t", "c")]),
        (15, []),
        (20, [("remind", "not-acknowledged", "c", "c")]),
        (40, [("remind", "not-acknowledged", "c", "c")]),
        (80, [("remind", "not-acknowledged", "c", "c")]),
        (160, [("remind", "not-acknowledged", "c", "c")]),
    ]
    assert (standing.alert.overdue, standing.alert.level) == ("acknowledge", 2)


def test_the_topmost_centre_is_told_once_when_it_misses_the_time() -> None:
    """Nobody is above: it is marked, told at once, and reminded from then on."""
    standing = placed(alert(), PLAN, (CITY,), START)
    standing = later(standing, (CITY,), START + 5 * MINUTE)
    assert (told(standing), standing.alert.overdue) == ([("remind", "not-acknowledged", "c", "c")], "acknowledge")
    assert later(standing, (CITY,), START + 5 * MINUTE).steps == ()
    assert next_look(standing, (CITY,), START + 5 * MINUTE) == START + 15 * MINUTE


def test_without_reminders_the_clock_is_done_at_the_top() -> None:
    """It stays overdue, and nobody has to look again."""
    standing = placed(alert(), replace(PLAN, remind_every=None), (CITY,), START)
    standing = later(standing, (CITY,), START + 5 * MINUTE)
    assert standing.alert.overdue == "acknowledge"
    assert next_look(standing, (CITY,), START + 5 * MINUTE) is None


def test_nobody_on_duty_is_passed_over_at_once() -> None:
    """From raising on, past all empty centres; at an empty top it stays and says so."""
    empty = [replace(rung, is_manned=False) for rung in LADDER]
    standing = placed(alert(), PLAN, (empty[0], empty[1], CITY), START)
    assert told(standing) == [("escalate", "nobody-on-duty", "v", "t"), ("escalate", "nobody-on-duty", "t", "c")]
    assert (standing.alert.centre_id, standing.alert.level, standing.alert.overdue) == ("c", 2, None)
    assert told(placed(alert(), PLAN, empty, START))[-1] == ("remind", "nobody-on-duty", "c", "c")
    assert told(placed(alert(), PLAN, empty[2:], START)) == [("remind", "nobody-on-duty", "c", "c")]


def test_the_end_of_a_shift_without_the_next_is_a_time_to_look() -> None:
    """The alert goes up when the last one leaves, not when its time is over."""
    until = START + 2 * MINUTE
    standing = placed(alert(), PLAN, (replace(VILLAGE, manned_until=until), CITY), START)
    assert next_look(standing, (replace(VILLAGE, manned_until=until), CITY), START) == until
    standing = later(standing, (replace(VILLAGE, is_manned=False), CITY), until)
    assert told(standing) == [("escalate", "nobody-on-duty", "v", "c")]
    assert standing.alert.acknowledge_by == until + 5 * MINUTE


def test_who_has_it_in_hand_is_not_passed_over_but_may_be_late() -> None:
    """A gap of the roster takes nothing away from its owner; a missed time takes it up, and the owner stays."""
    standing = placed(alert(), PLAN, LADDER, START)
    taken = {"state": AlertState.ACKNOWLEDGED, "owner_id": "u", "owner": "wang"}
    standing = answered(replace(standing, alert=standing.alert.model_copy(update=taken)))
    empty = (replace(VILLAGE, is_manned=False), TOWNSHIP, CITY)
    assert later(standing, empty, START + 30 * MINUTE).steps == ()
    standing = later(standing, empty, START + 60 * MINUTE)
    assert told(standing) == [("escalate", "not-resolved", "v", "t")]
    assert (standing.alert.owner, standing.alert.overdue) == ("wang", "resolve")


def test_sent_back_it_has_new_times() -> None:
    """The centre and the owner stay."""
    standing = placed(alert(), PLAN, LADDER, START)
    again = standing.alert.model_copy(update={"state": AlertState.REOPENED, "overdue": None})
    anew = reopened(again, PLAN, START + timedelta(days=3))
    assert (anew.alert.resolve_by, anew.alert.centre_id) == (START + timedelta(days=3) + 60 * MINUTE, "v")
    assert later(anew, LADDER, START + timedelta(days=3)).steps == ()


def test_passing_up_by_hand_hides_no_delay() -> None:
    """What was missed stays marked until somebody answers."""
    late = later(placed(alert(), PLAN, LADDER, START), LADDER, START + 5 * MINUTE)
    assert passed_up(late, (TOWNSHIP, CITY), START + 6 * MINUTE).alert.overdue == "acknowledge"
    assert answered(late).alert.overdue is None


@given(plans, ladders, st.lists(spans, max_size=8))
def test_one_look_is_at_most_one_missed_time(plan: Plan, ladder: Sequence[Rung], pauses: list[timedelta]) -> None:
    """However late: a step up for the time and one for each empty centre after it; looking twice changes nothing."""
    now, standing = START, placed(alert(), plan, ladder, START)
    for pause in pauses:
        now, before = now + pause, standing
        standing = later(standing, ladder, now)
        missed = [step for step in standing.steps if step.reason != "nobody-on-duty"]
        assert len(missed) <= 1
        assert standing.alert.level - before.alert.level == sum(step.act == "escalate" for step in standing.steps)
        again = later(standing, ladder, now)
        assert again.steps == ()
        assert (again.alert, again.timer) == (standing.alert, standing.timer)


@given(plans, ladders, st.lists(spans, max_size=8), st.sampled_from(OPEN))
def test_nobody_is_due_at_the_moment_that_was_looked_at(
    plan: Plan, ladder: Sequence[Rung], pauses: list[timedelta], state: AlertState
) -> None:
    """So a round ends: after a look the next one lies ahead, or there is none, and then the topmost centre is late."""
    now, standing = START, placed(alert(state), plan, ladder, START)
    for pause in pauses:
        now += pause
        standing = later(standing, ladder, now)
        at = next_look(standing, rest(standing, ladder), now)
        if at is None:
            assert plan.remind_every is None
            assert (standing.alert.centre_id, standing.alert.overdue) == (ladder[-1].id, STAGES[state])
        else:
            assert at > now


@given(plans, ladders, st.lists(spans, max_size=6), st.timedeltas(timedelta(0), timedelta(days=4000)))
def test_a_clock_that_is_put_back_leaves_nobody_waiting(
    plan: Plan, ladder: Sequence[Rung], pauses: list[timedelta], back: timedelta
) -> None:
    """No time lies further ahead than it would had the clock always been right."""
    now, standing = START, placed(alert(), plan, ladder, START)
    for pause in pauses:
        now += pause
        standing = later(standing, ladder, now)
    right = now - back
    standing = later(standing, ladder, right)
    assert standing.timer.began_at <= right
    assert standing.alert.acknowledge_by is not None
    assert standing.alert.acknowledge_by <= right + plan.acknowledge_within


@given(plans, ladders, st.sampled_from(sorted(set(AlertState) - set(STAGES))), spans)
def test_what_is_handled_goes_nowhere(plan: Plan, ladder: Sequence[Rung], state: AlertState, pause: timedelta) -> None:
    """Reported as handled, or closed: no step, no look."""
    standing = placed(alert(), plan, ladder, START)
    done = replace(standing, alert=standing.alert.model_copy(update={"state": state}))
    now = START + pause
    assert later(done, ladder, now) == replace(done, steps=())
    assert next_look(done, ladder, now) is None


@given(plans, st.integers(-4, 4))
def test_moving_gives_the_whole_time(plan: Plan, levels: int) -> None:
    """Up or down, the centre that gets it has as long as any."""
    late = later(placed(alert(), plan, LADDER, START), LADDER, START + timedelta(days=300))
    at = START + timedelta(days=301)
    after = moved(late, CITY, levels, at)
    assert (after.alert.acknowledge_by, after.alert.overdue) == (at + plan.acknowledge_within, None)
    assert after.alert.level == late.alert.level + levels
