"""All volumes of a node, and which of them takes a camera's next file."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from ingest.recording.gap import GapReason
from ingest.recording.garbage import Garbage
from ingest.recording.volume import GAP_REASONS, VolumeState
from ingest.recording.volume_writer import VolumeWriter

_WORST = (GapReason.VOLUME_MISSING, GapReason.DISK_ERROR, GapReason.DISK_FULL, GapReason.TOO_SLOW)


class VolumeShelf:
    """Volumes in the order of the site file: the first one that is well takes what comes."""

    def __init__(self, writers: Iterable[VolumeWriter]) -> None:
        self._writers = tuple(writers)

    def start(self) -> None:
        """Starts all threads. Call once."""
        for writer in self._writers:
            writer.start()

    def close(self) -> None:
        """Writes what waits; disks that hang are not waited for."""
        for writer in self._writers:
            writer.close()

    def expect(self, identities: Mapping[str, str | None]) -> None:
        """Identities by name; None for a new volume. One that is not named is not written to."""
        for writer in self._writers:
            if writer.place.name in identities:
                writer.expect(identities[writer.place.name])

    def choose(self, wanted: Collection[str]) -> VolumeWriter | None:
        """The volume for the next file of a camera that wants these volumes, or any."""
        return next((writer for writer in self._among(wanted) if writer.takes()), None)

    def why_none(self, wanted: Collection[str]) -> GapReason:
        """Why `choose` has none: what is wrong with the best of them."""
        reasons = {GAP_REASONS[writer.state().state] for writer in self._among(wanted)}
        return max(reasons, key=_WORST.index, default=GapReason.VOLUME_MISSING)

    def remove(self, items: Mapping[str, Sequence[Garbage]]) -> None:
        """Deletes files, by the identities of their volumes. Volumes that are not here keep theirs."""
        for writer in self._writers:
            if writer.volume_id is not None and writer.volume_id in items:
                writer.remove(items[writer.volume_id])

    def states(self) -> tuple[VolumeState, ...]:
        """Every volume at this moment."""
        return tuple(writer.state() for writer in self._writers)

    def _among(self, wanted: Collection[str]) -> Iterator[VolumeWriter]:
        return (writer for writer in self._writers if not wanted or writer.volume_id in wanted)
