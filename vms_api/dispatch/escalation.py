"""What happens to an open alert as time goes by: it goes up, and its centre is reminded. Pure.

An alert waits for one thing at a time: to be taken on, then to be handled. Whoever misses the time loses it to the next
centre up, which gets the same time again; the topmost centre keeps it, overdue, and is reminded. A centre at which
nobody is on duty is passed over at once while nobody has the alert in hand. However late somebody looks, after a stop
or because the clock was set, a missed time is one step, and the next time counts from then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal, NamedTuple

from vms_api.alerts.alert import Alert, Stage
from vms_api.alerts.lifecycle import AlertState
from vms_api.dispatch.plan import Plan, Rung, Timer

Reason = Literal["not-acknowledged", "not-resolved", "nobody-on-duty"]
LONGEST_PAUSE = timedelta(days=1)
"""Each reminder waits twice as long as the one before, up to a day: what lies for weeks is not drowned in reminders."""

STAGES: Mapping[AlertState, Stage] = MappingProxyType(
    {
        AlertState.NEW: "acknowledge",
        AlertState.ACKNOWLEDGED: "resolve",
        AlertState.ASSIGNED: "resolve",
        AlertState.IN_PROGRESS: "resolve",
        AlertState.REOPENED: "resolve",
    }
)
"""What an alert waits for; one that is handled or closed waits for nothing."""
_MISSED: Mapping[Stage, Reason] = {"acknowledge": "not-acknowledged", "resolve": "not-resolved"}


class Step(NamedTuple):
    """One thing that the system did about an alert."""

    act: Literal["escalate", "remind"]
    reason: Reason
    origin: Rung
    goal: Rung


@dataclass(frozen=True, slots=True)
class Standing:
    """An open alert with its clock, and how it came there."""

    alert: Alert
    timer: Timer
    steps: tuple[Step, ...] = ()


def placed(alert: Alert, plan: Plan, ladder: Sequence[Rung], now: datetime) -> Standing:
    """A new alert at the first centre of the ladder, the others being above it; or higher, if nobody is there."""
    began = Standing(_with_times(_at(alert, ladder[0], 0), plan, now), Timer(plan, now))
    risen = _passed_over(began, ladder, now)
    return risen if risen.steps else _told_if_empty(risen, ladder[0])


def reopened(alert: Alert, plan: Plan, now: datetime) -> Standing:
    """An alert that was sent back: its centre and owner stay, the times begin anew."""
    return Standing(_with_times(alert, plan, now), Timer(plan, now))


def moved(standing: Standing, rung: Rung, levels: int, now: datetime) -> Standing:
    """The alert at another centre, `levels` further up, with the whole time again."""
    alert = _at(standing.alert, rung, standing.alert.level + levels)
    plan = standing.timer.plan
    return replace(standing, alert=_with_times(alert, plan, now), timer=Timer(plan, now))


def gone_on(standing: Standing, ladder: Sequence[Rung], now: datetime) -> Standing:
    """What has become of the alert by now. The first rung of the ladder is the centre that answers."""
    standing = _set_back(standing, now)
    alert, stage = standing.alert, STAGES.get(standing.alert.state)
    if stage is None:
        return standing
    if _due_by(alert, stage) <= now:
        was_overdue = alert.overdue == stage
        standing = replace(standing, alert=alert.model_copy(update={"overdue": stage}))
        if len(ladder) > 1:
            standing, ladder = _up(standing, ladder, _MISSED[stage], now), ladder[1:]
        elif not was_overdue:
            standing = _reminded(standing, ladder[0], _MISSED[stage], now, count=0)
    if stage == "acknowledge":
        standing = _passed_over(standing, ladder, now)
    remind_at = standing.timer.remind_at
    if not standing.steps and remind_at is not None and remind_at <= now:
        count = standing.timer.reminders + 1
        standing = _reminded(standing, ladder[0], _MISSED[standing.alert.overdue or stage], now, count=count)
    return standing


def next_look(standing: Standing, ladder: Sequence[Rung], now: datetime) -> datetime | None:
    """When somebody has to look at the alert: at once where a time is missed already; None: never by the clock."""
    alert, stage = standing.alert, STAGES.get(standing.alert.state)
    if stage is None:
        return None
    if alert.overdue != stage and _due_by(alert, stage) <= now:
        return now
    looks = [_due_by(alert, stage), standing.timer.remind_at]
    if stage == "acknowledge" and len(ladder) > 1:
        looks.append(ladder[0].manned_until)
    return min((at for at in looks if at is not None and at > now), default=None)


def passed_up(standing: Standing, ladder: Sequence[Rung], now: datetime) -> Standing:
    """The alert one centre up, with the whole time again; what was missed stays marked until somebody answers."""
    risen, overdue = moved(standing, ladder[1], 1, now), standing.alert.overdue
    remind_at = _pause(risen.timer, now, 0) if overdue else None
    alert = risen.alert.model_copy(update={"overdue": overdue})
    return replace(risen, alert=alert, timer=replace(risen.timer, remind_at=remind_at))


def answered(standing: Standing) -> Standing:
    """Somebody has taken the alert on, or it was given more time: what was missed before is over."""
    alert = standing.alert.model_copy(update={"overdue": None})
    return replace(standing, alert=alert, timer=replace(standing.timer, remind_at=None, reminders=0))


def _up(standing: Standing, ladder: Sequence[Rung], reason: Reason, now: datetime) -> Standing:
    step = Step("escalate", reason, ladder[0], ladder[1])
    return replace(passed_up(standing, ladder, now), steps=(*standing.steps, step))


def _passed_over(standing: Standing, ladder: Sequence[Rung], now: datetime) -> Standing:
    while not ladder[0].is_manned and len(ladder) > 1:
        standing, ladder = _up(standing, ladder, "nobody-on-duty", now), ladder[1:]
    has_arrived = bool(standing.steps) and standing.steps[-1].act == "escalate"
    return _told_if_empty(standing, ladder[0]) if has_arrived else standing


def _told_if_empty(standing: Standing, rung: Rung) -> Standing:
    """An alert that has come to a rung where nobody is stays there if none is above; its history says so."""
    if rung.is_manned:
        return standing
    return replace(standing, steps=(*standing.steps, Step("remind", "nobody-on-duty", rung, rung)))


def _reminded(standing: Standing, rung: Rung, reason: Reason, now: datetime, count: int) -> Standing:
    timer = replace(standing.timer, reminders=count, remind_at=_pause(standing.timer, now, count))
    alert = standing.alert.model_copy(update={"urged_at": now})
    return Standing(alert, timer, (*standing.steps, Step("remind", reason, rung, rung)))


def _pause(timer: Timer, now: datetime, count: int) -> datetime | None:
    every = timer.plan.remind_every
    if every is None:
        return None
    return now + max(every, min(every * (1 << min(count, 16)), LONGEST_PAUSE))


def _at(alert: Alert, rung: Rung, level: int) -> Alert:
    return alert.model_copy(update={"centre_id": rung.id, "centre_name": rung.name, "level": level})


def _with_times(alert: Alert, plan: Plan, now: datetime) -> Alert:
    times = {"resolve_by": now + plan.resolve_within, "overdue": None, "urged_at": None}
    if STAGES.get(alert.state) == "acknowledge":
        times["acknowledge_by"] = now + plan.acknowledge_within
    return alert.model_copy(update=times)


def _due_by(alert: Alert, stage: Stage) -> datetime:
    """The time for what the alert waits for; one without is due at once."""
    at = alert.acknowledge_by if stage == "acknowledge" else alert.resolve_by
    return at or alert.stored_at


def _set_back(standing: Standing, now: datetime) -> Standing:
    """The clock was put back since the times were set: they move along, so that nobody waits for the old ones."""
    timer, alert = standing.timer, standing.alert
    ahead = timer.began_at - now
    if ahead <= timedelta(0):
        return standing
    times = {"acknowledge_by": alert.acknowledge_by, "resolve_by": alert.resolve_by}
    update = {key: at - ahead for key, at in times.items() if at is not None}
    remind_at = timer.remind_at - ahead if timer.remind_at else None
    return replace(
        standing, alert=alert.model_copy(update=update), timer=replace(timer, began_at=now, remind_at=remind_at)
    )
