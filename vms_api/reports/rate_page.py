"""A report on rates as one page for the printer: HTML with its charts as SVG inside, nothing loaded from anywhere."""

from collections.abc import Iterable, Sequence
from html import escape
from zoneinfo import ZoneInfo

from vms_api.rates.rate import Rate, RateValue
from vms_api.rates.rollup import Standing, TrendPoint
from vms_api.reports.rate_report import RateReport
from vms_api.reports.rate_words import NONE, RATE_NAMES, WORDS, percent, state_of

_STYLE = """
@page { size: A4; margin: 16mm 14mm; }
body { font: 10pt/1.45 "Noto Sans SC", "PingFang SC", "Microsoft YaHei", system-ui, sans-serif; color: #1c2127;
  max-width: 190mm; margin: 0 auto; }
h1 { font-size: 17pt; margin: 0 0 2mm; } h2 { font-size: 12pt; margin: 7mm 0 2mm; break-after: avoid; }
h3 { font-size: 10pt; margin: 4mm 0 1mm; break-after: avoid; }
.facts { color: #57606a; margin: 0 0 4mm; } table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: .3pt solid #c4cad1; padding: 1mm 1.5mm; text-align: left; vertical-align: top; }
th { font-weight: 600; background: #f3f5f7; } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
tr { break-inside: avoid; } figure { margin: 0; break-inside: avoid; display: inline-block; width: 50%;
  padding-right: 4%; box-sizing: border-box; }
.missed { font-weight: 700; } .missed::before { content: "\\25bc "; } .none { color: #57606a; font-style: italic; }
.foot { color: #57606a; margin-top: 6mm; } svg { width: 100%; height: auto; }
"""
_WIDTH, _HEIGHT = 320.0, 84.0


def rate_page(report: RateReport) -> str:
    """The whole page."""
    words = WORDS[report.language]
    made_at = report.made_at.astimezone(ZoneInfo(report.time_zone))
    facts = [
        f"{words['area']}: {report.area}",
        f"{words['window']}: {report.first} {NONE} {report.last}",
        f"{words['made_at']}: {made_at:%Y-%m-%d %H:%M} ({report.time_zone})",
        f"{words['days']}: {len(report.counted)}",
        *([f"{words['missing']}: {report.missing_days}"] if report.missing_days else []),
    ]
    parts = [
        f"<h1>{escape(report.title)}</h1>",
        f'<p class="facts">{escape(" · ".join(facts))}</p>',
        _values(report),
        f"<h2>{words['trend']}</h2>",
        *(_chart(report, rate, points) for rate, points in report.trends.items()),
        f"<h2>{words['league']}</h2>",
        *(_league(report, rate, rows) for rate, rows in report.leagues.items() if rows),
        _excluded(report),
        f'<p class="foot">{escape(words["foot"].format(share=f"{report.min_coverage:.0%}"))}</p>',
    ]
    return (
        f'<!doctype html><html lang="{report.language}"><head><meta charset="utf-8">'
        f"<title>{escape(report.title)}</title><style>{_STYLE}</style></head><body>{''.join(parts)}</body></html>\n"
    )


def _values(report: RateReport) -> str:
    words, names = WORDS[report.language], RATE_NAMES[report.language]
    head = [(words[name], name != "rate") for name in ("rate", "value", "numerator", "denominator")]
    head += [(words["unit"], False), (words["coverage"], True), (words["target"], True), (words["state"], False)]
    rows = (
        [
            _cell(names[one.rate]),
            _value(one, report),
            _number(_amount(one, one.numerator)),
            _number(_amount(one, one.denominator)),
            _cell(_unit(one, report)),
            _number(percent(one.coverage)),
            _number(percent(one.target)),
            _state(one, report),
        ]
        for one in report.values
    )
    return _table(head, rows)


def _league(report: RateReport, rate: Rate, rows: Sequence[Standing]) -> str:
    words = WORDS[report.language]
    head = [(words["rank"], True), (words["area"], False), (words["value"], True), (words["numerator"], True)]
    head += [(words["denominator"], True), (words["coverage"], True), (words["change"], True)]
    cells = (
        [
            _number(NONE if row.rank is None else str(row.rank)),
            _cell(row.name),
            _value(row.value, report),
            _number(_amount(row.value, row.value.numerator)),
            _number(_amount(row.value, row.value.denominator)),
            _number(percent(row.value.coverage)),
            _number(NONE if row.change is None else f"{row.change * 100:+.2f}"),
        ]
        for row in rows
    )
    return f"<h3>{RATE_NAMES[report.language][rate]} ({_unit(rows[0].value, report)})</h3>{_table(head, cells)}"


def _excluded(report: RateReport) -> str:
    words = WORDS[report.language]
    left_out = report.values[0].excluded
    if not left_out:
        return f"<h2>{words['excluded']}</h2><p>{words['none']}</p>"
    head = [(words["camera"], False), (words["seconds"], True), (words["why"], False), (words["approved_by"], False)]
    rows = (
        [
            _cell(report.cameras.get(one.camera_id, one.camera_id)),
            _number(_count(one.seconds)),
            _cell(words.get(one.why, one.why)),
            _cell(one.approved_by),
        ]
        for one in left_out
    )
    return f"<h2>{words['excluded']}</h2>{_table(head, rows)}"


def _chart(report: RateReport, rate: Rate, points: Sequence[TrendPoint]) -> str:
    """A bar for each day from 0 to 100 %, the target as a line; a day without a number has a hatched foot."""
    words, name = WORDS[report.language], RATE_NAMES[report.language][rate]
    step = _WIDTH / max(1, len(points))
    bars = []
    for at, point in enumerate(points):
        share = point.value.value
        height = 3.0 if share is None else max(0.5, share * _HEIGHT)
        told = percent(share) if share is not None else state_of(point.value, report.language)
        fill = "url(#none)" if share is None else "#3b6ea8"
        bars.append(
            f'<rect x="{at * step + step * 0.1:.2f}" y="{_HEIGHT - height:.2f}" width="{step * 0.8:.2f}" '
            f'height="{height:.2f}" fill="{fill}"><title>{point.day}: {escape(told)}</title></rect>'
        )
    target = points[0].value.target if points else None
    line = "" if target is None else _line(_HEIGHT * (1 - target), "#b3261e", "4 3")
    caption = f"{name} · {words['target']} {percent(target)}" if target is not None else name
    ends = (
        f'<text x="0" y="{_HEIGHT + 12}" font-size="9">{points[0].day}</text>'
        f'<text x="{_WIDTH}" y="{_HEIGHT + 12}" font-size="9" text-anchor="end">{points[-1].day}</text>'
        if points
        else ""
    )
    return (
        f"<figure><h3>{escape(caption)}</h3>"
        f'<svg viewBox="0 -2 {_WIDTH} {_HEIGHT + 16}" role="img" aria-label="{escape(caption)}"><defs>'
        '<pattern id="none" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<line x1="0" y1="0" x2="0" y2="4" stroke="#8a939c" stroke-width="2"/></pattern></defs>'
        f"{_line(0, '#d5dae0', '')}{_line(_HEIGHT, '#8a939c', '')}{''.join(bars)}{line}{ends}</svg></figure>"
    )


def _line(height: float, colour: str, dashes: str) -> str:
    return (
        f'<line x1="0" x2="{_WIDTH}" y1="{height:.2f}" y2="{height:.2f}" stroke="{colour}" stroke-width="1" '
        f'stroke-dasharray="{dashes}"/>'
    )


def _value(value: RateValue, report: RateReport) -> str:
    if value.value is None:
        return f'<td class="n none">{escape(state_of(value, report.language))}</td>'
    return _number(percent(value.value))


def _state(value: RateValue, report: RateReport) -> str:
    is_missed = value.value is not None and value.target is not None and value.value < value.target
    return f'<td class="{"missed" if is_missed else ""}">{escape(state_of(value, report.language))}</td>'


def _table(head: Iterable[tuple[str, bool]], rows: Iterable[Sequence[str]]) -> str:
    titles = "".join(f'<th class="{"n" if is_number else ""}">{escape(text)}</th>' for text, is_number in head)
    lines = "".join(f"<tr>{''.join(cells)}</tr>" for cells in rows)
    return f"<table><thead><tr>{titles}</tr></thead><tbody>{lines}</tbody></table>"


def _cell(text: str) -> str:
    return f"<td>{escape(text)}</td>"


def _number(text: str) -> str:
    return f'<td class="n">{escape(text)}</td>'


def _amount(value: RateValue, amount: float) -> str:
    """Hours where seconds are counted; the tables for programs have those."""
    return f"{amount / 3600:,.1f}" if value.unit == "s" else _count(amount)


def _unit(value: RateValue, report: RateReport) -> str:
    return WORDS[report.language]["h" if value.unit == "s" else value.unit]


def _count(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
