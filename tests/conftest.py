"""Fixtures that all tests share."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def footage_dir() -> Path:
    """The folder with the real clips (media/) and the real model (models/)."""
    folder = Path(os.environ.get("XUELIANG_SHARED") or Path(__file__).resolve().parents[2] / "shared")
    if not (folder / "media").is_dir():
        pytest.skip(f"no real footage: {folder}/media is missing (set XUELIANG_SHARED)")
    return folder
