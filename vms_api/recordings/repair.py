"""Mends what a check has found, and makes the index anew from the files. The server stands still meanwhile."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.clock import Clock
from ingest.identifier import new_identifier
from ingest.recording.errors import SegmentDamaged
from ingest.recording.segment import PART_SUFFIX
from ingest.recording.sweep import mend, segment_paths
from vms_api.audit.entry import SYSTEM, AuditEntry, AuditKind
from vms_api.audit.log import AuditLog
from vms_api.database import Database, Transaction
from vms_api.recordings import gap_store, store, volume_store
from vms_api.recordings.gap import FILE_LOST, Gap
from vms_api.recordings.inspection import Finding, FindingKind, FoundVolume, row_of, segment_in
from vms_api.recordings.retention import Candidate
from vms_api.recordings.segment import Segment
from vms_api.recordings.volume import VolumeState

Say = Callable[[str], None]
_FILES_AT_ONCE = 200
_SPOILT = {FindingKind.WRONG_SIZE, FindingKind.WRONG_HASH, FindingKind.DAMAGED}
_FILES = {FindingKind.ORPHAN_FILE, FindingKind.PENDING_FILE}


@dataclass(frozen=True, slots=True)
class Repair:
    """Writes to the index of a stopped site; `say` hears what was done."""

    database: Database
    clock: Clock
    say: Say

    async def mend(self, volume: FoundVolume, findings: Sequence[Finding]) -> int:
        """Mends what can be mended; how much could not be."""
        left = 0
        for finding in findings:
            done = await self._mended(volume, finding)
            left += done is None
            self.say(f"{'mended' if done else 'left'}  {finding.path}: {done or finding.detail}")
        await self._certify(volume, {"findings": len(findings), "left": left})
        return left

    async def rebuild(self, volume: FoundVolume) -> tuple[int, int]:
        """Takes every file that the index has not; how many were added, and how many cannot be read."""
        added, unreadable = 0, 0
        state = VolumeState(volume_id=volume.volume_id, name=volume.name, state="ok", at=self.clock.now())
        async with self.database.write() as transaction:
            await volume_store.put_volume(transaction, state)
        for batch in _batches(segment_paths(volume.folder)):
            async with self.database.write() as transaction:
                for path in batch:
                    try:
                        added += await self._add(transaction, volume, path)
                    except (SegmentDamaged, OSError) as reason:
                        unreadable += 1
                        self.say(f"left  {path}: {reason}")
        await self._certify(volume, {"added": added, "unreadable": unreadable})
        return added, unreadable

    async def _add(self, transaction: Transaction, volume: FoundVolume, path: Path) -> bool:
        name = path.name.partition(".")[0]
        if await store.find_segment(transaction.connection, name) is not None:
            return False
        segment = _segment(volume, path)
        return segment is not None and await store.insert_segment(transaction, segment)

    async def _mended(self, volume: FoundVolume, finding: Finding) -> str | None:
        """What was done; None if nothing could be."""
        segment = finding.segment
        async with self.database.write() as transaction:
            if finding.kind is FindingKind.MISSING_FILE and segment is not None:
                await store.delete_segments(transaction, [Candidate.of(segment)])
                await gap_store.put_gap(transaction, _gap(segment))
                return "taken out of the index; the timeline shows a gap"
            if finding.kind in _SPOILT and segment is not None:
                await store.mark_damaged(transaction, segment)
                return "marked as damaged; what can be played of it is"
            if finding.kind in _FILES:
                try:
                    is_added = await self._add(transaction, volume, finding.path)
                except (SegmentDamaged, OSError):
                    return None
                return "taken into the index" if is_added else "nothing of it could be played; removed"
        return None

    async def _certify(self, volume: FoundVolume, detail: dict[str, int]) -> None:
        entry = AuditEntry(
            AuditKind.RECORDING_REPAIR, SYSTEM, subject=volume.volume_id, detail={"volume": volume.name, **detail}
        )
        await AuditLog(self.database, self.clock).record_alone(entry)


def _segment(volume: FoundVolume, path: Path) -> Segment | None:
    """The row of a file; one that was not finished is finished first, and is removed if nothing of it plays."""
    if path.suffix != PART_SUFFIX:
        return segment_in(volume, path)
    info = mend(path)
    return None if info is None else row_of(volume, path.with_name(path.name.removesuffix(PART_SUFFIX)), info)


def _gap(segment: Segment) -> Gap:
    return Gap(
        id=new_identifier(),
        camera_id=segment.camera_id,
        started_at=segment.started_at,
        ended_at=segment.ended_at,
        reason=FILE_LOST,
    )


def _batches(paths: Iterator[Path]) -> Iterator[list[Path]]:
    batch: list[Path] = []
    for path in paths:
        batch.append(path)
        if len(batch) == _FILES_AT_ONCE:
            yield batch
            batch = []
    yield batch
