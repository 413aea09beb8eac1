"""`xueliang bench NAME`: one benchmark, as a table or as JSON, against the figure it must reach."""

import importlib
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.report import Report, print_table

BENCHMARKS = (
    "first-picture",
    "alert-latency",
    "accuracy",
    "alert-desk",
    "analytics-load",
    "analytics-peers",
    "node-cost",
    "notify",
    "patrol-due",
    "patrol-stop",
    "adoption",
    "demo-start",
    "audit",
    "close-look",
    "demux",
    "desk-page",
    "diagnosis",
    "diagnosis-schedule",
    "glass",
    "gpu-streams",
    "guard",
    "join",
    "kill",
    "ledger-import",
    "look-back",
    "loss",
    "masks",
    "overview-map",
    "playback",
    "power-cut",
    "quantized",
    "rates",
    "reconnect",
    "recorded-again",
    "recording-cost",
    "recording-index",
    "recording-kill",
    "soak",
    "ticket-watch",
    "viewers",
    "wake-cue",
    "wall-hold",
)

_DRAW_MISTAKES = ("accuracy", "diagnosis")


def bench(
    name: Annotated[str, typer.Argument(help=f"One of: {', '.join(BENCHMARKS)}.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Exit 1 when a figure is missed.")] = False,
    report_to: Annotated[
        Path | None,
        typer.Option(
            "--report", metavar="DIR", help="Of accuracy and diagnosis: write a page with its mistakes there."
        ),
    ] = None,
) -> None:
    """Run one benchmark."""
    if name not in BENCHMARKS:
        typer.echo(f"xueliang bench: there is no benchmark {name!r}; there are {', '.join(BENCHMARKS)}", err=True)
        raise typer.Exit(2)
    if report_to is not None and name not in _DRAW_MISTAKES:
        typer.echo(f"xueliang bench: only {' and '.join(_DRAW_MISTAKES)} write a page with --report", err=True)
        raise typer.Exit(2)
    where = () if report_to is None else (report_to,)
    report: Report = importlib.import_module(f"benchmarks.{name.replace('-', '_')}").measure(*where)
    if as_json:
        json.dump(report.as_json(), sys.stdout, indent=2, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        print_table(report)
    if check and not report.reached:
        raise typer.Exit(1)
