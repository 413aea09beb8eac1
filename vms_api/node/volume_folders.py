"""Which folder is which volume: by the identity file in it, whatever the folder is called today."""

import json
from collections.abc import Iterable
from pathlib import Path
from threading import Lock

from ingest.recording.volume import IDENTITY_FILE

_LONGEST_IDENTITY = 4096


class VolumeFolders:
    """Looks into the folders of the site file. A volume that is mounted later is found then."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = tuple(folders)
        self._lock = Lock()
        self._known: dict[str, Path] = {}

    def find(self, volume_id: str) -> Path | None:
        """The folder with that identity; None when it is not there."""
        with self._lock:
            if volume_id not in self._known:
                self._known = {found: folder for folder in self._folders if (found := _identity(folder)) is not None}
            return self._known.get(volume_id)


def _identity(folder: Path) -> str | None:
    try:
        with (folder / IDENTITY_FILE).open("rb") as file:
            document = json.loads(file.read(_LONGEST_IDENTITY))
    except (OSError, ValueError, RecursionError):
        return None
    identity = document.get("id") if isinstance(document, dict) else None
    return identity if isinstance(identity, str) else None
