"""Where in a camera's picture its alerts came from, and how many of each rule's were true."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from vms_api.alerts.alert import Box
from vms_api.alerts.handling import Verdict
from vms_api.alerts.judgement import judgement_of

COLUMNS, ROWS = 32, 18


@dataclass(frozen=True, slots=True)
class PlacedAlert:
    """As much of an alert as a map shows."""

    box: Box
    rule_id: str
    rule_name: str
    verdict: Verdict | None
    is_card: bool


class Cell(BaseModel):
    """One field of the grid with alerts in it, counted from the top left, from 0."""

    column: int
    row: int
    count: int


class RulePrecision(BaseModel):
    """How one rule has done. `alerts` were raised; `verdicts` and `precision` are of cards, see `Judgement`."""

    rule_id: str
    rule_name: str
    alerts: int
    verdicts: dict[Verdict, int]
    precision: float | None


class AlertMap(BaseModel):
    """The alerts of so many days on a grid over the picture, by the foot of their boxes; `cells` holds those not empty.

    `complete` is false when there were more than are counted here: then these are the newest.
    """

    days: int
    columns: int = COLUMNS
    rows: int = ROWS
    cells: list[Cell]
    rules: list[RulePrecision]
    complete: bool


def cells_of(alerts: Iterable[PlacedAlert]) -> list[Cell]:
    """The fields that hold the middle of a box's lower edge. What no picture raised has no box and no place."""
    found = Counter(_field(alert.box) for alert in alerts if alert.box[2] > alert.box[0])
    return [Cell(column=column, row=row, count=count) for (column, row), count in sorted(found.items())]


def precisions_of(alerts: Sequence[PlacedAlert]) -> list[RulePrecision]:
    """By rule, the busiest first, under the name that it had last; the newest alert comes first in `alerts`."""
    names: dict[str, str] = {}
    for alert in alerts:
        names.setdefault(alert.rule_id, alert.rule_name)
    told = [
        _precision(rule_id, name, [one for one in alerts if one.rule_id == rule_id]) for rule_id, name in names.items()
    ]
    return sorted(told, key=lambda rule: -rule.alerts)


def _field(box: Box) -> tuple[int, int]:
    left, _, right, bottom = box
    return min(int((left + right) / 2 * COLUMNS), COLUMNS - 1), min(int(bottom * ROWS), ROWS - 1)


def _precision(rule_id: str, name: str, alerts: Sequence[PlacedAlert]) -> RulePrecision:
    verdicts = Counter(alert.verdict for alert in alerts if alert.is_card and alert.verdict is not None)
    return RulePrecision(
        rule_id=rule_id,
        rule_name=name,
        alerts=len(alerts),
        verdicts=dict(verdicts),
        precision=judgement_of(verdicts).precision,
    )
