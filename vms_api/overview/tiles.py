"""Pieces of the ground from a local folder: z/x/y.png, as every program that cuts maps lays them out."""

from pathlib import Path

from vms_api.errors import NotFound

FINEST = 22
MAX_BYTES = 4 * 1024 * 1024
_PNG = b"\x89PNG\r\n\x1a\n"


def tile(folder: Path, zoom: int, x: int, y: int) -> bytes:
    """The bytes of one tile. Only numbers make up the path, and a link that leads out of the folder is not followed.

    Raises:
        NotFound: no such tile, or a file that is none.

    """
    if not (0 <= zoom <= FINEST and 0 <= x < 1 << zoom and 0 <= y < 1 << zoom):
        raise NotFound("no such tile")
    root = folder.resolve()
    file = (root / str(zoom) / str(x) / f"{y}.png").resolve()
    if not (file.is_relative_to(root) and file.is_file() and file.stat().st_size <= MAX_BYTES):
        raise NotFound("no such tile")
    data = file.read_bytes()
    if not data.startswith(_PNG):
        raise NotFound("no such tile")
    return data
