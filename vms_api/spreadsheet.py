"""Tables for spreadsheet programs: CSV (RFC 4180) and XLSX (one sheet), taken row by row.

Text that begins like a formula is made harmless: names of cameras and people come from outside (OWASP, CSV injection).
"""

import csv
import io
from collections.abc import Sequence
from typing import IO, Literal, Protocol

from openpyxl import Workbook
from openpyxl.cell import Cell as OpenpyxlCell
from openpyxl.cell import WriteOnlyCell

Cell = str | int | float | None
Encoding = Literal["utf-8", "gb18030"]

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_UNPRINTABLE = {code: " " for code in range(32) if code not in (9, 10, 13)} | {0xFFFE: " ", 0xFFFF: " "}


class TableWriter(Protocol):
    """Takes a table row by row; it is complete after `finish`."""

    media_type: str

    def write(self, row: Sequence[Cell]) -> None:
        """Adds a row."""
        ...

    def finish(self) -> None:
        """Ends the table; the file stays open."""
        ...


class CsvWriter:
    """CSV in UTF-8 with a byte order mark: without it Excel takes Chinese text for the local code page.

    Or in GB18030, which is the local code page of Chinese systems, and holds every character too.
    """

    def __init__(self, file: IO[bytes], encoding: Encoding = "utf-8") -> None:
        self.media_type = f"text/csv; charset={encoding}"
        codec = "utf-8-sig" if encoding == "utf-8" else encoding
        # A lone half of a character that is none: GB18030 and UTF-8 have no bytes for it.
        self._text = io.TextIOWrapper(file, encoding=codec, errors="replace", newline="")
        self._rows = csv.writer(self._text)

    def write(self, row: Sequence[Cell]) -> None:
        """Adds a row; text that a spreadsheet would calculate gets an apostrophe before it."""
        self._rows.writerow([_harmless(cell) for cell in row])

    def finish(self) -> None:
        """Leaves the file to its owner."""
        self._text.detach()


class XlsxWriter:
    """XLSX with one sheet; text is text, whatever it begins with."""

    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet()

    def write(self, row: Sequence[Cell]) -> None:
        """Adds a row."""
        self._sheet.append([self._text(cell) if isinstance(cell, str) else cell for cell in row])

    def finish(self) -> None:
        """Writes the archive."""
        self._book.save(self._file)

    def _text(self, text: str) -> OpenpyxlCell:
        cell = WriteOnlyCell(self._sheet, text.translate(_UNPRINTABLE))
        cell.data_type = "s"  # openpyxl takes text that begins with = for a formula
        return cell


def plain_text(cell: str) -> str:
    """The text that `CsvWriter` was given, without the apostrophe that made it harmless."""
    return cell[1:] if cell.startswith("'") and _is_formula(cell) else cell


def _harmless(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and _is_formula(cell) else cell


def _is_formula(text: str) -> bool:
    """Apostrophes before it do not count, so that those that were there are found again."""
    return text.lstrip("'").startswith(_FORMULA_STARTS)
