"""The ledger over the API: fields, values, completeness, the sign, prohibited places, export and template."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import IO, Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from vms_api.accounts.access import Access, CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.audit.actor import CurrentActor
from vms_api.audit.entry import AuditEntry, AuditKind, Place
from vms_api.cameras import store as camera_store
from vms_api.cameras.store import CameraQuery
from vms_api.control import Control, ControlPart
from vms_api.ledger import store
from vms_api.ledger.area_finder import AreaFinder, AreaScope
from vms_api.ledger.export import ExportedCamera, write_ledger, write_template
from vms_api.ledger.field import COLUMNS, FIELDS, Kind, LedgerField
from vms_api.ledger.ledger import (
    NO_LEDGER,
    AreaCompleteness,
    CameraLedger,
    LedgerIn,
    SignIn,
    area_completeness,
)
from vms_api.ledger.places import ProhibitedIn, ProhibitedPlaces
from vms_api.spreadsheet import CsvWriter, Encoding, TableWriter, XlsxWriter

router = APIRouter()

Id = Annotated[str, Path(max_length=64)]
AreaFilter = Annotated[str | None, Query(max_length=64)]
_CHUNK = 64 * 1024


class ChoiceOut(BaseModel):
    """One answer of a field, with its words in both languages of the page."""

    key: str
    zh: str
    en: str


class FieldOut(BaseModel):
    """A field of the ledger, or (`group` "registry") a column of an import that the registry holds.

    `restricted` ones are told only to who manages the camera.
    """

    name: str
    group: str
    kind: Kind
    zh: str
    en: str
    choices: list[ChoiceOut] | None
    max_length: int | None
    required: bool
    restricted: bool

    @classmethod
    def of(cls, field: LedgerField) -> "FieldOut":
        """As the API shows it."""
        choices = [ChoiceOut(key=choice.key, zh=choice.zh, en=choice.en) for choice in field.choices]
        return cls(
            name=field.name,
            group=field.group,
            kind=field.kind,
            zh=field.zh,
            en=field.en,
            choices=choices or None,
            max_length=field.max_length,
            required=field.required,
            restricted=field.restricted,
        )


class LedgerFields(BaseModel):
    """The fields of the ledger, and the columns of an import beside them."""

    fields: list[FieldOut]
    registry_columns: list[FieldOut]


class Rates(BaseModel):
    """The completeness of areas, each with all below it."""

    items: list[AreaCompleteness]


@dataclass(frozen=True, slots=True)
class TableFormat:
    """What a table is written as."""

    kind: Literal["csv", "xlsx"]
    encoding: Encoding
    language: Literal["zh-CN", "en"]

    def writer(self, file: IO[bytes]) -> TableWriter:
        """A writer to that file."""
        return CsvWriter(file, self.encoding) if self.kind == "csv" else XlsxWriter(file)


def table_format(
    kind: Annotated[Literal["csv", "xlsx"], Query(alias="format")] = "csv",
    encoding: Encoding = "utf-8",
    language: Literal["zh-CN", "en"] = "zh-CN",
) -> TableFormat:
    """The format that is asked for."""
    return TableFormat(kind, encoding, language)


AskedFormat = Annotated[TableFormat, Depends(table_format)]


@router.get("/ledger/fields")
async def list_fields(_access: CurrentAccess) -> LedgerFields:
    """What a ledger holds, with the words for it."""
    registry = [field for field in COLUMNS.values() if field.name not in FIELDS]
    return LedgerFields(
        fields=list(map(FieldOut.of, FIELDS.values())), registry_columns=list(map(FieldOut.of, registry))
    )


@router.get("/cameras/{camera_id}/ledger")
async def read_ledger(access: CurrentAccess, camera_id: Id, control: ControlPart) -> CameraLedger:
    """What is known of a camera. Restricted fields are left out for who does not manage it."""
    area_id = access.require_camera(Permission.CAMERA_VIEW, camera_id)
    async with control.database.read() as connection:
        record = await store.find_ledger(connection, camera_id)
    is_managed = access.allows(Permission.CAMERA_MANAGE, area_id)
    return CameraLedger.of(camera_id, record, with_restricted=is_managed)


@router.put("/cameras/{camera_id}/ledger")
async def change_ledger(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, body: LedgerIn, control: ControlPart
) -> CameraLedger:
    """Replaces the ledger. GCJ-02 coordinates are turned into WGS-84, which is what is kept.

    409 `ledger-version-stale` when `base_version` is not the latest; 422 `place-prohibited` for a place in which no
    camera may be.
    """
    access.require_camera(Permission.CAMERA_MANAGE, camera_id)
    record = await control.ledger.desk.change(camera_id, body, actor)
    return CameraLedger.of(camera_id, record, with_restricted=True)


@router.put("/cameras/{camera_id}/ledger/sign")
async def record_sign(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, body: SignIn, control: ControlPart
) -> CameraLedger:
    """Records where and since when the sign stands that tells people of the camera."""
    access.require_camera(Permission.CAMERA_MANAGE, camera_id)
    record = await control.ledger.desk.record_sign(camera_id, body, actor)
    return CameraLedger.of(camera_id, record, with_restricted=True)


@router.get("/ledger/completeness")
async def read_completeness(access: CurrentAccess, control: ControlPart, area_id: AreaFilter = None) -> Rates:
    """How complete the ledgers are, of every area in which the caller sees cameras; each counts all below it."""
    area_ids = access.area_ids_below(Permission.CAMERA_VIEW, area_id)
    async with control.database.read() as connection:
        counted = await store.count_filled(connection, area_ids)
    lineages = {area.id: area.lineage for area in access.rights.tree if area.id in area_ids}
    return Rates(items=area_completeness(lineages, counted))


@router.get("/site/prohibited-places")
async def list_prohibited_places(_access: CurrentAccess, control: ControlPart) -> ProhibitedPlaces:
    """The kinds of place in which no camera may be."""
    async with control.database.read() as connection:
        return ProhibitedPlaces.of(await store.list_prohibited(connection))


@router.put("/site/prohibited-places")
async def change_prohibited_places(
    access: CurrentAccess, actor: CurrentActor, body: ProhibitedIn, control: ControlPart
) -> ProhibitedPlaces:
    """Sets the kinds that the site prohibits beside those of the law. For administrators of the whole site."""
    access.require_site(Permission.AREA_MANAGE)
    return await control.ledger.desk.prohibit(body, actor)


@router.get("/ledger/template", response_class=StreamingResponse)
async def read_template(_access: CurrentAccess, asked: AskedFormat) -> StreamingResponse:
    """An empty table with the titles of everything that an import takes."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by _chunks, when the answer is sent or given up
    writer = asked.writer(file)
    write_template(writer, asked.language)
    return _download(file, writer, f"ledger-template.{asked.kind}")


@router.get("/cameras/export", response_class=StreamingResponse)
async def export_ledger(
    access: CurrentAccess, actor: CurrentActor, control: ControlPart, asked: AskedFormat, area_id: AreaFilter = None
) -> StreamingResponse:
    """The cameras that the caller sees with their ledgers, as a table that can be imported again. Never a password.

    How a camera is reached, and the restricted fields, are only there for cameras that the caller manages. The export
    is recorded.
    """
    area_ids = access.area_ids_below(Permission.CAMERA_VIEW, area_id)
    if not area_ids:
        access.require_site(Permission.CAMERA_VIEW)
    cameras = await _exported(access, control, area_ids)
    detail = {"format": asked.kind, "cameras": len(cameras)}
    place = Place(area_id or access.rights.tree.root.id)
    await control.audit.record_alone(AuditEntry(AuditKind.LEDGER_EXPORT, actor, place, detail=detail))
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by _chunks, when the answer is sent or given up
    writer = asked.writer(file)
    await asyncio.to_thread(write_ledger, cameras, writer, asked.language)
    return _download(file, writer, f"cameras.{asked.kind}")


async def _exported(access: Access, control: Control, area_ids: frozenset[str]) -> list[ExportedCamera]:
    tree = access.rights.tree
    finder = AreaFinder(tree, AreaScope(area_ids, ()))
    paths = {area.id: finder.path(area) for area in tree if area.id in area_ids}
    managed = access.area_ids(Permission.CAMERA_MANAGE)
    async with control.database.read() as connection:
        cameras = await camera_store.list_cameras(connection, CameraQuery(area_ids))
        ledgers = await store.list_ledgers(connection, area_ids)
    return [
        ExportedCamera(
            camera, ledgers.get(camera.id, NO_LEDGER), paths.get(camera.area_id, ""), camera.area_id in managed
        )
        for camera in cameras
    ]


def _download(file: IO[bytes], writer: TableWriter, name: str) -> StreamingResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(_chunks(file), media_type=writer.media_type, headers=headers)


async def _chunks(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk
