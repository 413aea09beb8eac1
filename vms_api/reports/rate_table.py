"""A report on rates as a table for spreadsheets: every number with what it was divided by."""

from vms_api.reports.rate_report import RateReport
from vms_api.reports.rate_words import RATE_NAMES, WORDS, state_of
from vms_api.spreadsheet import Cell, TableWriter


def write_rate_report(report: RateReport, writer: TableWriter) -> None:
    """The rates, the areas below, the days, and what was left out."""
    words = WORDS[report.language]
    writer.write([report.title])
    writer.write([words["area"], report.area])
    writer.write([words["window"], report.first.isoformat(), report.last.isoformat()])
    writer.write([words["made_at"], report.made_at.isoformat(timespec="seconds"), report.time_zone])
    writer.write([words["days"], len(report.counted), words["missing"], report.missing_days])
    writer.write([])
    _values(report, writer)
    _league(report, writer)
    _days(report, writer)
    _excluded(report, writer)
    writer.write([words["foot"].format(share=f"{report.min_coverage:.0%}")])
    writer.finish()


def _values(report: RateReport, writer: TableWriter) -> None:
    words, names = WORDS[report.language], RATE_NAMES[report.language]
    columns = ("rate", "value", "numerator", "denominator", "unit", "coverage", "target", "state", "method")
    writer.write([words[column] for column in columns])
    for one in report.values:
        told: list[Cell] = [names[one.rate], _share(one.value), one.numerator, one.denominator, words[one.unit]]
        writer.write([*told, _share(one.coverage), one.target, state_of(one, report.language), one.method_version])
    writer.write([])


def _league(report: RateReport, writer: TableWriter) -> None:
    words, names = WORDS[report.language], RATE_NAMES[report.language]
    writer.write([words["league"]])
    columns = ("rate", "rank", "area", "value", "numerator", "denominator", "coverage", "change", "state")
    writer.write([words[column] for column in columns])
    for rate, rows in report.leagues.items():
        for row in rows:
            told: list[Cell] = [names[rate], row.rank, row.name, _share(row.value.value)]
            counted = [row.value.numerator, row.value.denominator, _share(row.value.coverage), _share(row.change)]
            writer.write([*told, *counted, state_of(row.value, report.language)])
    writer.write([])


def _days(report: RateReport, writer: TableWriter) -> None:
    words, names = WORDS[report.language], RATE_NAMES[report.language]
    writer.write([words["trend"]])
    writer.write([words["day"], *(names[rate] for rate in report.trends)])
    for at in range((report.last - report.first).days + 1):
        points = [trend[at] for trend in report.trends.values()]
        if points:
            writer.write([points[0].day.isoformat(), *(_share(point.value.value) for point in points)])
    writer.write([])


def _excluded(report: RateReport, writer: TableWriter) -> None:
    words = WORDS[report.language]
    writer.write([words["excluded"]])
    writer.write([words[column] for column in ("camera", "seconds", "why", "approved_by")])
    left_out = report.values[0].excluded
    for one in left_out:
        name = report.cameras.get(one.camera_id, one.camera_id)
        writer.write([name, one.seconds, words.get(one.why, one.why), one.approved_by])
    if not left_out:
        writer.write([words["none"]])


def _share(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
