"""Figures of patrols against a month that was counted by hand."""

import csv
import io
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import load_workbook

from vms_api.database import to_us
from vms_api.patrols.report import PatrolReport, write_report
from vms_api.patrols.tally import PatrolFigures, PatrolGrouping, PatrolTally, RoundFact, StopFact
from vms_api.reports.alert_tally import Window
from vms_api.spreadsheet import CsvWriter, XlsxWriter

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


def us(text: str) -> int:
    return to_us(datetime.fromisoformat(text).replace(tzinfo=UTC))


def stop(camera: str, verdict: str | None = "normal", **more: Any) -> StopFact:
    told = {"is_unreachable": False, "judged_us": us("2026-03-02T01:00"), "closed_us": None, "has_opened": False}
    return StopFact(**{"camera_id": camera, "verdict": verdict, **told, **more})


def walked(due: str, state: str = "completed", **more: Any) -> RoundFact:
    told = {"plan_id": "p", "plan_name": "Weir", "area_id": "north", "is_late": False, "excuses": 0, "stops": ()}
    told["planned"] = frozenset({"a", "b", "c", "d"} if more.get("plan_id", "p") == "p" else {"f"})
    person = {"user_id": "w", "user_name": "wang"} if state != "missed" else {"user_id": None, "user_name": None}
    return RoundFact(**{"state": state, "due_us": us(due), **told, **person, **more})


FOUND = (
    stop("a"),
    stop("b", "abnormal", has_opened=True, closed_us=us("2026-03-02T01:10")),
    stop("b", "abnormal", has_opened=True, closed_us=us("2026-03-02T02:00")),
    stop("c", "camera-fault", has_opened=True),
    stop("d", None, is_unreachable=True),
    stop("e", "cannot-judge"),
)
MONTH = [
    walked("2026-03-01T16:30", stops=FOUND),  # Monday 00:30 in Shanghai, Sunday in Berlin
    walked("2026-03-02T00:00", is_late=True, stops=(stop("a"),)),
    walked("2026-03-02T01:00", "missed", excuses=2),
    walked("2026-03-03T00:00", "aborted", user_id="z", user_name="zhao"),
    walked("2026-03-09T00:00", "missed", plan_id="q", plan_name="Gate", area_id="south"),
    walked("2026-03-09T01:00", "running", plan_id="q", plan_name="Gate", area_id="south"),
]


def counted(by: PatrolGrouping, zone: ZoneInfo = SHANGHAI) -> PatrolTally:
    tally = PatrolTally(by, zone, lambda area_id: (area_id, f"{area_id} room"))
    tally.add(MONTH)
    return tally


def states(figures: PatrolFigures) -> tuple[int, ...]:
    return figures.due, figures.open, figures.completed, figures.missed, figures.late, figures.aborted


def test_the_total_is_what_was_counted_by_hand() -> None:
    """Six due: two completed, one of them late; two missed, one aborted, one still under way and in no share."""
    total = counted("plan").total()
    assert states(total) == (6, 1, 2, 2, 1, 1)
    assert (total.completion.numerator, total.completion.denominator) == (2, 5)
    assert (total.punctuality.numerator, total.punctuality.denominator) == (1, 2)
    assert (total.cameras, total.excused) == (4, 1)
    assert (total.coverage.numerator, total.coverage.denominator) == (3, 5)
    assert total.findings == {"abnormal": 2, "camera-fault": 1, "cannot-judge": 1, "unreachable": 1}
    assert (total.closure.count, total.closure.p50_s, total.closure.p90_s, total.closure.open) == (2, 600, 3600, 1)


def test_an_abandoned_round_is_over_and_not_completed() -> None:
    """Of two rounds, one completed and one abandoned, half are completed; what was judged on the way counts."""
    tally = PatrolTally("plan", SHANGHAI, lambda area_id: (area_id, area_id))
    stops = (stop("a"), stop("b", "abnormal"))
    tally.add([walked("2026-03-02T00:00"), walked("2026-03-03T00:00", "abandoned", is_late=True, stops=stops)])
    total = tally.total()
    assert (total.abandoned, total.completed, total.open, total.late) == (1, 1, 0, 1)
    assert (total.completion.numerator, total.completion.denominator) == (1, 2)
    assert (total.cameras, total.findings["abnormal"]) == (2, 1)


def test_groups_are_told_apart() -> None:
    """By whoever walked, by centre and by plan; missed rounds are nobody's."""
    assert {item.name: states(item) for item in counted("person").items()} == {
        "": (2, 0, 0, 2, 0, 0),
        "wang": (3, 1, 2, 0, 1, 0),
        "zhao": (1, 0, 0, 0, 0, 1),
    }
    assert [(item.name, item.due) for item in counted("centre").items()] == [("north room", 4), ("south room", 2)]
    assert [(item.name, item.due) for item in counted("plan").items()] == [("Gate", 2), ("Weir", 4)]


def test_days_and_weeks_are_those_of_the_sites_clocks() -> None:
    """Half past midnight of Monday in Shanghai is Sunday, of the week before, in Berlin."""
    assert [(item.name, item.due) for item in counted("week").items()] == [("2026-W10", 4), ("2026-W11", 2)]
    assert [(item.name, item.due) for item in counted("week", BERLIN).items()] == [
        ("2026-W09", 1),
        ("2026-W10", 3),
        ("2026-W11", 2),
    ]
    (first, *_rest) = counted("day").items()
    assert (first.name, first.due) == ("2026-03-02", 3)
    assert first.window is not None
    assert first.window.since == datetime(2026, 3, 1, 16, tzinfo=UTC)


def test_what_there_is_none_of_has_no_share() -> None:
    """A share of nothing is empty, never nought."""
    total = PatrolTally("day", SHANGHAI, lambda area_id: (area_id, area_id)).total()
    assert (total.due, total.completion.share, total.punctuality.share, total.closure.p50_s) == (0, None, None, None)


def report() -> PatrolReport:
    tally = counted("plan")
    window = Window.model_validate(
        {"from": datetime(2026, 2, 28, 16, tzinfo=UTC), "to": datetime(2026, 3, 31, 16, tzinfo=UTC)}
    )
    return PatrolReport(by="plan", window=window, time_zone="Asia/Shanghai", items=tally.items(), total=tally.total())


def test_the_table_has_numerators_and_denominators_and_the_sites_clock() -> None:
    """March by the clocks of Shanghai begins in February by those of Greenwich."""
    file = io.BytesIO()
    write_report(report(), CsvWriter(file), "en")
    lines = list(csv.reader(file.getvalue().decode("utf-8-sig").splitlines()))
    titles, weir, total = lines[0], lines[2], lines[3]
    shown = dict(zip(titles, weir, strict=True))
    assert (shown["Completed"], shown["Rounds that are over (denominator)"], shown["Share completed"]) == (
        "2",
        "4",
        "0.5",
    )
    assert (shown["Completed in time"], shown["Share in time of those completed"]) == ("1", "0.5")
    assert dict(zip(titles, total, strict=True))["Share completed"] == "0.4"
    assert lines[-1][1:] == ["2026-03-01 00:00", "2026-04-01 00:00", "Asia/Shanghai"]


def test_the_workbook_says_the_same_in_chinese() -> None:
    """The same figures, as numbers."""
    file = io.BytesIO()
    write_report(report(), XlsxWriter(file), "zh-CN")
    rows = list(load_workbook(io.BytesIO(file.getvalue())).active.values)
    assert rows[0][:3] == ("巡查计划", "应巡次数", "尚未结束")
    assert rows[3][:5] == ("合计", 6, 1, 2, 2)
