"""`xueliang serve` as a process: start, refusals, stop, sudden death."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from ingest.identifier import new_identifier
from tests.fakes.node import JPEG, FakeNode, alert_payload
from tests.vms_api.conftest import PASSWORD, PATIENCE_S
from vms_api.alerts import store
from vms_api.commands.user import user_app
from vms_api.database import Database
from vms_api.nodes.link import NODE_ID

COMMAND = (sys.executable, "-m", "tests.vms_api.serve_child")


class Child:
    """A served site; its first lines are read."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.url = self.line_that_begins("Xueliang is at ").removeprefix("Xueliang is at ").strip()

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def line_that_begins(self, start: str) -> str:
        """The next one; lines of the log stand between."""
        while not (line := self.line()).startswith(start):
            assert line, "it ended before"
        return line


def site_file(folder: Path, port: int = 0) -> Path:
    file = folder / "site.toml"
    file.write_text(f"[server]\nport = {port}\n[storage]\ndata_dir = 'data'\n")
    return file


@contextmanager
def serving(file: Path, **environ: str) -> Iterator[Child]:
    process = subprocess.Popen(
        [*COMMAND, str(file)],
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        try:
            yield Child(process)
        finally:
            process.kill()


def refused(file: Path, **environ: str) -> str:
    done = subprocess.run(
        [*COMMAND, str(file)],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def test_first_start_prints_a_set_up_link_that_works(tmp_path: Path) -> None:
    """Address and link are printed; SIGTERM ends it cleanly; afterwards there is no link any more."""
    with serving(site_file(tmp_path)) as child:
        link = child.line_that_begins("First start")
        token = link.partition("/setup#token=")[2].strip()
        body = {"token": token, "username": "chief", "password": PASSWORD}
        assert httpx.post(f"{child.url}/api/v1/setup", json=body, trust_env=False).status_code == 201
        child.process.send_signal(signal.SIGTERM)
        assert child.process.wait(PATIENCE_S) == 0
    with serving(site_file(tmp_path)) as child:
        assert "setup" not in child.line()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_open_event_streams_do_not_hold_up_the_end(tmp_path: Path, number: signal.Signals) -> None:
    """With a stream open the process ends within three seconds, and the stream with it."""
    with (
        serving(site_file(tmp_path), XUELIANG_ADMIN_PASSWORD=PASSWORD) as child,
        httpx.Client(base_url=child.url, trust_env=False) as http,
    ):
        http.post("/api/v1/login", json={"username": "admin", "password": PASSWORD})
        with http.stream("GET", "/api/v1/events") as answer:
            lines = answer.iter_lines()
            assert "hello" in next(lines) + next(lines)
            begun = time.monotonic()
            child.process.send_signal(number)
            assert child.process.wait(PATIENCE_S) == 0
            assert time.monotonic() - begun < 3


def test_port_in_use_is_a_clear_refusal(tmp_path: Path) -> None:
    """Address, reason and what to change; no traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        message = refused(site_file(tmp_path, port))
    assert message.startswith(f"port-in-use: 127.0.0.1:{port}: ")
    assert "server.port" in message


def test_weak_password_and_wrong_key_are_refusals(tmp_path: Path) -> None:
    """The process ends with the reason and the variable's name, never its value."""
    message = refused(site_file(tmp_path), XUELIANG_ADMIN_PASSWORD="tooshort")
    assert message.startswith("password-weak: XUELIANG_ADMIN_PASSWORD")
    assert "tooshort" not in message
    assert refused(site_file(tmp_path), XUELIANG_SECRET_KEY="tooshort").startswith(
        "secret-key-refused: XUELIANG_SECRET"
    )


def test_second_process_on_one_folder_is_refused(tmp_path: Path) -> None:
    """Two writers would lose writes; `xueliang user` is refused as well."""
    file = site_file(tmp_path)
    with serving(file):
        assert refused(file).startswith("data-folder-in-use: ")
        arguments = ["add", "guard", "--config", str(file), "--password", PASSWORD]
        result = CliRunner().invoke(user_app, arguments)
        assert (result.exit_code, "stop it first" in result.output) == (1, True)


def test_users_are_added_and_reset_on_the_command_line(tmp_path: Path) -> None:
    """A new user can log in with the password set last; mistakes are told."""
    file, run = site_file(tmp_path), CliRunner().invoke
    options = ["--config", str(file), "--password"]
    assert run(user_app, ["add", "guard", *options, PASSWORD]).exit_code == 0
    assert "there is a user" in run(user_app, ["add", "Guard", *options, PASSWORD]).output
    assert "no user of that name" in run(user_app, ["reset", "nobody", *options, PASSWORD]).output
    assert "password-weak" in run(user_app, ["reset", "guard", *options, "short"]).output
    assert run(user_app, ["reset", "guard", *options, "another password"]).exit_code == 0
    with serving(file) as child, httpx.Client(base_url=child.url, trust_env=False) as http:
        body = {"username": "guard", "password": PASSWORD}
        assert http.post("/api/v1/login", json=body).status_code == 401
        assert http.post("/api/v1/login", json={**body, "password": "another password"}).status_code == 200


def test_answered_delivery_survives_sudden_death(tmp_path: Path) -> None:
    """Kill -9 right after the 204: alert, picture, history and event are on disk."""
    file = site_file(tmp_path)
    identifiers = [new_identifier() for _ in range(5)]
    with serving(file, XUELIANG_ADMIN_PASSWORD=PASSWORD) as child:
        fields = dict(part.split("=", 1) for part in child.line_that_begins("token=").split())
        launch = {"node_id": NODE_ID, "control_url": child.url, "token": fields["token"], "epoch": int(fields["epoch"])}
        node = FakeNode(launch).start()
        for identifier in identifiers:
            assert node.deliver(alert_payload(identifier)).status_code == 204
        child.process.kill()
        child.process.wait()
        node.stop()
    asyncio.run(_check_stored(tmp_path / "data/xueliang.db", identifiers))


async def _check_stored(path: Path, identifiers: list[str]) -> None:
    database = await Database.open(path)
    async with database.read() as connection:
        for identifier in identifiers:
            assert await store.find_alert(connection, identifier) is not None
            assert await store.find_evidence(connection, identifier) == JPEG
            assert len(await store.list_history(connection, identifier)) == 1
        events = (await connection.exec_driver_sql("SELECT kind FROM events")).scalars().all()
    await database.close()
    assert events == ["alert.raised"] * len(identifiers)
