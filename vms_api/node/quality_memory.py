"""What the node has learnt about its cameras' pictures: it survives the node, as the outbox does."""

import json
import sqlite3
import threading
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from analytics.quality.baseline import NO_BASELINE, Baseline
from analytics.quality.reference import Reference
from analytics.quality.standing import NO_STANDING, Standing

log = structlog.get_logger()

SCHEMA = """
CREATE TABLE IF NOT EXISTS memory (
    camera_id TEXT PRIMARY KEY,
    baseline TEXT NOT NULL,
    standing TEXT NOT NULL,
    reference_id TEXT,
    reference TEXT
)
"""


@dataclass(frozen=True, slots=True)
class Memory:
    """Of one camera. `reference_id` names the picture that `reference` was made of."""

    baseline: Baseline = NO_BASELINE
    standing: Standing = NO_STANDING
    reference_id: str | None = None
    reference: Reference | None = None


class QualityMemory:
    """SQLite in a file of its own; used from several threads under a lock.

    What is lost with a power cut is learnt again, so its writes do not wait for the disk. What another version wrote
    and this one cannot read is forgotten, with a line in the log.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute(SCHEMA)

    def get(self, camera_id: str) -> Memory:
        """What is known of the camera; of a new one nothing."""
        with self._lock:
            row = self._connection.execute(
                "SELECT baseline, standing, reference_id, reference FROM memory WHERE camera_id = ?", (camera_id,)
            ).fetchone()
        try:
            return _memory(*row) if row else Memory()
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("what was learnt cannot be read", camera=camera_id, reason=repr(error))
            return Memory()

    def put(self, camera_id: str, memory: Memory) -> None:
        """Replaces what is known of the camera."""
        reference = memory.reference
        row = (
            camera_id,
            _text(memory.baseline.as_json()),
            _text(memory.standing.as_json()),
            memory.reference_id,
            _text(reference.as_json()) if reference is not None else None,
        )
        with self._lock:
            self._connection.execute("INSERT OR REPLACE INTO memory VALUES (?, ?, ?, ?, ?)", row)

    def keep(self, camera_ids: Collection[str]) -> None:
        """Forgets all other cameras."""
        with self._lock:
            known = {row[0] for row in self._connection.execute("SELECT camera_id FROM memory")}
            gone = [(camera_id,) for camera_id in known.difference(camera_ids)]
            self._connection.executemany("DELETE FROM memory WHERE camera_id = ?", gone)

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._connection.close()


def _memory(baseline: str, standing: str, reference_id: str | None, reference: str | None) -> Memory:
    return Memory(
        Baseline.from_json(json.loads(baseline)),
        Standing.from_json(json.loads(standing)),
        reference_id,
        Reference.from_json(json.loads(reference)) if reference is not None else None,
    )


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
