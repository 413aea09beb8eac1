"""The node's outbox on disk: what the control process has not confirmed yet survives kill -9 and power loss."""

import json
import sqlite3
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS outbox (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    refused TEXT
)
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One delivery that waits. `payload` is its JSON text."""

    sequence: int
    id: str
    kind: str
    payload: str


class OutboxStore:
    """SQLite with `synchronous=FULL`, one connection, used from several threads under a lock."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute(SCHEMA)

    def put(self, entry_id: str, kind: str, payload: Mapping[str, Any]) -> None:
        """On disk when this returns. A second entry of the same id changes nothing."""
        with self._lock:
            self._connection.execute(
                "INSERT INTO outbox (id, kind, payload) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING",
                (entry_id, kind, json.dumps(payload, separators=(",", ":"))),
            )

    def oldest(self, limit: int) -> list[Entry]:
        """The entries to deliver next, in the order they were put."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT sequence, id, kind, payload FROM outbox WHERE refused IS NULL ORDER BY sequence LIMIT ?",
                (limit,),
            ).fetchall()
        return [Entry(*row) for row in rows]

    def remove(self, entry: Entry) -> None:
        """The control process has it."""
        with self._lock:
            self._connection.execute("DELETE FROM outbox WHERE sequence = ?", (entry.sequence,))

    def set_aside(self, entry: Entry, reason: str) -> None:
        """The control process will never take it: kept for a person to look at, out of the way of the others."""
        with self._lock:
            self._connection.execute("UPDATE outbox SET refused = ? WHERE sequence = ?", (reason, entry.sequence))

    def counts(self) -> tuple[int, int]:
        """Entries that wait, entries set aside."""
        with self._lock:
            waiting, refused = self._connection.execute(
                "SELECT count(*) FILTER (WHERE refused IS NULL), count(refused) FROM outbox"
            ).fetchone()
        return waiting, refused

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._connection.close()
