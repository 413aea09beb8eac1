"""The gaps that go on, in a small file: a node that is killed leaves none of them open for ever."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import structlog

from ingest.camera import CameraId
from ingest.recording.gap import Gap, GapReason

log = structlog.get_logger()


class GapJournal:
    """Written whole at every change, which is rare. One thread uses it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open = self._read()

    def open_gaps(self) -> Mapping[CameraId, Gap]:
        """What went on when the node before this one ended."""
        return dict(self._open)

    def note(self, gap: Gap) -> None:
        """A gap has opened or ended. A disk that does not take it costs a gap its end, not the recording."""
        if gap.ended_at is None:
            self._open[gap.camera_id] = gap
        elif self._open.get(gap.camera_id, gap).id == gap.id:
            self._open.pop(gap.camera_id, None)
        document = [[gap.id, gap.camera_id, gap.started_at.isoformat(), gap.reason] for gap in self._open.values()]
        temporary = self._path.with_suffix(".new")
        try:
            temporary.write_text(json.dumps(document), encoding="utf-8")
            temporary.rename(self._path)
        except OSError as error:
            log.warning("open gaps could not be noted", reason=error.strerror)

    def _read(self) -> dict[CameraId, Gap]:
        try:
            rows = json.loads(self._path.read_text(encoding="utf-8"))
            gaps = [
                Gap(id_, CameraId(camera_id), datetime.fromisoformat(at), None, GapReason(reason))
                for id_, camera_id, at, reason in rows
            ]
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, RecursionError) as error:
            log.warning("the journal of open gaps cannot be read", reason=repr(error))
            return {}
        return {gap.camera_id: gap for gap in gaps}
