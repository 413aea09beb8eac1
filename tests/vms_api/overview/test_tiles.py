"""Tiles of a local folder: nothing but tiles of that folder is ever handed out."""

from pathlib import Path

import pytest

from tests.fakes.drawing import drawing
from vms_api.errors import NotFound
from vms_api.overview.tiles import tile


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secret.png").write_bytes(drawing())
    place = tmp_path / "tiles" / "3" / "5"
    place.mkdir(parents=True)
    (place / "2.png").write_bytes(drawing(256, 256))
    (place / "3.png").write_bytes(b"[storage]\npassword = 1")
    (place / "4.png").symlink_to(tmp_path / "secret.png")
    return tmp_path / "tiles"


def test_a_tile_is_its_bytes(folder: Path) -> None:
    """As they lie in the folder."""
    assert tile(folder, 3, 5, 2) == drawing(256, 256)


@pytest.mark.parametrize(
    ("zoom", "x", "y"),
    [(3, 5, 1), (3, 5, 3), (3, 5, 4), (3, 8, 2), (3, -1, 2), (23, 0, 0), (-1, 0, 0), (3, 5, 8)],
)
def test_what_is_no_tile_is_not_there(folder: Path, zoom: int, x: int, y: int) -> None:
    """A missing one, a file of another kind, a link out of the folder, and numbers that no tile has."""
    with pytest.raises(NotFound):
        tile(folder, zoom, x, y)
