"""The ledger as a table: what is exported can be imported again, and then changes nothing. Never a password."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vms_api.cameras.camera import CameraRecord
from vms_api.ledger.field import COLUMNS, LedgerField
from vms_api.ledger.ledger import LedgerRecord, without_restricted
from vms_api.ledger.value import Value
from vms_api.spreadsheet import Cell, TableWriter

_EXPORTED = tuple(field for field in COLUMNS.values() if field.name not in {"password", "rtsp_path"})
_HOW_REACHED = {"stream_address", "sub_stream_address", "transport", "username"}
_YES_NO = {("zh-CN", True): "是", ("zh-CN", False): "否", ("en", True): "yes", ("en", False): "no"}


@dataclass(frozen=True, slots=True)
class ExportedCamera:
    """A camera with its ledger and the path of its area; `is_managed` by the one who exports."""

    camera: CameraRecord
    ledger: LedgerRecord
    area: str
    is_managed: bool


def write_ledger(cameras: Iterable[ExportedCamera], writer: TableWriter, language: str) -> None:
    """Titles and a row for each camera. Restricted fields are empty in rows of cameras that are not managed."""
    writer.write([field.title(language) for field in _EXPORTED])
    for exported in cameras:
        values = _values(exported)
        writer.write([_cell(field, values.get(field.name), language) for field in _EXPORTED])
    writer.finish()


def write_template(writer: TableWriter, language: str) -> None:
    """The titles of everything that is imported, and nothing below them."""
    writer.write([field.title(language) for field in COLUMNS.values()])
    writer.finish()


def _values(exported: ExportedCamera) -> Mapping[str, Value | None]:
    camera, ledger = exported.camera, exported.ledger.values
    registry: dict[str, Value | None] = {
        "name": camera.name,
        "area": exported.area,
        "stream_address": camera.address or None,
        "sub_stream_address": camera.sub_address,
        "transport": camera.transport,
        "username": camera.username,
        "in_service": camera.enabled,
    }
    if exported.is_managed:
        return {**registry, **ledger}
    seen = {name: value for name, value in registry.items() if name not in _HOW_REACHED}
    return {**seen, **without_restricted(ledger)}


def _cell(field: LedgerField, value: Value | None, language: str) -> Cell:
    if value is None:
        return None
    if isinstance(value, bool):
        return _YES_NO[language, value]
    if field.kind == "choice":
        return field.choice_title(str(value), language)
    return value
