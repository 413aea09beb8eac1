"""Reads CSV as people send it: any of the usual encodings and delimiters, with or without a byte order mark."""

import codecs
import csv
import io
import itertools
from collections.abc import Sequence

from vms_api.ledger.heading import known_titles
from vms_api.ledger.table import HEADING_ROWS, MAX_COLUMNS, Table, check_size, too_large, unreadable
from vms_api.spreadsheet import plain_text

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS = ",;\t|"
_SAMPLE_BYTES = 4096


def read_csv(data: bytes) -> Table:
    """The table in the bytes of a CSV file (RFC 4180, and what is sold as it).

    Raises:
        FileUnreadable: no text in an encoding that is known, or not a table.
        FileTooLarge: too many rows or columns.

    """
    encoding = _encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise unreadable("encoding-unknown", "neither UTF-8, UTF-16 nor GB18030") from None
    text = text.removeprefix("\ufeff")
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == len("sep=,"):
        rows = _rows(rest, first.strip()[-1])
    else:
        rows = _rows(text, _delimiter(text))
    return Table(rows, "utf-8" if encoding == "utf-8-sig" else encoding)


def _encoding(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    sample = data[:_SAMPLE_BYTES]
    if sample.count(0) > len(sample) // 8:  # text in UTF-16 without its mark: every other byte of a delimiter is 0
        return "utf-16-le" if sample[1::2].count(0) >= sample[::2].count(0) else "utf-16-be"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _delimiter(text: str) -> str:
    """The one that gives the most titles that are known, and then the most columns."""

    def worth(delimiter: str) -> tuple[int, int]:
        try:
            sample = list(
                itertools.islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), HEADING_ROWS)
            )
        except csv.Error:
            return 0, 0
        return max((known_titles(row) for row in sample), default=0), max(map(len, sample), default=0)

    return max(_DELIMITERS, key=worth)


def _rows(text: str, delimiter: str) -> Sequence[Sequence[str]]:
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            check_size(len(rows))
            if len(row) > MAX_COLUMNS and any(cell.strip() for cell in row[MAX_COLUMNS:]):
                raise too_large("too-many-columns", f"an import takes at most {MAX_COLUMNS} columns")
            rows.append([plain_text(cell) for cell in row[:MAX_COLUMNS]])
    except csv.Error as error:
        raise unreadable("not-a-table", str(error)) from None
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    return rows
