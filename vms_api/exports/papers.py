"""The papers of an export: what the package says about itself, signed with the site's key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from vms_api import __version__
from vms_api.evidence.manifest import Manifest, MissingSpan, PersonEntry, PurposeEntry, VideoPart
from vms_api.evidence.package import documents, listed, sealed
from vms_api.evidence.signature import EvidenceKey, key_id
from vms_api.exports.contents import CameraContents
from vms_api.exports.missing import left_out
from vms_api.exports.store import ExportRow


@dataclass(frozen=True, slots=True)
class Site:
    """Who signs."""

    name: str
    time_zone: str
    key: EvidenceKey


def papers(
    site: Site, row: ExportRow, contents: Sequence[CameraContents], videos: Sequence[VideoPart], made_at: datetime
) -> Mapping[str, bytes]:
    """Manifest, signature, public key and explanation, by file name."""
    missing = _missing(contents, videos)
    explained = documents(site.key, _facts(site, row, contents, missing))
    export = row.export
    manifest = Manifest(
        export_id=export.id,
        site=site.name,
        software=f"xueliang {__version__}",
        made_at=made_at,
        time_zone=site.time_zone,
        asked_from=export.start,
        asked_to=export.end,
        purpose=PurposeEntry(key=export.purpose.key, reference=export.purpose.reference) if export.purpose else None,
        note=export.note,
        requested_by=PersonEntry(user_id=row.requested_by_id, username=export.requested_by, at=export.requested_at),
        approved_by=PersonEntry(
            user_id=row.decided_by_id or "", username=export.decided_by or "", at=export.decided_at or made_at
        ),
        cameras=tuple(camera.entry for camera in contents),
        videos=tuple(videos),
        documents=listed(explained),
        missing=tuple(missing),
        alerts=tuple(alert for camera in contents for alert in camera.alerts),
        key_id=key_id(site.key.public_key()),
    )
    return {**explained, **sealed(manifest, site.key)}


def _missing(contents: Sequence[CameraContents], videos: Sequence[VideoPart]) -> list[MissingSpan]:
    found = []
    for camera in contents:
        shown = [(video.shown_from, video.shown_to) for video in videos if video.camera_id == camera.entry.id]
        found += [
            MissingSpan(camera_id=span.camera_id, starts_at=span.start, ends_at=span.end, reason=span.reason)
            for span in left_out(camera.entry.id, camera.spans, shown)
        ]
    return found


def _facts(
    site: Site, row: ExportRow, contents: Sequence[CameraContents], missing: Sequence[MissingSpan]
) -> Mapping[str, str]:
    export, names = row.export, {camera.entry.id: camera.entry.name for camera in contents}
    lines = [
        f"  {names[span.camera_id]}: {_utc(span.starts_at)} - {_utc(span.ends_at)} ({span.reason})" for span in missing
    ]
    return {
        "site": site.name,
        "export_id": export.id,
        "asked_from": _utc(export.start),
        "asked_to": _utc(export.end),
        "requested_by": export.requested_by,
        "approved_by": export.decided_by or "",
        "key_id": key_id(site.key.public_key()),
        "missing_zh": "\n".join(lines) or "  无",
        "missing_en": "\n".join(lines) or "  none",
    }


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
