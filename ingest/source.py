"""The seam between a camera's protocol and everything after it.

A new kind of source is one file that implements these two protocols, one entry in the composition root, and a line in
the contract suite (`tests/contracts/`).
"""

from collections.abc import Iterator
from typing import Protocol

from ingest.audio import AudioPacket
from ingest.camera import Camera, StreamProfile
from ingest.drops import Drops
from ingest.packet import Packet, StreamDescription


class PacketSource(Protocol):
    """One open stream."""

    @property
    def description(self) -> StreamDescription:
        """What the stream turned out to be."""
        ...

    @property
    def clock_offset_s(self) -> float | None:
        """The camera's clock minus ours, None while it is not known. Readable from any thread."""
        ...

    def packets(self) -> Iterator[Packet | AudioPacket | None]:
        """Blocks for each packet; ends by raising an IngestError, never silently.

        While nothing comes it yields None about once a second, so that the one thread that reads can notice silence
        and show that it is alive.

        Raises:
            IngestError: the reason why no more packets come.

        """
        ...

    def take_drops(self) -> Drops:
        """What did not arrive whole since this was asked last; for the thread that reads."""
        ...

    def interrupt(self) -> None:
        """From any thread: `packets()` ends within a second."""
        ...

    def close(self) -> None:
        """Frees the connection. Harmless when called twice."""
        ...


class SourceOpener(Protocol):
    """Opens streams of one protocol."""

    def open(self, camera: Camera, profile: StreamProfile, epoch: int) -> PacketSource:
        """Connects and returns once the stream is described.

        Raises:
            IngestError: no stream could be opened; the class says why.

        """
        ...
