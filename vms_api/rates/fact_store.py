"""The facts of each day in the database: the latest version to sum up, every earlier one beside it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from vms_api.database import Connection, Transaction, from_us, metadata, to_us
from vms_api.rates.belonging import DaysBelow
from vms_api.rates.fact import AreaFact, CameraFact, DayFacts, ExcludedTime
from vms_api.rates.rate import CAMERA_RATES, METHOD_VERSION, NOTHING, Rate, Tally

_PARTS = Tally._fields
_COUNTED = tuple(f"{rate.column}_{part}" for rate in CAMERA_RATES for part in _PARTS)

rate_facts = sa.Table(
    "rate_facts",
    metadata,
    sa.Column("day", sa.String, primary_key=True),
    sa.Column("camera_id", sa.String, primary_key=True),
    sa.Column("part", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("area_id", sa.String, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("excluded", sa.JSON(none_as_null=True)),
    *(sa.Column(name, sa.BigInteger, nullable=False) for name in _COUNTED),
    sa.Index("ix_rate_facts_area_id_day", "area_id", "day"),
)

rate_facts_past = sa.Table(
    "rate_facts_past",
    metadata,
    sa.Column("day", sa.String, primary_key=True),
    sa.Column("camera_id", sa.String, primary_key=True),
    sa.Column("part", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("contents", sa.JSON, nullable=False),
)

rate_area_facts = sa.Table(
    "rate_area_facts",
    metadata,
    sa.Column("day", sa.String, primary_key=True),
    sa.Column("area_id", sa.String, primary_key=True),
    sa.Column("rate", sa.String, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("is_current", sa.Boolean, nullable=False),
    *(sa.Column(name, sa.BigInteger, nullable=False) for name in _PARTS),
)

rate_days = sa.Table(
    "rate_days",
    metadata,
    sa.Column("day", sa.String, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("computed_at", sa.BigInteger, nullable=False),
    sa.Column("method_version", sa.String, nullable=False),
    sa.Column("cause", sa.String, nullable=False),
    sa.Column("changed", sa.Integer, nullable=False),
)

_ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class DayVersion:
    """One counting of a day: `changed` facts differ from the version before."""

    day: date
    version: int
    computed_at: datetime
    method_version: str
    cause: str
    changed: int


@dataclass(frozen=True, slots=True)
class FactQuery:
    """The facts of each span of days, both counted, in its areas (None: in all). The spans do not overlap."""

    spans: Sequence[DaysBelow]


class AreaSum(NamedTuple):
    """What an area and a day have of one rate, all cameras together."""

    area_id: str
    day: str
    tally: Tally


class CameraUse(NamedTuple):
    """Whether a camera was networked and used in an area within the days of a span, which begins on `day`."""

    area_id: str
    day: str
    camera_id: str
    tally: Tally


async def last_version(connection: Connection, day: date) -> DayVersion | None:
    """How the day was counted last, None when it was not yet."""
    found = await list_versions(connection, day)
    return found[-1] if found else None


async def list_versions(connection: Connection, day: date) -> Sequence[DayVersion]:
    """Every counting of the day, the first one first."""
    query = sa.select(rate_days).where(rate_days.c.day == day.isoformat()).order_by(rate_days.c.version)
    return [
        DayVersion(day, row.version, from_us(row.computed_at), row.method_version, row.cause, row.changed)
        for row in await connection.execute(query)
    ]


async def read_day(connection: Connection, day: date) -> DayFacts:
    """The facts of the day as they were counted last."""
    own = rate_facts.c.day == day.isoformat()
    cameras = [_fact(row) for row in await connection.execute(sa.select(rate_facts).where(own))]
    current = sa.and_(rate_area_facts.c.day == day.isoformat(), rate_area_facts.c.is_current.is_(True))
    rows = await connection.execute(sa.select(rate_area_facts).where(current))
    areas = [AreaFact(row.area_id, Rate(row.rate), Tally(row.numerator, row.known, row.expected)) for row in rows]
    return DayFacts(tuple(cameras), tuple(areas))


async def save_day(transaction: Transaction, day: date, facts: DayFacts, cause: str, at: datetime) -> DayVersion:
    """Stores what differs from the last counting, as a new version; nothing differs: the last one holds."""
    connection = transaction.connection
    latest = await last_version(connection, day)
    before = await read_day(connection, day)
    old, new = {fact.key: fact for fact in before.cameras}, {fact.key: fact for fact in facts.cameras}
    told = {key: _columns(fact) for key, fact in old.items()}
    changed = [fact for key, fact in new.items() if told.get(key) != _columns(fact)]
    gone = [fact for key, fact in old.items() if key not in new]
    was = {(fact.area_id, fact.rate): fact.tally for fact in before.areas}
    now = {(fact.area_id, fact.rate): fact.tally for fact in facts.areas}
    moved = {key: now.get(key, NOTHING) for key in {*was, *now} if was.get(key, NOTHING) != now.get(key, NOTHING)}
    count = len(changed) + len(gone) + len(moved)
    if latest is not None and not count and latest.method_version == METHOD_VERSION:
        return latest
    version = DayVersion(day, latest.version + 1 if latest else 1, at, METHOD_VERSION, cause, count)
    await _set_aside(transaction, day, [fact.key for fact in (*changed, *gone) if fact.key in old])
    await _insert_facts(transaction, day, version.version, changed)
    await _replace_sums(transaction, day, version.version, moved)
    row = {**{name: getattr(version, name) for name in rate_days.c.keys()}, "day": day.isoformat()}  # noqa: SIM118
    await connection.execute(rate_days.insert().values({**row, "computed_at": to_us(at)}))
    return version


async def read_totals(connection: Connection, asked: FactQuery) -> Mapping[Rate, Tally]:
    """What the window has of every rate, all areas and days together."""
    summed = [sa.func.sum(rate_facts.c[name]) for name in _COUNTED if not name.startswith(Rate.PURPOSED_USE.column)]
    row = (await connection.execute(sa.select(*summed).where(*_asked(rate_facts, asked)))).one()
    rates = [rate for rate in CAMERA_RATES if rate is not Rate.PURPOSED_USE]
    totals: dict[Rate, Tally] = {
        rate: Tally(*(int(count or 0) for count in row[3 * at : 3 * at + 3])) for at, rate in enumerate(rates)
    }
    of_areas = [sa.func.sum(rate_area_facts.c[part]) for part in _PARTS]
    current = (rate_area_facts.c.is_current.is_(True), *_asked(rate_area_facts, asked))
    query = sa.select(rate_area_facts.c.rate, *of_areas).where(*current).group_by(rate_area_facts.c.rate)
    for name, *counts in await connection.execute(query):
        totals[Rate(name)] = Tally(*map(int, counts))
    return {**totals, Rate.PURPOSED_USE: await _distinct_uses(connection, asked)}


async def read_sums(connection: Connection, asked: FactQuery, rate: Rate) -> Sequence[AreaSum]:
    """What each area and day has of the rate. Of the purposed use, which is no sum of days, each day for itself."""
    table, parts = rate_area_facts, list(_PARTS)
    wanted = [table.c.rate == rate, table.c.is_current.is_(True)]
    if rate in CAMERA_RATES:
        table, parts, wanted = rate_facts, [f"{rate.column}_{part}" for part in _PARTS], []
    summed = [sa.func.sum(table.c[part]) for part in parts]
    query = sa.select(table.c.area_id, table.c.day, *summed).where(*wanted, *_asked(table, asked))
    rows = await connection.execute(query.group_by(table.c.area_id, table.c.day))
    return [AreaSum(row[0], row[1], Tally(*map(int, row[2:]))) for row in rows]


async def read_uses(connection: Connection, asked: FactQuery) -> Sequence[CameraUse]:
    """Which cameras were networked and which of them used, in each area, at any time of each span."""
    columns = [sa.func.max(rate_facts.c[f"{Rate.PURPOSED_USE.column}_{part}"]) for part in _PARTS]
    found: list[CameraUse] = []
    for span in asked.spans:
        query = sa.select(rate_facts.c.area_id, rate_facts.c.camera_id, *columns).where(
            *_asked(rate_facts, FactQuery([span]))
        )
        rows = await connection.execute(query.group_by(rate_facts.c.area_id, rate_facts.c.camera_id))
        found += [CameraUse(row[0], span.first, row[1], Tally(*row[2:])) for row in rows]
    return found


async def _distinct_uses(connection: Connection, asked: FactQuery) -> Tally:
    """The purposed use of the window: cameras, each once."""
    counted = []
    for part in ("numerator", "expected"):
        column = rate_facts.c[f"{Rate.PURPOSED_USE.column}_{part}"]
        distinct = sa.select(sa.func.count(sa.distinct(rate_facts.c.camera_id)))
        query = distinct.where(column > 0, *_asked(rate_facts, asked))
        counted.append(int((await connection.execute(query)).scalar_one()))
    return Tally(counted[0], counted[1], counted[1])


async def read_excluded(connection: Connection, asked: FactQuery) -> Sequence[tuple[str, ExcludedTime]]:
    """The excluded times of the window by camera, one entry for each day."""
    query = sa.select(rate_facts.c.camera_id, rate_facts.c.excluded).where(
        rate_facts.c.excluded.is_not(None), *_asked(rate_facts, asked)
    )
    rows = await connection.execute(query.order_by(rate_facts.c.camera_id, rate_facts.c.day))
    return [(row.camera_id, ExcludedTime(*entry)) for row in rows for entry in row.excluded]


async def read_cameras(connection: Connection, asked: FactQuery, rate: Rate) -> Sequence[tuple[str, str, Tally]]:
    """What each camera has of the rate: (camera id, day, tally), one entry for each part of a day."""
    columns = [rate_facts.c[f"{rate.column}_{part}"] for part in _PARTS]
    query = sa.select(rate_facts.c.camera_id, rate_facts.c.day, *columns).where(*_asked(rate_facts, asked))
    rows = await connection.execute(query.order_by(rate_facts.c.camera_id, rate_facts.c.day))
    return [(row[0], row[1], Tally(*row[2:])) for row in rows]


async def counted_days(connection: Connection, first: date, last: date) -> Mapping[date, DayVersion]:
    """How each day of the window was counted last; days that were not are not there."""
    query = (
        sa.select(rate_days)
        .where(rate_days.c.day.between(first.isoformat(), last.isoformat()))
        .order_by(rate_days.c.day, rate_days.c.version)
    )
    return {
        (day := date.fromisoformat(row.day)): DayVersion(
            day, row.version, from_us(row.computed_at), row.method_version, row.cause, row.changed
        )
        for row in await connection.execute(query)
    }


async def first_counted(connection: Connection) -> date | None:
    """The first day that was ever counted."""
    found = (await connection.execute(sa.select(sa.func.min(rate_days.c.day)))).scalar_one()
    return None if found is None else date.fromisoformat(found)


async def hand_over(transaction: Transaction, area_id: str, heir_id: str) -> None:
    """The area is being removed: what was counted there counts for the area above."""
    await transaction.connection.execute(
        rate_facts.update().where(rate_facts.c.area_id == area_id).values(area_id=heir_id)
    )
    left = sa.and_(rate_area_facts.c.area_id == area_id, rate_area_facts.c.is_current.is_(True))
    rows = (await transaction.connection.execute(sa.select(rate_area_facts).where(left))).all()
    for row in rows:
        heirs = sa.and_(
            rate_area_facts.c.day == row.day,
            rate_area_facts.c.area_id == heir_id,
            rate_area_facts.c.rate == row.rate,
            rate_area_facts.c.is_current.is_(True),
        )
        added = {name: rate_area_facts.c[name] + getattr(row, name) for name in _PARTS}
        result = await transaction.connection.execute(rate_area_facts.update().where(heirs).values(added))
        if not result.rowcount:
            values = {**row._mapping, "area_id": heir_id}  # noqa: SLF001 - SQLAlchemy's public name
            await transaction.connection.execute(rate_area_facts.insert().values(values))
    await transaction.connection.execute(rate_area_facts.delete().where(rate_area_facts.c.area_id == area_id))


def _asked(table: sa.Table, asked: FactQuery) -> list[sa.ColumnElement[bool]]:
    return [sa.or_(sa.false(), *(_within(table, span) for span in asked.spans))]


def _within(table: sa.Table, span: DaysBelow) -> sa.ColumnElement[bool]:
    within: sa.ColumnElement[bool] = table.c.day.between(span.first, span.last)
    return within if span.area_ids is None else within & table.c.area_id.in_(span.area_ids)


async def _set_aside(transaction: Transaction, day: date, keys: Sequence[tuple[str, int]]) -> None:
    """Keeps the rows that are no longer the latest."""
    for at in range(0, len(keys), _ROWS_AT_ONCE):
        piece = keys[at : at + _ROWS_AT_ONCE]
        own = sa.and_(
            rate_facts.c.day == day.isoformat(), sa.tuple_(rate_facts.c.camera_id, rate_facts.c.part).in_(piece)
        )
        rows = (await transaction.connection.execute(sa.select(rate_facts).where(own))).mappings()
        kept = [{**{name: row[name] for name in _KEY}, "contents": _contents(row)} for row in rows]
        if kept:
            await transaction.connection.execute(rate_facts_past.insert(), kept)
        await transaction.connection.execute(rate_facts.delete().where(own))


async def _insert_facts(transaction: Transaction, day: date, version: int, facts: Iterable[CameraFact]) -> None:
    rows = [{"day": day.isoformat(), "version": version, **_columns(fact)} for fact in facts]
    for at in range(0, len(rows), _ROWS_AT_ONCE):
        await transaction.connection.execute(rate_facts.insert(), rows[at : at + _ROWS_AT_ONCE])


async def _replace_sums(
    transaction: Transaction, day: date, version: int, tallies: Mapping[tuple[str, Rate], Tally]
) -> None:
    for (area_id, rate), tally in tallies.items():
        own = sa.and_(
            rate_area_facts.c.day == day.isoformat(),
            rate_area_facts.c.area_id == area_id,
            rate_area_facts.c.rate == rate,
        )
        await transaction.connection.execute(rate_area_facts.update().where(own).values(is_current=False))
        values = {"day": day.isoformat(), "area_id": area_id, "rate": rate.value, "version": version}
        await transaction.connection.execute(
            rate_area_facts.insert().values(**values, is_current=True, **tally._asdict())
        )


_KEY = ("day", "camera_id", "part", "version")


def _contents(row: sa.RowMapping) -> Mapping[str, Any]:
    return {name: row[name] for name in row if name not in _KEY}


def _columns(fact: CameraFact) -> dict[str, Any]:
    counted = {
        f"{rate.column}_{part}": count
        for rate in CAMERA_RATES
        for part, count in fact.tallies.get(rate, NOTHING)._asdict().items()
    }
    excluded = [list(entry) for entry in fact.excluded] or None
    return {
        "camera_id": fact.camera_id,
        "part": fact.part,
        "area_id": fact.area_id,
        "excluded": excluded,
        **counted,
    }


def _fact(row: Any) -> CameraFact:
    given = row._mapping  # noqa: SLF001 - SQLAlchemy's public name
    tallies = {rate: Tally(*(given[f"{rate.column}_{part}"] for part in _PARTS)) for rate in CAMERA_RATES}
    return CameraFact(
        row.camera_id, row.part, row.area_id, tallies, tuple(ExcludedTime(*entry) for entry in row.excluded or ())
    )
