"""What is exported is read again as what it was: any ledger, in every format."""

import io
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vms_api.cameras.camera import CameraRecord
from vms_api.ledger.csv_table import read_csv
from vms_api.ledger.export import ExportedCamera, write_ledger
from vms_api.ledger.field import FIELDS, LedgerField
from vms_api.ledger.heading import find_heading
from vms_api.ledger.ledger import LedgerRecord, judged
from vms_api.ledger.value import Cell
from vms_api.ledger.xlsx_table import read_xlsx
from vms_api.spreadsheet import CsvWriter, XlsxWriter

AT = datetime(2026, 1, 1, tzinfo=UTC)
ODD = ["=1+1", "'=1", "''-x", "+86 755 8888888", '="x"', 'a,b\n"c"', "34020000001320000001", "001", "\t@x", "10.1.1.1"]
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20) | st.sampled_from(ODD)


def typed(field: LedgerField) -> st.SearchStrategy[Cell]:
    """Things that people type into the field."""
    if field.kind == "choice":
        return st.sampled_from([choice.key for choice in field.choices])
    if field.kind == "flag":
        return st.booleans()
    if field.kind == "date":
        return st.dates().map(str)
    if field.kind == "number":
        return st.floats(-200, 200).map(lambda number: round(number, 6)) | st.integers(0, 4000)
    return TEXTS


LEDGERS = st.fixed_dictionaries({}, optional={name: typed(field) for name, field in FIELDS.items()})


@pytest.mark.parametrize("made", ["utf-8", "gb18030", "xlsx"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
@settings(max_examples=10)
@given(cells=LEDGERS)
def test_every_ledger_comes_back(made: str, language: str, cells: dict[str, Cell]) -> None:
    """Every value of every field; and the camera's name and area."""
    values, faults = judged(cells)
    if {fault.field for fault in faults} & {"longitude", "latitude"}:
        values = {name: value for name, value in values.items() if FIELDS[name].group != "place"}
    camera = CameraRecord("id", "area", "=Gate", "rtsp://192.0.2.7/", None, "tcp", None, None, True, True, AT, AT)
    file = io.BytesIO()
    writer = XlsxWriter(file) if made == "xlsx" else CsvWriter(file, "gb18030" if made == "gb18030" else "utf-8")
    write_ledger([ExportedCamera(camera, LedgerRecord(values, 1), "City/Village", True)], writer, language)
    table = read_xlsx(file.getvalue()) if made == "xlsx" else read_csv(file.getvalue())
    heading = find_heading(table.rows)
    names = heading.guessed()
    row = dict(zip(heading.columns, table.rows[1], strict=False))
    read = {names[column]: cell for column, cell in row.items()}
    found, wrong = judged({name: cell for name, cell in read.items() if name in FIELDS})
    assert (found, wrong) == (values, [])
    assert (read["name"], read["area"]) == ("=Gate", "City/Village")
