"""Carries one act out on many alerts."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from vms_api.alerts.alert import Alert
from vms_api.alerts.bulk import BulkIn, BulkResult
from vms_api.alerts.desk import AlertDesk, Handler
from vms_api.errors import Problem

OnRefusal = Callable[[Problem], Awaitable[None]]


async def act_on_many(desk: AlertDesk, body: BulkIn, by: Handler, on_refusal: OnRefusal) -> list[BulkResult]:
    """The act on each alert; `on_refusal` hears of each that was refused.

    Repeats come after the others: one that has gone along with its first is done, and no conflict.
    """
    ids = list(dict.fromkeys(body.ids))
    known = await desk.find_many(ids)
    firsts = [id_ for id_ in ids if id_ not in known or known[id_].incident_id not in set(ids) - {id_}]
    results = await _each(desk, body, by, firsts)
    rest = [id_ for id_ in ids if id_ not in results]
    now = await desk.find_many(rest)
    for id_ in rest:
        first = results[known[id_].incident_id]
        if isinstance(first, Alert) and _stand(now[id_]) == _stand(first) != _stand(known[id_]):
            results[id_] = now[id_]
    results |= await _each(desk, body, by, [id_ for id_ in rest if id_ not in results])
    for result in results.values():
        if isinstance(result, Problem):
            await on_refusal(result)
    return [_shown(id_, results[id_]) for id_ in ids]


async def _each(desk: AlertDesk, body: BulkIn, by: Handler, ids: Iterable[str]) -> dict[str, Alert | Problem]:
    """All at once: those that wait for the database share its commits."""
    chosen = list(ids)
    return dict(zip(chosen, await asyncio.gather(*(_one(desk, body, by, id_) for id_ in chosen)), strict=True))


async def _one(desk: AlertDesk, body: BulkIn, by: Handler, alert_id: str) -> Alert | Problem:
    try:
        return await desk.act(alert_id, body.act, body.one(), by)
    except Problem as problem:
        return problem


def _stand(alert: Alert) -> tuple[str | None, ...]:
    return alert.state, alert.owner_id, alert.verdict


def _shown(alert_id: str, result: Alert | Problem) -> BulkResult:
    if isinstance(result, Problem):
        return BulkResult(id=alert_id, problem=result.document())
    return BulkResult(id=alert_id, alert=result)
