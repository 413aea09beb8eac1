"""`xueliang check-config FILE`: says OK, or everything that is wrong with a site file."""

from pathlib import Path

import typer

from vms_api.errors import SettingsRefused
from vms_api.settings_file import load_settings


def check_config(file: Path) -> None:
    """Reads a site file. Prints OK, or one line for each mistake and exits with 1."""
    try:
        load_settings(file)
    except SettingsRefused as refusal:
        for problem in refusal.problems:
            typer.echo(problem, err=True)
        raise typer.Exit(1) from None
    typer.echo("OK")
