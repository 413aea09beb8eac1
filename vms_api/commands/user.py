"""`xueliang user add|reset`: people, while the server is stopped (the database has one writing process)."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer
from argon2 import PasswordHasher

from ingest.clock import SystemClock
from vms_api.accounts.account import MIN_PASSWORD_LENGTH
from vms_api.accounts.desk import AccountDesk
from vms_api.accounts.passwords import Passwords, is_weak
from vms_api.data_folder import data_folder
from vms_api.database import Database
from vms_api.errors import StartRefused, UserRefused
from vms_api.events import EventLog
from vms_api.settings_file import load_settings

user_app = typer.Typer(no_args_is_help=True, help="Add users and reset passwords; stop the server first.")

Config = Annotated[Path, typer.Option(help="The site file.")]
Username = Annotated[str, typer.Argument(help="User name.")]
Password = Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, help="Asked for.")]


@user_app.command()
def add(username: Username, config: Config, password: Password) -> None:
    """Adds a user."""
    _run(config, password, lambda desk: desk.add_user(username, password))
    typer.echo(f"{username}: added")


@user_app.command()
def reset(username: Username, config: Config, password: Password) -> None:
    """Sets a user's password and ends the user's sessions."""
    _run(config, password, lambda desk: desk.reset_password(username, password))
    typer.echo(f"{username}: password set, sessions ended")


def _run(config: Path, password: str, act: Callable[[AccountDesk], Awaitable[object]]) -> None:
    try:
        if is_weak(password):
            raise UserRefused(f"password-weak: it needs at least {MIN_PASSWORD_LENGTH} characters")
        asyncio.run(_with_desk(config, act))
    except StartRefused as refusal:
        typer.echo(str(refusal), err=True)
        raise typer.Exit(1) from None


async def _with_desk(config: Path, act: Callable[[AccountDesk], Awaitable[object]]) -> None:
    clock = SystemClock()
    with data_folder(load_settings(config).storage.data_dir) as folder:
        database = await Database.open(folder / "xueliang.db")
        try:
            await act(AccountDesk(database, Passwords(PasswordHasher()), EventLog(database, clock), clock))
        finally:
            await database.close()
