"""The life cycle under random acts of several people, against a model that knows the two tables and nothing else."""

import asyncio
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from tests.fakes.site_file import lay_site_file
from tests.vms_api.alerts.desk_room import PEOPLE, DeskRoom, desk_room
from vms_api.accounts.permission import ROLE_PERMISSIONS, Permission
from vms_api.alerts.errors import AlertMovedOn, AssigneeWithoutRights, DuplicateWrong, VerdictMissing
from vms_api.alerts.handling import ActIn, AssignIn, JudgeIn, Verdict, permission_for
from vms_api.alerts.lifecycle import TRANSITIONS, AlertAct, AlertState
from vms_api.errors import NotFound, Problem

NAMES = [*PEOPLE, "hu"]
people = st.sampled_from(NAMES)
verdicts = st.sampled_from([None, Verdict.TRUE, Verdict.FALSE, Verdict.TEST])


class Expected:
    """What the model knows of an alert."""

    def __init__(self) -> None:
        self.state = AlertState.NEW
        self.owner: str | None = None
        self.verdict: Verdict | None = None
        self.steps: list[tuple[str, str, str | None]] = [("raise", "NEW", None)]

    def after(self, act: AlertAct, by: str, verdict: Verdict | None, to: str) -> Problem | None:
        """Takes the step, or says why not."""
        held = ROLE_PERMISSIONS[PEOPLE[by]] if by in PEOPLE else frozenset()
        if Permission.ALERT_VIEW not in held:
            return NotFound()
        if permission_for(act, is_owner=self.owner == by) not in held:
            return Problem()
        if act not in TRANSITIONS[self.state]:
            return AlertMovedOn()
        if act is AlertAct.ASSIGN and to not in PEOPLE:
            return AssigneeWithoutRights()
        if act is AlertAct.CLOSE and verdict is None and self.verdict is None:
            return VerdictMissing()
        self.state = TRANSITIONS.after(self.state, act)
        self.owner = {AlertAct.ACKNOWLEDGE: by, AlertAct.ASSIGN: to}.get(act, self.owner)
        if act in {AlertAct.RESOLVE, AlertAct.CLOSE}:
            self.verdict = verdict or self.verdict
        if act is AlertAct.REOPEN:
            self.verdict = None
        self.steps.append((act, self.state, by))
        return None


class DeskMachine(RuleBasedStateMachine):
    """A desk of its own for each run."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.loop = asyncio.new_event_loop()
        self.opening = desk_room(lay_site_file(Path(self.folder.name, "x.db")), storm_per_minute=3)
        self.room: DeskRoom = self.run(self.opening.__aenter__())

    def run(self, awaitable):
        return self.loop.run_until_complete(awaitable)

    def teardown(self) -> None:
        self.run(self.opening.__aexit__(None, None, None))
        self.loop.close()
        self.folder.cleanup()


class LifeCycle(DeskMachine):
    """Alerts of rules of their own, so that none is folded into another."""

    alerts = Bundle("alerts")

    def __init__(self) -> None:
        super().__init__()
        self.expected: dict[str, Expected] = {}

    @rule(target=alerts)
    def raised(self) -> str:
        alert_id = self.run(self.room.raise_alert(1, rule_id=f"rule {len(self.expected)}"))
        self.expected[alert_id] = Expected()
        return alert_id

    @rule(alert_id=alerts, act=st.sampled_from(AlertAct), by=people, verdict=verdicts, to=people)
    def acts(self, alert_id: str, act: AlertAct, by: str, verdict: Verdict | None, to: str) -> None:
        refusal = self.expected[alert_id].after(act, by, verdict, to)
        body = self.body(act, verdict, to)
        if refusal is None:
            self.run(self.room.act(alert_id, act, by, body))
            return
        with pytest.raises(Problem) as refused:
            self.run(self.room.act(alert_id, act, by, body))
        assert type(refusal) is Problem or isinstance(refused.value, type(refusal))

    @rule(alert_id=alerts, pair=st.permutations(sorted(PEOPLE)))
    def two_claim_at_once(self, alert_id: str, pair: list[str]) -> None:
        """Exactly one owns it then; the other is told that it moved on."""
        model, first, second = self.expected[alert_id], *pair[:2]
        was_new = model.state is AlertState.NEW

        async def both() -> list[object]:
            claims = (self.room.act(alert_id, AlertAct.ACKNOWLEDGE, name) for name in (first, second))
            return await asyncio.gather(*claims, return_exceptions=True)

        results = self.run(both())
        owners = [result.owner for result in results if not isinstance(result, BaseException)]
        assert len(owners) == int(was_new)
        assert all(isinstance(result, AlertMovedOn) for result in results if isinstance(result, BaseException))
        if was_new:
            assert model.after(AlertAct.ACKNOWLEDGE, owners[0], None, "") is None

    @invariant()
    def it_is_as_the_tables_say(self) -> None:
        """State, owner and verdict; every step is in the history once, in its order; nothing is ever gone."""
        shown = {alert.id: alert for alert in self.run(self.room.listed())}
        assert set(shown) == set(self.expected)
        for alert_id, model in self.expected.items():
            alert = shown[alert_id]
            assert (alert.state, alert.owner, alert.verdict) == (model.state, model.owner, model.verdict)
            assert (alert.acknowledged_by is None) is (alert.state is AlertState.NEW)
            assert (alert.closed_at is not None) is (alert.state is AlertState.CLOSED)
            assert self.run(self.room.acts(alert_id)) == model.steps

    @staticmethod
    def body(act: AlertAct, verdict: Verdict | None, to: str) -> ActIn:
        if act is AlertAct.ASSIGN:
            return AssignIn(user_id=to)
        return JudgeIn(verdict=verdict) if act in {AlertAct.RESOLVE, AlertAct.CLOSE} else ActIn()


class Folding(DeskMachine):
    """Alerts of two rules, seconds or minutes apart, with acts on cards, on repeats, and merging by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []

    @rule(rule_id=st.sampled_from(["one", "two"]), after_s=st.sampled_from([1, 20, 200, 400]))
    def raised(self, rule_id: str, after_s: int) -> None:
        self.ids.append(self.run(self.room.raise_alert(after_s, rule_id=rule_id)))

    @rule(place=st.integers(0, 20), act=st.sampled_from(AlertAct), verdict=verdicts, to=st.sampled_from(sorted(PEOPLE)))
    def acts(self, place: int, act: AlertAct, verdict: Verdict | None, to: str) -> None:
        if self.ids:
            self.tried(self.ids[place % len(self.ids)], act, LifeCycle.body(act, verdict, to))

    @rule(place=st.integers(0, 20), other=st.integers(0, 20))
    def merged(self, place: int, other: int) -> None:
        if self.ids:
            body = JudgeIn(verdict=Verdict.DUPLICATE, duplicate_of=self.ids[other % len(self.ids)])
            self.tried(self.ids[place % len(self.ids)], AlertAct.RESOLVE, body)

    def tried(self, alert_id: str, act: AlertAct, body: ActIn) -> None:
        """By somebody who may do everything; refused or not, what holds below holds."""
        with suppress(AlertMovedOn, AssigneeWithoutRights, VerdictMissing, DuplicateWrong):
            self.run(self.room.act(alert_id, act, "chen", body))

    @invariant()
    def every_alert_is_under_one_card(self) -> None:
        """None is lost, none is twice; counts are right; each history ends where the alert stands."""
        shown = {alert.id: alert for alert in self.run(self.room.listed())}
        assert set(shown) == set(self.ids)
        for alert in shown.values():
            root, ways = alert, 0
            while root.incident_id != root.id:
                root, ways = shown[root.incident_id], ways + 1
                assert ways <= len(shown)
            assert self.run(self.room.acts(alert.id))[-1][1] == alert.state
        cards = {alert.id: alert for alert in self.run(self.room.listed(is_folded=True))}
        assert set(cards) == {alert.id for alert in shown.values() if alert.incident_id == alert.id}
        for card in cards.values():
            under = [alert for alert in shown.values() if alert.incident_id == card.id and alert.id != card.id]
            assert card.repeats == len(under)
            assert card.last_at >= max((alert.raised_at for alert in under), default=card.raised_at)


few = settings(max_examples=10, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
LifeCycle.TestCase.settings = few
Folding.TestCase.settings = few
TestLifeCycle = LifeCycle.TestCase
TestFolding = Folding.TestCase
