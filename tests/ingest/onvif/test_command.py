"""`xueliang discover`, as a person runs it."""

import asyncio
import json

import pytest
import typer
from typer.testing import CliRunner

from tests.ingest.onvif.test_discovery import responders
from vms_api.commands.discover import discover

pytestmark = pytest.mark.anyio


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer(add_completion=False)
    app.command("discover")(discover)
    return app


async def invoke(app: typer.Typer, *arguments: str, answer: str | None = None):
    return await asyncio.to_thread(CliRunner().invoke, app, list(arguments), input=answer)


async def test_the_plan_is_shown_and_asked_for(app: typer.Typer):
    """Without a yes nobody is asked; with it the devices are listed."""
    async with responders(["127.0.81.2"]) as port:
        options = ["127.0.81.2/31", "--allow-loopback", "--port", str(port)]
        refused = await invoke(app, *options, answer="n\n")
        assert refused.exit_code == 1
        assert "2 hosts" in refused.output
        assert "127.0.81.2 " not in refused.stdout
        listed = await invoke(app, *options, "--yes", "--json")
    assert [device["name"] for device in json.loads(listed.stdout)] == ["村口"]


async def test_a_network_that_is_not_for_cameras(app: typer.Typer):
    """A mistake ends with a sentence."""
    refused = await invoke(app, "169.254.0.0/24", "--yes")
    assert refused.exit_code == 1
    assert "cameras are not allowed" in refused.output
