"""Reads the first visible sheet of an XLSX file (ECMA-376 part 1), and nothing else of it.

A stranger's archive: unpacked sizes are counted while unpacking, document types end the reading (so there are no
entities), links to elsewhere are never followed, and formulas are not calculated: the value seen last is taken.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import PurePosixPath
from xml.parsers import expat

from vms_api.ledger.table import HEADING_ROWS, MAX_COLUMNS, MAX_ROWS, Table, check_size, too_large, unreadable
from vms_api.ledger.value import Cell

MAX_UNPACKED = 128 * 1024 * 1024
"""Most bytes of all parts that are read, unpacked."""
_CHUNK = 256 * 1024
_MAX_ENTRIES = 2_000
_MAX_MERGED = 20_000
_MAX_SPREAD = 1_000_000
"""Most cells that merged ranges may fill."""
_MAX_CELL = 4_000
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_DATE_FORMATS = frozenset({14, 15, 16, 17, 22, *range(27, 37), *range(50, 59)})
"""Number formats that are dates without being written in the file (18.8.30), those of Chinese among them."""
_NOT_LETTERS = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_DAYS_BEFORE_1904 = 1462


def read_xlsx(data: bytes) -> Table:
    """The table in the bytes of an XLSX file.

    Raises:
        FileUnreadable: damaged, encrypted, not XLSX, or with a document type.
        FileTooLarge: too many rows, columns or unpacked bytes.

    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _Book(archive).table()
    except (zipfile.BadZipFile, RuntimeError, EOFError, expat.ExpatError, LookupError, ValueError):
        raise unreadable("xlsx-damaged", "the archive or its parts cannot be read") from None


class _Book:
    """The parts of the archive that are needed, each read once."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        if len(archive.infolist()) > _MAX_ENTRIES:
            raise too_large("too-large-unpacked", "too many parts")
        self._archive = archive
        self._names = set(archive.namelist())
        self._left = MAX_UNPACKED

    def table(self) -> Table:
        workbook = _Workbook()
        self._parse("xl/workbook.xml", workbook)
        links = _Links()
        self._parse("xl/_rels/workbook.xml.rels", links)
        strings, styles = _Strings(), _Styles()
        for name, part in (("xl/sharedStrings.xml", strings), ("xl/styles.xml", styles)):
            if name in self._names:
                self._parse(name, part)
        sheet = _Sheet(strings.found, styles.dates(), workbook.epoch)
        self._parse(_part_name(links.targets[workbook.sheet]), sheet)
        return sheet.table()

    def _parse(self, name: str, part: "_Part") -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = part.start
        parser.EndElementHandler = part.end
        parser.CharacterDataHandler = part.text
        with self._archive.open(name) as file:
            while chunk := file.read(_CHUNK):
                self._left -= len(chunk)
                if self._left < 0:
                    raise too_large("too-large-unpacked", "the archive unpacks to more than is taken")
                parser.Parse(chunk, False)
        parser.Parse(b"", True)


def _refuse_doctype(*_declaration: object) -> None:
    raise unreadable("xml-doctype", "the file declares a document type, which a spreadsheet never does")


def _part_name(target: str) -> str:
    """The name in the archive of a part that the workbook links to; one outside the archive is no name in it."""
    return target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)


class _Part:
    """Handlers of one kind of part. Names come as "namespace local"."""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, text: str) -> None:
        """Text inside of it."""


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


class _Workbook(_Part):
    """Which sheet is the first that people see, and from when days are counted."""

    def __init__(self) -> None:
        self.sheet = ""
        self.epoch = date(1899, 12, 30)

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if _local(name) == "workbookPr" and attributes.get("date1904") in {"1", "true"}:
            self.epoch += timedelta(days=_DAYS_BEFORE_1904)
        if _local(name) == "sheet" and not self.sheet and attributes.get("state", "visible") == "visible":
            self.sheet = next(value for key, value in attributes.items() if _local(key) == "id" and key != "id")


class _Links(_Part):
    """Where the workbook's parts are."""

    def __init__(self) -> None:
        self.targets: dict[str, str] = {}

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if _local(name) == "Relationship" and attributes.get("TargetMode") != "External":
            self.targets[attributes["Id"]] = attributes["Target"]


class _Strings(_Part):
    """The texts that cells refer to; how a text is pronounced is left out."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._parts: list[str] = []
        self._in_text = False
        self._in_phonetic = False

    def start(self, name: str, _attributes: Mapping[str, str]) -> None:
        local = _local(name)
        if local == "si":
            self._parts = []
        self._in_phonetic = self._in_phonetic or local == "rPh"
        self._in_text = local == "t" and not self._in_phonetic

    def end(self, name: str) -> None:
        local = _local(name)
        self._in_text = False
        if local == "rPh":
            self._in_phonetic = False
        if local == "si":
            self.found.append("".join(self._parts)[:_MAX_CELL])

    def text(self, text: str) -> None:
        if self._in_text:
            self._parts.append(text)


class _Styles(_Part):
    """Which styles of cells show a number as a date."""

    def __init__(self) -> None:
        self._formats: dict[int, str] = {}
        self._used: list[int] = []
        self._in_cells = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        local = _local(name)
        if local == "numFmt":
            self._formats[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
        self._in_cells = self._in_cells or local == "cellXfs"
        if local == "xf" and self._in_cells:
            self._used.append(int(attributes.get("numFmtId", "0")))

    def end(self, name: str) -> None:
        if _local(name) == "cellXfs":
            self._in_cells = False

    def dates(self) -> frozenset[int]:
        """The numbers of those styles."""
        return frozenset(index for index, number in enumerate(self._used) if self._is_date(number))

    def _is_date(self, number: int) -> bool:
        letters = _NOT_LETTERS.sub("", self._formats.get(number, "")).lower()
        return number in _DATE_FORMATS or ("y" in letters and "m" in letters) or ("d" in letters and "m" in letters)


@dataclass(slots=True)
class _OpenCell:
    """The cell that is being read."""

    row: int = 0
    column: int = 0
    kind: str = "n"
    style: int = 0
    parts: list[str] = field(default_factory=list)


class _Sheet(_Part):
    """The cells that hold something, and the merged ranges."""

    def __init__(self, strings: Sequence[str], dates: frozenset[int], epoch: date) -> None:
        self._strings = strings
        self._dates = dates
        self._epoch = epoch
        self._cells: dict[int, dict[int, Cell]] = {}
        self._ranges: list[str] = []
        self._row = -1
        self._cell = _OpenCell()
        self._takes = False
        self._kinds: Mapping[str, Callable[[str], Cell]] = {
            "s": lambda text: self._strings[int(text)],
            "b": lambda text: text == "1",
            "n": self._number,
        }

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        local = _local(name)
        if local == "c":
            self._open_cell(attributes)
        elif local == "row":
            self._row = int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
            self._cell.column = -1
        elif local == "mergeCell":
            if len(self._ranges) >= _MAX_MERGED:
                raise too_large("too-large-unpacked", "too many merged ranges")
            self._ranges.append(attributes.get("ref", ""))
        self._takes = local in {"v", "t"}

    def end(self, name: str) -> None:
        self._takes = False
        if _local(name) == "c" and self._cell.parts:
            self._close_cell()

    def text(self, text: str) -> None:
        if self._takes:
            self._cell.parts.append(text)

    def _open_cell(self, attributes: Mapping[str, str]) -> None:
        place = _REFERENCE.fullmatch(attributes.get("r", ""))
        row, column = (int(place[2]) - 1, _column(place[1])) if place else (self._row, self._cell.column + 1)
        self._cell = _OpenCell(row, column, attributes.get("t", "n"), int(attributes.get("s", "0")))

    def _close_cell(self) -> None:
        cell = self._cell
        text = "".join(cell.parts)[:_MAX_CELL]
        if not text.strip():
            return
        check_size(cell.row)
        if cell.column >= MAX_COLUMNS:
            raise too_large("too-many-columns", f"an import takes at most {MAX_COLUMNS} columns")
        taken = self._kinds.get(cell.kind)
        self._cells.setdefault(cell.row, {})[cell.column] = taken(text) if taken else text

    def _number(self, text: str) -> Cell:
        number = float(text)
        if self._cell.style in self._dates and 0 < number < 100_000:  # noqa: PLR2004 - the year 2173
            return self._epoch + timedelta(days=int(number))
        return int(number) if number.is_integer() else number

    def table(self) -> Table:
        """All that was read."""
        last = max(self._cells, default=-1)
        merged = dict(self._spread(last))
        rows = []
        for index in range(min(last + 1, MAX_ROWS + HEADING_ROWS + 1)):
            cells = self._cells.get(index, {})
            rows.append([cells.get(column) for column in range(max(cells, default=-1) + 1)])
        return Table(rows, None, merged)

    def _spread(self, last: int) -> Iterable[tuple[tuple[int, int], int]]:
        """Repeats the value of each merged range in all its cells, and tells of those below its first row."""
        filled = 0
        for reference in self._ranges:
            first, _, end = reference.partition(":")
            places = _REFERENCE.fullmatch(first), _REFERENCE.fullmatch(end)
            if places[0] is None or places[1] is None:
                continue
            top, left = int(places[0][2]) - 1, _column(places[0][1])
            value = self._cells.get(top, {}).get(left)
            if value is None:
                continue
            bottom, right = min(int(places[1][2]) - 1, last), min(_column(places[1][1]), MAX_COLUMNS - 1)
            filled += max(0, bottom - top + 1) * max(0, right - left + 1)
            if filled > _MAX_SPREAD:
                raise too_large("too-large-unpacked", "the merged ranges are too large")
            for row in range(top, bottom + 1):
                for column in range(left, right + 1):
                    self._cells.setdefault(row, {})[column] = value
                    if row > top:
                        yield (row, column), top


def _column(letters: str) -> int:
    """A is 0, Z is 25, AA is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
