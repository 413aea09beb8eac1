"""HLS media playlists (RFC 8216) over recorded files. Pure."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from math import ceil

from vms_api.playback.plan import Piece

VERSION = 7
"""EXT-X-MAP in a playlist of ordinary segments needs 6 (RFC 8216 clause 7); 7 is what fMP4 players are tested with."""


def init_numbers(pieces: Sequence[Piece]) -> dict[str, int]:
    """The number under which each different beginning of files is asked for."""
    numbers: dict[str, int] = {}
    for piece in pieces:
        numbers.setdefault(piece.file.init, len(numbers))
    return numbers


def playlist(pieces: Sequence[Piece]) -> str:
    """A playlist of the whole recording, with addresses relative to its own.

    Each file names its wall-clock time (clause 4.3.2.6), so a player knows the time of every picture and where time was
    left out; a new epoch, another beginning or left-out time is a discontinuity (clause 4.3.2.3).
    """
    longest = max((piece.duration_s for piece in pieces), default=1.0)
    lines = [
        "#EXTM3U",
        f"#EXT-X-VERSION:{VERSION}",
        f"#EXT-X-TARGETDURATION:{ceil(longest)}",  # clause 4.3.3.1: no rounded duration is above it
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        *_body(pieces),
        "#EXT-X-ENDLIST",
    ]
    return "\n".join(lines) + "\n"


def _body(pieces: Sequence[Piece]) -> Iterator[str]:
    numbers = init_numbers(pieces)
    present: str | None = None
    for piece in pieces:
        if piece.breaks:
            yield "#EXT-X-DISCONTINUITY"
        if piece.file.init != present:
            present = piece.file.init
            yield f'#EXT-X-MAP:URI="init-{numbers[present]}.mp4"'
        if piece.leads:
            yield f"#EXT-X-PROGRAM-DATE-TIME:{_written(piece.starts_at)}"
        yield f"#EXTINF:{piece.duration_s:.5f},"
        yield f"{piece.file.recording_id}/{piece.first}-{piece.last}.m4s"


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
