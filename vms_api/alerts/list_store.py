"""The lists of the desk: the newest first, by state, owner, area and rule, folded or not.

A list of states and areas is put together from one short list each, read along an index: asked for in one go, SQLite
takes an index that finds all that match, and sorts them, which with a million alerts takes seconds.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from vms_api.alerts.alert import Alert
from vms_api.alerts.handling import Verdict
from vms_api.alerts.incident import DONE
from vms_api.alerts.lifecycle import AlertState
from vms_api.alerts.store import alert_of, alerts
from vms_api.database import Connection, to_us

_MOST_AREAS = 6
"""Areas up to which each has a short list of its own; more of them are found along the way."""


@dataclass(frozen=True, slots=True)
class AlertQuery:
    """Which alerts are asked for: of these areas and in these states (None: of all), of one owner or of anybody.

    `centre_id` is the centre that answers, `before` the id of the last one seen. `is_folded`: only the first of each
    incident. `since` and `until`: raised in [since, until).
    """

    area_ids: Collection[str] | None = None
    states: Collection[AlertState] | None = None
    owner_id: str | None = None
    camera_id: str | None = None
    rule_id: str | None = None
    incident_id: str | None = None
    centre_id: str | None = None
    is_overdue: bool | None = None
    verdict: Verdict | None = None
    since: datetime | None = None
    until: datetime | None = None
    is_folded: bool = False
    before: str | None = None
    limit: int = 50


async def find_alerts(connection: Connection, asked: AlertQuery) -> Sequence[Alert]:
    """The newest first: ids are UUIDv7, so their order is that of raising."""
    branches = [
        sa.select(sa.select(alerts.c.id).where(*conditions).order_by(alerts.c.id.desc()).limit(asked.limit).subquery())
        for conditions in _branches(asked)
    ]
    if not branches:
        return []
    found = sa.union_all(*branches).subquery()
    query = sa.select(alerts).join(found, found.c.id == alerts.c.id).order_by(alerts.c.id.desc()).limit(asked.limit)
    return [alert_of(row) for row in (await connection.execute(query)).mappings()]


def _branches(asked: AlertQuery) -> Iterator[list[sa.ColumnElement[bool]]]:
    """The conditions of each short list; together they find what is asked for, and none finds what another does."""
    conditions = list(_conditions(asked))
    for area in _areas(asked):
        if asked.states is None:
            yield [*conditions, *area]
        else:
            yield from ([*conditions, *area, alerts.c.state == state] for state in asked.states)


def _areas(asked: AlertQuery) -> Iterator[list[sa.ColumnElement[bool]]]:
    """Few areas have short lists of their own; among open alerts, of which there are not many, any are found soon."""
    if asked.area_ids is None:
        yield []
    elif len(asked.area_ids) > _MOST_AREAS or (asked.states is not None and DONE.isdisjoint(asked.states)):
        yield [_along_the_way(asked.area_ids)]
    else:
        yield from ([alerts.c.area_id == area_id] for area_id in sorted(asked.area_ids))


def _along_the_way(area_ids: Collection[str]) -> sa.ColumnElement[bool]:
    """Whether it is of one of many areas, said so that no index of areas is taken for it."""
    return alerts.c.area_id.concat("").in_(area_ids)


def _conditions(asked: AlertQuery) -> Iterator[sa.ColumnElement[bool]]:
    if asked.is_folded:
        yield alerts.c.incident_id == alerts.c.id
    for column in ("owner_id", "camera_id", "rule_id", "incident_id", "centre_id", "verdict"):
        if (wanted := getattr(asked, column)) is not None:
            yield alerts.c[column] == wanted
    if asked.is_overdue is not None:
        yield alerts.c.overdue.is_not(None) if asked.is_overdue else alerts.c.overdue.is_(None)
    if asked.since is not None:
        yield alerts.c.raised_at >= to_us(asked.since)
    if asked.until is not None:
        yield alerts.c.raised_at < to_us(asked.until)
    if asked.before is not None:
        yield alerts.c.id < asked.before
