"""The fields of the ledger as values. They are data: `fields.toml`, read once."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Kind = Literal["text", "choice", "number", "date", "flag"]

REGISTRY_GROUP = "registry"
"""Columns of a spreadsheet that the registry itself holds; they are no fields of the ledger."""

_SPACES = re.compile(r"[\s_\-*:]+")
_BRACKETED = re.compile(r"\((必填|选填|可选|required|optional)\)")


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a field with choices; `others` are further spellings, also the numbers of coded templates."""

    key: str
    zh: str
    en: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LedgerField:
    """One field. `form` names the rule its values are judged by; `restricted` is told only to who manages the camera.

    `headings` are further titles under which spreadsheets have it.
    """

    name: str
    group: str
    zh: str
    en: str
    kind: Kind = "text"
    form: str | None = None
    max_length: int | None = None
    required: bool = False
    restricted: bool = False
    choices: tuple[Choice, ...] = ()
    headings: tuple[str, ...] = ()

    def title(self, language: str) -> str:
        """Its title in a language of the page."""
        return self.zh if language == "zh-CN" else self.en

    def choice(self, text: str) -> Choice | None:
        """The choice that a text means."""
        return _CHOICES[self.name].get(folded(text))

    def choice_title(self, key: str, language: str) -> str:
        """The title of a choice; a key of an earlier version stands for itself."""
        found = next((choice for choice in self.choices if choice.key == key), None)
        return key if found is None else found.zh if language == "zh-CN" else found.en


def folded(text: str) -> str:
    """A title as it is compared: width, case, spaces and marks of obligation make no difference."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return _SPACES.sub("", _BRACKETED.sub("", plain))


def _field(row: Mapping[str, Any]) -> LedgerField:
    choices = tuple(Choice(key, zh, en, tuple(others)) for key, zh, en, *others in row.get("choices", ()))
    return LedgerField(**{**row, "choices": choices, "headings": tuple(row.get("headings", ()))})


_DATA = tomllib.loads(Path(__file__).with_name("fields.toml").read_text(encoding="utf-8"))
_ALL = tuple(_field(row) for row in _DATA["field"])
_CHOICES = {
    field.name: {
        folded(text): choice
        for choice in reversed(field.choices)
        for text in (*reversed(choice.others), choice.en, choice.zh, choice.key)
    }
    for field in _ALL
}

FIELDS: Mapping[str, LedgerField] = {field.name: field for field in _ALL if field.group != REGISTRY_GROUP}
"""The fields of the ledger by name, in their order."""

COLUMNS: Mapping[str, LedgerField] = {field.name: field for field in _ALL}
"""The same with what the registry holds: everything a column of a spreadsheet may mean."""

REQUIRED = tuple(field.name for field in FIELDS.values() if field.required)
"""What a complete ledger has."""

NOT_KEPT = tuple(folded(text) for text in _DATA["not_kept"])
"""Parts of titles of columns that are not taken over: about persons or vehicles, or measured by the system itself."""

PLACEHOLDERS = frozenset(_DATA["placeholders"])
"""What people type into a cell that must not be empty when they do not know."""
