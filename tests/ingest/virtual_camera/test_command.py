"""`xueliang virtual-camera`, as a person runs it."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import typer
from typer.testing import CliRunner

from ingest.onvif import namespaces as ns
from tests.ingest.virtual_camera.rtsp_client import RtspClient
from vms_api.commands.virtual_camera import virtual_camera

SCENE = "桥头=scene:size=64x64,duration=1,fps=5"
RUN = "import typer; from vms_api.commands.virtual_camera import virtual_camera; typer.run(virtual_camera)"


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer(add_completion=False)
    app.command("virtual-camera")(virtual_camera)
    return app


def test_list_says_what_would_be_served(app: typer.Typer, tmp_path: Path):
    """Each stream has its address, codec, size and rate."""
    result = CliRunner().invoke(app, ["--list", SCENE], env={"XDG_CACHE_HOME": str(tmp_path)})
    assert result.exit_code == 0
    lines = [line for line in result.stdout.splitlines() if line.startswith("rtsp://")]
    assert len(lines) == 2
    assert lines[0].startswith("rtsp://127.0.0.1:8554/%E6%A1%A5%E5%A4%B4/main  h264 64x64 5 frames/s")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "Missing argument"),
        (["scene:colour=red"], 2, "colour"),
        (["scene", "scene"], 2, "two cameras are called scene-1"),
        (["--user", "admin", SCENE], 2, "XUELIANG_CAMERA_PASSWORD"),
        (["nowhere.mp4"], 1, "virtual-camera: nowhere.mp4: No such file"),
        (["--faults", "none.toml", SCENE], 1, "virtual-camera: none.toml: "),
        (["--host", "192.0.2.1", SCENE], 1, "cannot listen on 192.0.2.1"),
    ],
)
def test_mistakes_are_explained(app: typer.Typer, tmp_path: Path, arguments: list[str], code: int, message: str):
    """A mistake ends with a sentence, not with a traceback."""
    environment = {"XUELIANG_CAMERA_PASSWORD": "", "XDG_CACHE_HOME": str(tmp_path)}
    result = CliRunner().invoke(app, arguments, env=environment)
    assert result.exit_code == code
    assert message in " ".join(result.output.replace("│", " ").split())
    assert "Traceback" not in result.output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_told_to_stop(tmp_path: Path, number: signal.Signals):
    """The printed address can be watched with the password; Ctrl-C and a polite kill end it well."""
    faults = tmp_path / "faults.toml"
    faults.write_text("[[fault]]\nkind = 'no-sound'\nat_s = 3600", encoding="utf-8")
    options = ["--port", "0", "--user", "u", "--sound", "pcma", "--faults", str(faults)]
    command = [sys.executable, "-c", RUN, *options, SCENE]
    environment = {"XUELIANG_CAMERA_PASSWORD": "secret-word", "PATH": "/usr/bin", "HOME": str(tmp_path)}
    root = Path(__file__).parents[3]
    with subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        printed = ""
        while not (address := re.search(r"^(rtsp://\S+/main)  ", printed, re.MULTILINE)):
            line = process.stdout.readline()
            assert line, "the command ended"
            printed += line
        with RtspClient(address[1]) as client:
            assert client.ask("DESCRIBE").status == 401
        process.send_signal(number)
        printed += process.stdout.read()
    assert process.returncode == 0
    assert "secret-word" not in printed


def test_onvif_device_speaks(tmp_path: Path):
    """With --onvif each camera has a device service that tells the time and where the other services are."""
    command = [sys.executable, "-c", RUN, "--port", "0", "--onvif", "0", "--quirk", "wsse-only", SCENE]
    environment = {"PATH": "/usr/bin", "HOME": str(tmp_path)}
    root = Path(__file__).parents[3]
    with subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        printed = ""
        while not (address := re.search(r"^(http://\S+)  ONVIF of", printed, re.MULTILINE)):
            line = process.stdout.readline()
            assert line, "the command ended"
            printed += line
        body = f'<GetServices xmlns="{ns.DEVICE}"/>'
        document = f'<s:Envelope xmlns:s="{ns.SOAP}"><s:Body>{body}</s:Body></s:Envelope>'
        answer = httpx.post(address[1], content=document, trust_env=False)
        process.send_signal(signal.SIGTERM)
        process.wait(10)
    assert ns.MEDIA2 in answer.text
    assert process.returncode == 0
