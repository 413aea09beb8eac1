"""Spreadsheets as people send them, and as nobody should."""

import io
import zipfile
from collections.abc import Callable

import pytest
from openpyxl import Workbook

from vms_api.errors import Problem
from vms_api.ledger.csv_table import read_csv
from vms_api.ledger.errors import FileTooLarge, FileUnreadable, HeaderMissing
from vms_api.ledger.heading import find_heading
from vms_api.ledger.table import HEADING_ROWS, MAX_ROWS
from vms_api.ledger.xlsx_table import MAX_UNPACKED, read_xlsx

TEXT = "设备名称,IP地址\r\n村口,10.1.1.1\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_and_delimiters_are_found(encoding: str, delimiter: str) -> None:
    """Whatever it was saved as, the table is the same."""
    table = read_csv(TEXT.replace(",", delimiter).encode(encoding))
    assert table.rows == [["设备名称", "IP地址"], ["村口", "10.1.1.1"]]


def test_a_line_that_names_the_delimiter_is_obeyed() -> None:
    """Excel's own way to say it."""
    assert read_csv(b"sep=;\nName;IP\nA;1.2.3.4\n").rows[1] == ["A", "1.2.3.4"]


def test_bytes_that_are_no_text_are_refused() -> None:
    """Not UTF-8, not GB18030."""
    with pytest.raises(FileUnreadable) as refusal:
        read_csv(b"Name,IP\n\xff\xff\xff,1\n")
    assert refusal.value.errors[0].code == "encoding-unknown"


def test_a_name_of_the_table_may_stand_above() -> None:
    """The row of titles is the one that is known; columns of one title are told apart."""
    heading = find_heading([["光明镇台账", ""], ["序号", "设备名称", "IP地址", "备注", "备注", "人脸抓拍"], ["1"]])
    assert (heading.row, heading.columns[3:5], heading.not_kept) == (1, ("备注", "备注 (2)"), ("人脸抓拍",))
    assert heading.guessed() == {"设备名称": "name", "IP地址": "ipv4", "备注": "notes"}


def test_a_table_without_titles_is_refused() -> None:
    """Nothing says what the columns are."""
    with pytest.raises(HeaderMissing):
        find_heading([["1", "2"], ["3", "4"]])


def test_too_many_rows_are_refused() -> None:
    """Counted while reading."""
    with pytest.raises(FileTooLarge):
        read_csv(b"Name,IP\n" + b"A,1.2.3.4\n" * (MAX_ROWS + HEADING_ROWS + 1))


def book(fill: Callable[[Workbook], None]) -> bytes:
    """An XLSX file."""
    made = Workbook()
    fill(made)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def test_xlsx_dates_numbers_and_merged_cells() -> None:
    """Dates are dates, numbers numbers; a merged range repeats its value and says where it began."""

    def fill(made: Workbook) -> None:
        sheet = made.active
        assert sheet is not None
        sheet.append(["设备名称", "启用时间", "IP地址"])
        sheet.append(["A", 45000, "10.1.1.1"])
        sheet.append(["B", 7, None])
        sheet["B2"].number_format = "yyyy-mm-dd"
        sheet["A4"] = "=1+1"
        sheet.merge_cells("C2:C3")

    table = read_xlsx(book(fill))
    assert str(table.rows[1][1]) == "2023-03-15"
    assert table.rows[2] == ["B", 7, "10.1.1.1"]
    assert table.merged == {(2, 2): 1}
    assert len(table.rows) == 3  # a formula that was never calculated has no value


def test_hidden_sheets_are_passed_over() -> None:
    """The first sheet that people see is read."""

    def fill(made: Workbook) -> None:
        made.worksheets[0].sheet_state = "hidden"
        made.create_sheet("shown").append(["Name", "IP"])

    assert read_xlsx(book(fill)).rows == [["Name", "IP"]]


def changed(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The archive with one part changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return file.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
DOCTYPE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet/>'


@pytest.mark.parametrize(
    ("change", "problem", "code"),
    [
        (lambda _old: DOCTYPE, FileUnreadable, "xml-doctype"),
        (lambda _old: b"<worksheet>" + b" " * (MAX_UNPACKED + 1) + b"</worksheet>", FileTooLarge, "too-large-unpacked"),
        (lambda old: old[:-20], FileUnreadable, "xlsx-damaged"),
        (lambda _old: b'<worksheet><c r="A1048576"><v>1</v></c></worksheet>', FileTooLarge, "too-many-rows"),
        (lambda _old: b'<worksheet><c r="XFD1"><v>1</v></c></worksheet>', FileTooLarge, "too-many-columns"),
        (lambda _old: b'<worksheet><c r="A1" t="s"><v>99</v></c></worksheet>', FileUnreadable, "xlsx-damaged"),
        (
            lambda _old: (
                b'<worksheet><row r="1"><c r="A1"><v>1</v></c></row><c r="A20000"><v>1</v></c>'
                b'<mergeCell ref="A1:XFD1048576"/></worksheet>'
            ),
            FileTooLarge,
            "too-large-unpacked",
        ),
    ],
)
def test_archives_made_to_do_harm(change: Callable[[bytes], bytes], problem: type[Problem], code: str) -> None:
    """Entities, bombs and places far out end the reading with their name."""
    data = book(lambda made: made.worksheets[0].append(["Name", "IP"]))
    with pytest.raises(problem) as refusal:
        read_xlsx(changed(data, SHEET, change))
    assert refusal.value.errors[0].code == code


def test_a_link_out_of_the_archive_leads_nowhere() -> None:
    """The sheet is looked for in the archive only."""
    data = book(lambda made: made.worksheets[0].append(["Name", "IP"]))
    links = changed(data, "xl/_rels/workbook.xml.rels", lambda old: old.replace(b"/xl/worksheets/", b"../../../etc/"))
    with pytest.raises(FileUnreadable):
        read_xlsx(links)
