"""The audit log for auditors: searched, exported, and its head to be kept elsewhere. Looking into it is an act too."""

import base64
import json
import tempfile
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from typing import IO, Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, BaseModel

from vms_api.accounts.access import CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.audit import store
from vms_api.audit.actor import CurrentActor
from vms_api.audit.chain import ChainRow, utc_text
from vms_api.audit.entry import Actor, AuditEntry, AuditKind, Outcome, Place
from vms_api.audit.export import MAX_EXPORTED, write_table
from vms_api.audit.store import AuditQuery, SignedHead
from vms_api.control import Control, ControlPart
from vms_api.cursor import Cursor, Limit, Page, decode_cursor, encode_cursor
from vms_api.errors import InvalidRequest
from vms_api.spreadsheet import CsvWriter, XlsxWriter

router = APIRouter()

Id = Annotated[str | None, Query(max_length=64)]
_CHUNK = 64 * 1024


class AuditActor(BaseModel):
    """Who did it. All null for somebody who was not logged in; `address` is the network address."""

    id: str | None
    name: str | None
    address: str | None
    session: str | None


class AuditPurpose(BaseModel):
    """What the person stated as the purpose."""

    id: str
    key: str
    reference: str


class AuditRow(BaseModel):
    """One act. `hash` (hexadecimal) covers this row and, through the one before it, all earlier ones."""

    seq: int
    at: datetime
    kind: AuditKind
    outcome: Outcome
    actor: AuditActor
    area_id: str | None
    camera_id: str | None
    subject: str | None
    purpose: AuditPurpose | None
    detail: dict[str, Any]
    hash: str

    @classmethod
    def of(cls, row: ChainRow) -> "AuditRow":
        """From the stored text."""
        return cls.model_validate({**json.loads(row.body), "hash": row.hash.hex()})


class SignedHeadOut(BaseModel):
    """The log up to row `seq`, signed (Ed25519, base64) by the key whose public half is `public_key` (base64).

    Keep it somewhere else: it proves later that rows up to there were neither cut off nor written anew.
    """

    seq: int
    hash: str
    at: str
    signature: str
    public_key: str

    @classmethod
    def of(cls, head: SignedHead, public_key: str) -> "SignedHeadOut":
        """As the API shows it."""
        signature = base64.b64encode(head.signature).decode()
        return cls(seq=head.seq, hash=head.hash.hex(), at=head.at, signature=signature, public_key=public_key)


class Window:
    """From when until when."""

    def __init__(
        self,
        since: Annotated[AwareDatetime | None, Query(description="From this time on.")] = None,
        until: Annotated[AwareDatetime | None, Query(description="Before this time.")] = None,
    ) -> None:
        self.since = since
        self.until = until


def asked_rows(
    access: CurrentAccess,
    window: Annotated[Window, Depends()],
    kind: AuditKind | None = None,
    outcome: Outcome | None = None,
    user_id: Id = None,
    camera_id: Id = None,
    area_id: Id = None,
) -> AuditQuery:
    """The filters of a search, within the areas whose rows the caller may see.

    Raises:
        NotAllowed: the caller is auditor nowhere.
        NotFound: the caller does not see the area.

    """
    area_ids = access.area_ids_below(Permission.AUDIT_VIEW, area_id)
    if not area_ids:
        access.require_site(Permission.AUDIT_VIEW)
    sees_all = area_id is None and access.allows(Permission.AUDIT_VIEW, access.rights.tree.root.id)
    return AuditQuery(
        since=_utc(window.since),
        until=_utc(window.until),
        kind=kind,
        outcome=outcome,
        user_id=user_id,
        camera_id=camera_id,
        area_ids=None if sees_all else area_ids,
    )


Asked = Annotated[AuditQuery, Depends(asked_rows)]


@router.get("/audit")
async def search_audit(
    actor: CurrentActor, asked: Asked, control: ControlPart, cursor: Cursor = None, limit: Limit = 50
) -> Page[AuditRow]:
    """Who did what, where and when, the newest first. The search is recorded, once for all its pages."""
    before = _row_number(decode_cursor(cursor, 1)[0]) if cursor else None
    if before is None:
        await control.audit.record_alone(_search_entry(AuditKind.AUDIT_SEARCH, actor, asked))
    async with control.database.read() as connection:
        found = await store.list_rows(connection, replace(asked, before=before, limit=limit + 1))
    more = encode_cursor(str(found[limit - 1].seq)) if len(found) > limit else None
    return Page(items=[AuditRow.of(row) for row in found[:limit]], next_cursor=more)


@router.get("/audit/export", response_class=StreamingResponse)
async def export_audit(
    actor: CurrentActor,
    asked: Asked,
    control: ControlPart,
    table_format: Annotated[Literal["csv", "xlsx"], Query(alias="format")] = "csv",
) -> StreamingResponse:
    """The rows of a search as a file, the newest first, at most 100,000. The export is recorded."""
    await control.audit.record_alone(_search_entry(AuditKind.AUDIT_EXPORT, actor, asked, format=table_format))
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by _chunks, when the answer is sent or given up
    writer = CsvWriter(file) if table_format == "csv" else XlsxWriter(file)
    await write_table(control.database, replace(asked, limit=MAX_EXPORTED), writer)
    headers = {"Content-Disposition": f'attachment; filename="audit.{table_format}"'}
    return StreamingResponse(_chunks(file), media_type=writer.media_type, headers=headers)


@router.get("/audit/head")
async def read_audit_head(access: CurrentAccess, control: ControlPart) -> SignedHeadOut | None:
    """The latest signed head of the log; null before the first. For auditors of the whole site."""
    access.require_site(Permission.AUDIT_VIEW)
    return await _latest_head(control)


async def _latest_head(control: Control) -> SignedHeadOut | None:
    async with control.database.read() as connection:
        head = await store.find_last_signed(connection)
    return SignedHeadOut.of(head, control.signer.verifier.text) if head else None


def _search_entry(kind: AuditKind, actor: Actor, asked: AuditQuery, **more: str) -> AuditEntry:
    names = ("since", "until", "kind", "outcome", "user_id")
    filters = {name: value for name in names if (value := getattr(asked, name)) is not None}
    return AuditEntry(kind, actor, Place(None, asked.camera_id), detail={**filters, **more})


def _utc(at: datetime | None) -> str | None:
    return utc_text(at) if at is not None else None


def _row_number(text: str) -> int:
    if not text.isdecimal():
        raise InvalidRequest.field("cursor", "cursor-invalid", "not a cursor of this list")
    return int(text)


async def _chunks(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk
