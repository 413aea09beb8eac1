"""`xueliang user add|reset`: people, while the server is stopped (the database has one writing process)."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer
from argon2 import PasswordHasher

from ingest.clock import SystemClock
from vms_api.accounts.people import PeopleDesk
from vms_api.accounts.permission import Role
from vms_api.audit.entry import SYSTEM
from vms_api.control import PASSWORD_VARIABLE, open_control
from vms_api.errors import Problem, StartRefused
from vms_api.settings_file import load_settings

user_app = typer.Typer(no_args_is_help=True, help="Add users and reset passwords; stop the server first.")

Config = Annotated[Path, typer.Option(help="The site file.")]
Username = Annotated[str, typer.Argument(help="User name.")]
SiteRole = Annotated[Role, typer.Option(help="What the user may do in the whole site.")]
Password = Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, help="Asked for.")]


@user_app.command()
def add(username: Username, config: Config, password: Password, role: SiteRole = Role.VIEWER) -> None:
    """Adds a user with a role on the whole site; rights on single areas are granted on the page."""
    _run(config, lambda people: people.add_to_site(username, password, SYSTEM, role))
    typer.echo(f"{username}: added")


@user_app.command()
def reset(username: Username, config: Config, password: Password) -> None:
    """Sets a user's password and ends the user's sessions."""
    _run(config, lambda people: people.reset_password(username, password))
    typer.echo(f"{username}: password set, sessions ended")


def _run(config: Path, act: Callable[[PeopleDesk], Awaitable[object]]) -> None:
    try:
        asyncio.run(_with_people(config, act))
    except StartRefused as refusal:
        typer.echo(str(refusal), err=True)
        raise typer.Exit(1) from None
    except Problem as problem:
        reasons = [error.message for error in problem.errors] or [problem.title]
        typer.echo(f"{problem.code}: {'; '.join(reasons)}", err=True)
        raise typer.Exit(1) from None


async def _with_people(config: Path, act: Callable[[PeopleDesk], Awaitable[object]]) -> None:
    async with open_control(load_settings(config), _environment(), SystemClock(), PasswordHasher()) as control:
        await act(control.accounts.people)


def _environment() -> dict[str, str]:
    """Without the preset password: this command sets the one that was typed."""
    return {name: value for name, value in os.environ.items() if name != PASSWORD_VARIABLE}
