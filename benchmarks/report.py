"""What a benchmark found: figures with the limits they must keep, and the machine they were taken on."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. `at_most` is the figure it must keep, None for one that only informs."""

    name: str
    value: float
    unit: str
    at_most: float | None = None

    @property
    def reached(self) -> bool:
        """Whether the figure keeps its limit. NaN never does."""
        return self.at_most is None or self.value <= self.at_most


@dataclass(frozen=True, slots=True)
class Report:
    """The result of one benchmark. `notes` say what a reader must know to believe it."""

    name: str
    figures: Sequence[Figure]
    notes: Sequence[str] = field(default=())

    @property
    def reached(self) -> bool:
        """Whether every figure keeps its limit."""
        return all(figure.reached for figure in self.figures)

    def as_json(self) -> dict[str, Any]:
        """The report for machines."""
        return {
            "benchmark": self.name,
            "reached": self.reached,
            "figures": [
                {"name": f.name, "value": round(f.value, 4), "unit": f.unit, "at_most": f.at_most, "reached": f.reached}
                for f in self.figures
            ],
            "notes": list(self.notes),
            "machine": machine(),
        }


def machine() -> dict[str, Any]:
    """The machine in words: figures of different machines are not compared."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load_1m": round(os.getloadavg()[0], 2),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def silence(_: object) -> None:
    """A listener that does not care; standard output is for the report."""


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile (`share` 0 to 1); NaN of nothing."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1))]


def print_table(report: Report) -> None:
    """The report for people."""
    table = Table(title=f"xueliang bench {report.name}")
    for column in ("figure", "value", "must be at most", ""):
        table.add_column(column, justify="right" if column in ("value", "must be at most") else "left")
    for figure in report.figures:
        limit = "" if figure.at_most is None else f"{figure.at_most:g} {figure.unit}"
        verdict = "" if figure.at_most is None else ("reached" if figure.reached else "MISSED")
        table.add_row(figure.name, f"{figure.value:.3f} {figure.unit}", limit, verdict)
    console = Console()
    console.print(table)
    for note in report.notes:
        console.print(f"- {note}", highlight=False)
    console.print(f"- {', '.join(f'{key} {value}' for key, value in machine().items())}", highlight=False)
