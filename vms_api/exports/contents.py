"""What goes into an export: which files of which cameras, and what its manifest has to say about them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from vms_api.accounts.permission import Permission
from vms_api.accounts.rights_board import RightsBoard
from vms_api.alerts import store as alert_store
from vms_api.cameras import store as camera_store
from vms_api.cameras.mask_desk import latest_masks
from vms_api.database import Connection
from vms_api.evidence.manifest import AlertEntry, CameraEntry
from vms_api.exports.store import ExportRow
from vms_api.recordings.coverage import Span
from vms_api.recordings.segment import OpenSegment, Segment
from vms_api.recordings.store import not_indexed, segments_between
from vms_api.recordings.timeline import TimelineQuery, read_spans, withholding

MOST_ALERTS = 1000
_NOT_IN_NAMES = re.compile(r"[^\w]+")


@dataclass(frozen=True, slots=True)
class CameraContents:
    """One camera: its files that this person may have, its timeline, and its alerts in the range.

    `opened` are files that are not whole yet: the package waits for them.
    """

    entry: CameraEntry
    files: Sequence[Segment]
    opened: Sequence[OpenSegment]
    spans: Sequence[Span]
    alerts: Sequence[AlertEntry]


async def read_contents(
    connection: Connection, row: ExportRow, rights: RightsBoard, being_written: Mapping[str, Sequence[OpenSegment]]
) -> Sequence[CameraContents]:
    """All cameras of an export, as the index has them now; a camera that the person has lost is left out.

    `being_written` are the files of each camera that the node was writing right before.
    """
    found = []
    for camera_id in row.export.camera_ids:
        area_id = rights.area_of(camera_id)
        camera = await camera_store.find_camera(connection, camera_id)
        if camera is None or area_id is None:
            continue
        if not rights.index.allows(row.requested_by_id, Permission.EXPORT_REQUEST, area_id):
            continue
        area = rights.index.tree.find(area_id)
        masks = await latest_masks(connection, camera_id)
        may_see_unmasked = rights.index.allows(row.requested_by_id, Permission.UNMASKED_VIEW, area_id)
        is_withheld = withholding(masks, may_see_unmasked=may_see_unmasked)
        entry = CameraEntry(
            id=camera_id,
            name=camera.name,
            area_id=area_id,
            area_name=area.name if area else "",
            mask_version=masks.version,
        )
        opened = await not_indexed(connection, being_written.get(camera_id, ()))
        asked = TimelineQuery(camera_id, row.export.start, row.export.end, is_withheld, opened=opened)
        found.append(await _camera(connection, entry, asked))
    return found


async def _camera(connection: Connection, entry: CameraEntry, asked: TimelineQuery) -> CameraContents:
    start, end, opened, is_withheld = asked.start, asked.end, asked.opened, asked.is_withheld
    files = await segments_between(connection, entry.id, start, end)
    until = min([end, *(segment.ended_at for segment in opened[-1:])])
    spans, _coverage = await read_spans(connection, replace(asked, end=max(start, until)))
    marks = await alert_store.alert_marks(connection, entry.id, start, end, MOST_ALERTS)
    alerts = [await _alert(connection, mark.id) for mark in marks]
    return CameraContents(
        entry=entry,
        files=[segment for segment in files if not is_withheld(segment.mask_version)],
        opened=[segment for segment in opened if not is_withheld(segment.mask_version)],
        spans=spans,
        alerts=[alert for alert in alerts if alert is not None],
    )


async def _alert(connection: Connection, alert_id: str) -> AlertEntry | None:
    alert = await alert_store.find_alert(connection, alert_id)
    if alert is None:
        return None
    history = await alert_store.list_history(connection, alert_id)
    return AlertEntry(
        id=alert.id,
        camera_id=alert.camera_id,
        raised_at=alert.raised_at,
        kind=alert.kind,
        severity=alert.severity,
        rule_name=alert.rule_name,
        state=alert.state,
        history=tuple(
            {
                "at": entry.at.isoformat(),
                "act": entry.act,
                "state": str(entry.state),
                "by": entry.username,
                "note": entry.note,
                **entry.detail,
            }
            for entry in history
        ),
    )


def node_plan(row: ExportRow, contents: Sequence[CameraContents]) -> Mapping[str, Any]:
    """What the node is told to build. A part is called by its camera's place in the export and its name."""
    return {
        "start": row.export.start.isoformat(),
        "end": row.export.end.isoformat(),
        "cameras": [
            {
                "camera_id": camera.entry.id,
                "label": _label(number, camera.entry.name),
                "files": [
                    segment.model_dump(include={"recording_id", "volume_id", "path", "sha256"})
                    for segment in camera.files
                ],
            }
            for number, camera in enumerate(contents, start=1)
        ],
    }


def _label(number: int, name: str) -> str:
    plain = _NOT_IN_NAMES.sub("-", name).strip("-")[:60].strip("-")
    return f"{number}-{plain}" if plain else str(number)
