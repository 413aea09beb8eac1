"""Tables for spreadsheet programs: CSV (RFC 4180) and XLSX (ECMA-376 part 1, one sheet), written row by row.

Text that begins like a formula is made harmless: names of cameras and people come from outside (OWASP, CSV injection).
"""

import csv
import io
import zipfile
from collections.abc import Sequence
from typing import IO, Protocol
from xml.sax.saxutils import escape

Cell = str | int | float | None

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_UNPRINTABLE = {code: " " for code in range(32) if code not in (9, 10, 13)} | {0xFFFE: " ", 0xFFFF: " "}

_PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        '<sheets><sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SHEET_BEGIN = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
_SHEET_END = "</sheetData></worksheet>"


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
    """CSV in UTF-8 with a byte order mark: without it Excel takes Chinese text for the local code page."""

    media_type = "text/csv; charset=utf-8"

    def __init__(self, file: IO[bytes]) -> None:
        self._text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        self._rows = csv.writer(self._text)

    def write(self, row: Sequence[Cell]) -> None:
        """Adds a row; text that a spreadsheet would calculate gets an apostrophe before it."""
        self._rows.writerow([_harmless(cell) for cell in row])

    def finish(self) -> None:
        """Leaves the file to its owner."""
        self._text.detach()


class XlsxWriter:
    """XLSX with text as inline strings: those are never calculated."""

    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def __init__(self, file: IO[bytes]) -> None:
        self._archive = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
        for name, part in _PARTS.items():
            self._archive.writestr(name, _DECLARATION + part)
        self._sheet = self._archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True)
        self._sheet.write((_DECLARATION + _SHEET_BEGIN).encode())

    def write(self, row: Sequence[Cell]) -> None:
        """Adds a row."""
        self._sheet.write(f"<row>{''.join(map(_xlsx_cell, row))}</row>".encode())

    def finish(self) -> None:
        """Closes sheet and archive."""
        self._sheet.write(_SHEET_END.encode())
        self._sheet.close()
        self._archive.close()


def _harmless(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell


def _xlsx_cell(cell: Cell) -> str:
    if cell is None:
        return "<c/>"
    if isinstance(cell, str):
        text = escape(cell.translate(_UNPRINTABLE))
        return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
    return f"<c><v>{cell}</v></c>"
