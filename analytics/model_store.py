"""Where model files lie, and whether a file is the one that its entry describes."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from analytics.model import CATALOGUE_FILE, Catalogue, ModelEntry, ModelRefused, RefusalCode, read_catalogue

_CHUNK_BYTES = 1 << 20
OWN_MODELS_FILE = "models.toml"
EFFORT_FILE = "timings.json"
"""In the cache folder: what models cost on this machine."""


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where pulled and added models are kept: $XUELIANG_CACHE/models, else ~/.cache/xueliang/models."""
    root = environment.get("XUELIANG_CACHE")
    return (Path(root) if root else Path.home() / ".cache" / "xueliang") / "models"


def local_folders(environment: Mapping[str, str] = os.environ) -> tuple[Path, ...]:
    """Folders that somebody filled by hand: $XUELIANG_MODELS, then models/ in $XUELIANG_SHARED (default ../shared)."""
    shared = environment.get("XUELIANG_SHARED") or CATALOGUE_FILE.parent.parent.parent / "shared"
    given = environment.get("XUELIANG_MODELS")
    return (*((Path(given),) if given else ()), Path(shared) / "models")


def model_folders(environment: Mapping[str, str] = os.environ) -> tuple[Path, ...]:
    """All folders in which a detector looks for its file, in order."""
    return (*local_folders(environment), cache_folder(environment))


def known_models(environment: Mapping[str, str] = os.environ) -> Catalogue:
    """The catalogue with the models that were added on this machine.

    Raises:
        ModelRefused: an entry is wrong.

    """
    own = cache_folder(environment) / OWN_MODELS_FILE
    catalogue = read_catalogue()
    return catalogue.extended(read_catalogue(own).entries) if own.is_file() else catalogue


def find_model(entry: ModelEntry, folders: Sequence[Path]) -> Path:
    """The first file of that name that is the right one.

    Raises:
        ModelRefused: MISSING when no folder has it; HASH or UNREADABLE when only wrong files are there.

    """
    refusal = ModelRefused(RefusalCode.MISSING, f"{entry.file} is in none of the model folders")
    for folder in folders:
        path = folder / entry.file
        if not path.is_file():
            continue
        try:
            check_file(entry, path)
        except ModelRefused as refused:
            refusal = refused
        else:
            return path
    raise refusal


def check_file(entry: ModelEntry, path: Path) -> None:
    """Compares size and hash with the entry.

    Raises:
        ModelRefused: HASH or UNREADABLE.

    """
    try:
        size_bytes, digest = path.stat().st_size, file_sha256(path)
    except OSError as error:
        raise ModelRefused(RefusalCode.UNREADABLE, f"{entry.file}: {error.strerror}") from error
    if (size_bytes, digest) != (entry.size_bytes, entry.sha256):
        raise ModelRefused(
            RefusalCode.HASH, f"{entry.file}: {size_bytes} bytes with SHA-256 {digest}, expected {entry.sha256}"
        )


def file_sha256(path: Path) -> str:
    """SHA-256 of the file in hexadecimal.

    Raises:
        OSError: it cannot be read.

    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
