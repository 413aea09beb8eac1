"""Tables that spreadsheet programs open and do not execute."""

import csv
import io

import pytest
from openpyxl import load_workbook

from vms_api.spreadsheet import CsvWriter, XlsxWriter


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_csv_text_is_no_formula(text: str) -> None:
    """What a camera was named by somebody is shown, not calculated."""
    file = io.BytesIO()
    writer = CsvWriter(file)
    writer.write([text, 5, None, "plain"])
    writer.finish()
    (row,) = csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"), newline=""))
    assert row == [f"'{text}", "5", "", "plain"]


def test_csv_opens_as_utf8() -> None:
    """The byte order mark comes first and once; quotes and line ends stay inside their cell."""
    file = io.BytesIO()
    writer = CsvWriter(file)
    writer.write(["村口", 'a "b"\nc'])
    writer.write(["x"])
    writer.finish()
    assert file.getvalue() == b"\xef\xbb\xbf" + '村口,"a ""b""\nc"\r\nx\r\n'.encode()


def test_xlsx_holds_text_and_numbers() -> None:
    """Text is text whatever it begins with; characters that XML does not know are blanked."""
    file = io.BytesIO()
    writer = XlsxWriter(file)
    writer.write(["=1+1", "村口 <&>", "a\x07b"])
    writer.write([7, None, " x "])
    writer.finish()
    (sheet,) = load_workbook(file).worksheets
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["=1+1", "村口 <&>", "a b"],
        [7, None, " x "],
    ]
    assert sheet["A1"].data_type == "s"
