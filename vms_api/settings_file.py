"""From the text of a site file to settings, with every mistake named by file, line and key."""

import difflib
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from vms_api.accounts.oidc_settings import OidcSettings
from vms_api.errors import SettingsRefused
from vms_api.settings import SiteFile

KeyPath = tuple[str, ...]

_PART = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_TABLE = re.compile(rf"^\s*\[\[?\s*({_PART}(?:\s*\.\s*{_PART})*)\s*\]")
_KEY = re.compile(rf"^\s*({_PART}(?:\s*\.\s*{_PART})*)\s*=")
_SYNTAX_PLACE = re.compile(r"^(.*) \(at line (\d+), column \d+\)$", re.DOTALL)


def load_settings(path: Path) -> SiteFile:
    """The settings in a site file; relative paths in it are made absolute from the file's folder.

    Raises:
        SettingsRefused: the file cannot be read or has mistakes; all of them are listed.

    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsRefused([f"{path.name}: cannot be read ({error})"]) from error
    settings = parse_settings(text, path.name)
    folder = path.resolve().parent
    data_dir = (folder / settings.storage.data_dir).resolve()
    rooted = {
        "storage": settings.storage.model_copy(update={"data_dir": data_dir}),
        "oidc": _rooted(settings.oidc, folder),
        "recording": settings.recording.rooted(folder),
        "map": settings.map.rooted(folder),
    }
    return settings.model_copy(update=rooted)


def parse_settings(text: str, name: str) -> SiteFile:
    """The settings in the text of a site file called `name`.

    Raises:
        SettingsRefused: all mistakes, as "site.toml line 12: server.prot: unknown key, did you mean port?".

    """
    try:
        return SiteFile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise SettingsRefused([_syntax_problem(str(error), name)]) from error
    except ValidationError as error:
        lines = key_lines(text)
        raise SettingsRefused([_problem(detail, lines, name) for detail in error.errors()]) from None


def key_lines(text: str) -> Mapping[KeyPath, int]:
    """The line (from 1) on which each table and key of a TOML text stands."""
    lines: dict[KeyPath, int] = {}
    table: KeyPath = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if heading := _TABLE.match(line):
            table = _parts(heading[1])
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            lines.setdefault((*table, *_parts(key[1])), number)
    return lines


def _rooted(oidc: OidcSettings, folder: Path) -> OidcSettings:
    if oidc.client_secret_file is None:
        return oidc
    return oidc.model_copy(update={"client_secret_file": folder / oidc.client_secret_file})


def _parts(dotted: str) -> KeyPath:
    return tuple(part.strip("\"'") for part in re.findall(_PART, dotted))


def _syntax_problem(message: str, name: str) -> str:
    if place := _SYNTAX_PLACE.match(message):
        return f"{name} line {place[2]}: {place[1]}"
    return f"{name}: {message}"


def _problem(detail: Mapping[str, Any], lines: Mapping[KeyPath, int], name: str) -> str:
    path = tuple(str(part) for part in detail["loc"])
    line = _nearest_line(path, lines)
    where = f"{name} line {line}" if line else name
    return f"{where}: {'.'.join(path)}: {_reason(detail, path)}"


def _nearest_line(path: KeyPath, lines: Mapping[KeyPath, int]) -> int | None:
    """The line of the key, or of the nearest thing around it (an element of a list has no line of its own)."""
    candidates = (path[:end] for end in range(len(path), 0, -1))
    return next((lines[candidate] for candidate in candidates if candidate in lines), None)


def _reason(detail: Mapping[str, Any], path: KeyPath) -> str:
    if detail["type"] != "extra_forbidden":
        return str(detail["msg"]).removeprefix("Value error, ")
    close = difflib.get_close_matches(path[-1], _known_keys(path[:-1]), n=1)
    return f"unknown key, did you mean {close[0]}?" if close else "unknown key"


def _known_keys(section: KeyPath) -> list[str]:
    model: type[BaseModel] = SiteFile
    for part in section:
        field = model.model_fields.get(part)
        if field is None or not (isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)):
            return []
        model = field.annotation
    return list(model.model_fields)
