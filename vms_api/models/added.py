"""A site's own models: described in a TOML file like configs/models.toml, kept in the cache folder."""

import json
import shutil
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from analytics.detector_choice import open_detector
from analytics.model import ModelEntry, ModelRefused, RefusalCode, read_catalogue, read_entry
from analytics.model_store import OWN_MODELS_FILE, file_sha256
from analytics.settings import AnalyticsSettings


def add_model(description: Path, file: Path, cache: Path) -> ModelEntry:
    """Checks the file against its description by opening it, then keeps both.

    The description holds one table [models.NAME]; `file`, `size_bytes` and `sha256` are filled in.

    Raises:
        ModelRefused: the description or the model is not acceptable; nothing was kept.

    """
    entry = _described(description, file)
    open_detector(entry, (file.parent,), AnalyticsSettings()).close()
    keep_model(entry, file, cache)
    return entry


def keep_model(entry: ModelEntry, file: Path, cache: Path) -> None:
    """Copies the file into the cache and declares it there, in place of what had that name.

    Raises:
        ModelRefused: what is declared there already cannot be read; nothing was kept.

    """
    cache.mkdir(parents=True, exist_ok=True)
    own = cache / OWN_MODELS_FILE
    others = [known for known in (read_catalogue(own).entries if own.is_file() else ()) if known.name != entry.name]
    if file.parent.resolve() != cache.resolve():
        shutil.copy(file, cache / entry.file)
    own.write_text("\n".join(_table(one) for one in (*others, entry)), encoding="utf-8")


def _described(description: Path, file: Path) -> ModelEntry:
    try:
        tables = tomllib.loads(description.read_text(encoding="utf-8")).get("models", {})
        facts = {"file": file.name, "size_bytes": file.stat().st_size, "sha256": file_sha256(file)}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ModelRefused(RefusalCode.UNREADABLE, f"{description.name} or {file.name}: {error}") from error
    if len(tables) != 1:
        raise ModelRefused(RefusalCode.ENTRY, f"{description.name} must hold one table [models.NAME]")
    ((name, table),) = tables.items()
    return read_entry(name, {**table, **facts})


def _table(entry: ModelEntry) -> str:
    """TOML of one entry and, below it, of what it is the twin of."""
    values = entry.model_dump(mode="json", exclude={"name", "twin"}, exclude_none=True)
    twin = () if entry.twin is None else (f'[models."{entry.name}".twin]', *_lines(entry.twin.model_dump(mode="json")))
    return "\n".join((f'[models."{entry.name}"]', *_lines(values), *twin, ""))


def _lines(values: Mapping[str, object]) -> Sequence[str]:
    """Strings, numbers and lists are written alike in JSON and TOML."""
    return [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
