"""`xueliang bench NAME`: one benchmark, as a table or as JSON, against the figure it must reach."""

import importlib
import json
import sys
from typing import Annotated

import typer

from benchmarks.report import Report, print_table

BENCHMARKS = (
    "first-picture",
    "alert-latency",
    "analytics-load",
    "analytics-peers",
    "node-cost",
    "demo-start",
    "audit",
    "demux",
    "guard",
    "kill",
    "look-back",
    "masks",
    "playback",
    "power-cut",
    "reconnect",
    "recorded-again",
    "recording-cost",
    "recording-index",
    "recording-kill",
    "soak",
    "wake-cue",
)


def bench(
    name: Annotated[str, typer.Argument(help=f"One of: {', '.join(BENCHMARKS)}.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Exit 1 when a figure is missed.")] = False,
) -> None:
    """Run one benchmark."""
    if name not in BENCHMARKS:
        typer.echo(f"xueliang bench: there is no benchmark {name!r}; there are {', '.join(BENCHMARKS)}", err=True)
        raise typer.Exit(2)
    report: Report = importlib.import_module(f"benchmarks.{name.replace('-', '_')}").measure()
    if as_json:
        json.dump(report.as_json(), sys.stdout, indent=2, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        print_table(report)
    if check and not report.reached:
        raise typer.Exit(1)
