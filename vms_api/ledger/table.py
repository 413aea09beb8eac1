"""A spreadsheet as it was read: cells by row and column, and what was merged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from vms_api.errors import FieldError
from vms_api.ledger.errors import FileTooLarge, FileUnreadable
from vms_api.ledger.value import Cell

MAX_ROWS = 20_000
"""Most rows of one import, its titles not counted."""
MAX_COLUMNS = 200
MAX_BYTES = 32 * 1024 * 1024
"""Largest file."""
HEADING_ROWS = 20
"""Rows above the data in which titles are looked for."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells. `merged` leads from the (row, column) of a cell inside a merged range to the range's first row.

    Indices count from 0; row 0 is the first row of the file. `encoding` is None where a format leaves no choice.
    """

    rows: Sequence[Sequence[Cell]]
    encoding: str | None = None
    merged: Mapping[tuple[int, int], int] = field(default_factory=dict)


def unreadable(code: str, message: str) -> FileUnreadable:
    """A file that is no table; `code` says to people why."""
    return FileUnreadable(errors=[FieldError("file", code, message)])


def too_large(code: str, message: str) -> FileTooLarge:
    """A table that is more than one import takes."""
    return FileTooLarge(errors=[FieldError("file", code, message)])


def check_size(rows: int) -> None:
    """Refuses what is too long.

    Raises:
        FileTooLarge: more rows than an import takes.

    """
    if rows > MAX_ROWS + HEADING_ROWS:
        raise too_large("too-many-rows", f"an import takes at most {MAX_ROWS} rows")
