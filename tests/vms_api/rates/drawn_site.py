"""Drawn histories as the rates read them: placements, changes of streams, and what else a day is counted from."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.vms_api.rates.oracle import STEP, DrawnCamera, Span, area_at, lies_in
from vms_api.cameras.placement_store import Placement
from vms_api.rates.camera_day import ExcludedSpan
from vms_api.rates.day import SiteDay
from vms_api.rates.day_histories import CountingGround, DayHistories
from vms_api.rates.settings import RateSettings
from vms_api.rates.state_spans import StateChange
from vms_api.recordings.settings import RecordingSettings

US = 1_000_000
DRAWN = ("off", "live", "sub", "frozen", "faulty", "judged", "excluded", "recorded")
AREAS = ("north", "south")


def midnight_s(day: date, zone: ZoneInfo) -> int:
    """Seconds since 1970 of a midnight, by the arithmetic of Python's own library."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


def spans(last: int) -> st.SearchStrategy[list[Span]]:
    """Spans of whole steps in [0, last), in any order; they overlap, touch and repeat."""
    edge = st.integers(0, last // STEP).map(lambda step: step * STEP)
    return st.lists(st.tuples(edge, edge).map(lambda pair: (min(pair), max(pair))), max_size=5)


@st.composite
def drawn_cameras(draw: st.DrawFn, last: int) -> list[DrawnCamera]:
    """Up to three cameras with up to three moves each."""
    cameras = []
    for number in range(draw(st.integers(0, 3))):
        edges = draw(st.lists(st.integers(0, last // STEP), min_size=1, max_size=4, unique=True))
        moves = [(edge * STEP, draw(st.sampled_from(AREAS))) for edge in sorted(edges)]
        told = {name: draw(spans(last)) for name in DRAWN}
        removed_at = draw(st.one_of(st.none(), st.integers(moves[-1][0] // STEP, last // STEP).map(lambda n: n * STEP)))
        cameras.append(DrawnCamera(f"camera-{number}", moves, removed_at=removed_at, **told))
    return cameras


def placements_of(camera: DrawnCamera, origin: int, last: int) -> list[Placement]:
    """The rows of the placement table. The very first step is always in service."""
    rows: list[Placement] = []
    begin = camera.moves[0][0]
    for at in range(begin, last + STEP, STEP):
        area = area_at(camera, at)
        now = None if area is None else (area, at == begin or not lies_in(at, camera.off))
        before = (rows[-1].area_id, rows[-1].is_enabled) if rows and rows[-1].until_us is None else None
        if now == before:
            continue
        if before is not None:
            rows[-1] = rows[-1]._replace(until_us=(origin + at) * US)
        if now is not None:
            rows.append(Placement(camera.camera_id, *now, (origin + at) * US, None))
    return rows


def changes_of(camera: DrawnCamera, origin: int, last: int) -> list[StateChange]:
    """A change of a stream wherever it went live or down; each is told twice."""
    streams = {"main": camera.live, "sub": camera.sub}
    told = [
        (of, at, "live" if lies_in(at, spans) else "waiting") for of, spans in streams.items() for at in steps(last)
    ]
    return changed(told, origin) * 2


def findings_of(camera: DrawnCamera, origin: int, last: int) -> list[StateChange]:
    """What the diagnosis said of the picture as a whole, and whether it stood still."""

    def whole(at: int) -> str:
        return "abnormal" if lies_in(at, camera.faulty) else "ok" if lies_in(at, camera.judged) else "unknown"

    told = [("", at, whole(at)) for at in steps(last)]
    told += [("freeze", at, "abnormal" if lies_in(at, camera.frozen) else "ok") for at in steps(last)]
    return changed(told, origin)


def steps(last: int) -> range:
    """Each at which something may change."""
    return range(0, last + STEP, STEP)


def changed(told: Sequence[tuple[str, int, str]], origin: int) -> list[StateChange]:
    """Those that are not as the one before; the first of each always is one."""
    pairs = zip([("", -1, ""), *told], told, strict=False)
    return [
        StateChange((origin + at) * US, of, now)
        for (was_of, _, was), (of, at, now) in pairs
        if (was_of, was) != (of, now)
    ]


def histories(
    cameras: Iterable[DrawnCamera], known: Sequence[Span], origin: int, day: SiteDay, zone: ZoneInfo
) -> DayHistories:
    """What would be read of the day; changes of later days are not."""
    cameras, (start, end) = list(cameras), day.span
    last = (day.end - datetime.fromtimestamp(origin, UTC)) // timedelta(seconds=1)

    def cut(given: Iterable[Span]) -> list[Span]:
        moved = ((max((origin + a) * US, start), min((origin + b) * US, end)) for a, b in given)
        return [span for span in moved if span[0] < span[1]]

    return DayHistories(
        day=day,
        now=day.end + timedelta(minutes=20),
        ground=CountingGround(RateSettings(), RecordingSettings(), zone),
        known=_merged(cut(known)),
        states={camera.camera_id: changes_of(camera, origin, last) for camera in cameras},
        pictures={camera.camera_id: findings_of(camera, origin, last) for camera in cameras},
        excluded={c.camera_id: [ExcludedSpan(span, "power", "boss") for span in cut(c.excluded)] for c in cameras},
        maintenance=[],
        lineages={},
        plans={},
        offsets={},
        ledgers={},
        used=set(),
        held=set(),
        recorded={c.camera_id: [((origin + a) * US, (origin + b) * US) for a, b in c.recorded] for c in cameras},
    )


def _merged(given: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(given):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined
