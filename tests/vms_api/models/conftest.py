"""What the tests of model commands have in common: folders of their own."""

from pathlib import Path

import pytest


@pytest.fixture
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No model of this machine is found, and a line of output is never broken."""
    monkeypatch.setenv("XUELIANG_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("XUELIANG_SHARED", str(tmp_path / "shared"))
    monkeypatch.delenv("XUELIANG_MODELS", raising=False)
    monkeypatch.setenv("COLUMNS", "400")
