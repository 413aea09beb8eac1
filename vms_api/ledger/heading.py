"""Titles of columns: where they are in a table, which field each means, and how a table is known again. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vms_api.ledger.errors import HeaderMissing
from vms_api.ledger.field import COLUMNS, NOT_KEPT, folded
from vms_api.ledger.table import HEADING_ROWS, MAX_COLUMNS
from vms_api.ledger.value import Cell

_MEANINGS: Mapping[str, str] = {
    folded(title): field.name
    for field in reversed(list(COLUMNS.values()))
    for title in (*field.headings, field.name, field.en, field.zh)
}
_LEAST_KNOWN = 2
"""Titles that a row must hold to be the row of titles."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The row of titles: its index, the titles made distinct, and what is not kept of them."""

    row: int
    columns: tuple[str, ...]
    not_kept: tuple[str, ...]

    @property
    def signature(self) -> str:
        """What tables with the same titles have in common."""
        return hashlib.sha256("\n".join(map(folded, self.columns)).encode()).hexdigest()

    def guessed(self) -> dict[str, str]:
        """Column → field by the titles alone; each field once."""
        found: dict[str, str] = {}
        for column in self.columns:
            name = meaning(column)
            if name is not None and name not in found.values() and column not in self.not_kept:
                found[column] = name
        return found


def meaning(title: str) -> str | None:
    """The field that a title means."""
    return _MEANINGS.get(folded(title))


def known_titles(row: Sequence[Cell]) -> int:
    """How many cells of a row are titles that are known."""
    return len({name for cell in row if isinstance(cell, str) and (name := meaning(cell)) is not None})


def find_heading(rows: Sequence[Sequence[Cell]]) -> Heading:
    """The row of titles among the first of a table; a name of the table may stand above it.

    Raises:
        HeaderMissing: none of them holds titles that are known.

    """
    top = rows[:HEADING_ROWS]
    best = max(range(len(top)), key=lambda index: (known_titles(top[index]), -index), default=None)
    if best is None or known_titles(top[best]) < _LEAST_KNOWN:
        raise HeaderMissing
    columns: list[str] = []
    for index, cell in enumerate(rows[best][:MAX_COLUMNS]):
        title = " ".join(str(cell).split())[:80] if cell is not None else ""
        columns.append(_distinct(title or f"#{index + 1}", columns))
    not_kept = tuple(column for column in columns if meaning(column) is None and _is_not_kept(column))
    return Heading(best, tuple(columns), not_kept)


def _distinct(title: str, taken: Sequence[str]) -> str:
    if title not in taken:
        return title
    return next(named for number in range(2, len(taken) + 3) if (named := f"{title} ({number})") not in taken)


def _is_not_kept(column: str) -> bool:
    plain = folded(column)
    return any(part in plain for part in NOT_KEPT)
