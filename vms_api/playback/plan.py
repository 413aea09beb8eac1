"""Which parts of which recorded files are played, in which order. Pure.

A file is played in whole groups of pictures, each of which begins with a key frame: what a player is given can always
be decoded by itself.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from vms_api.nodes.recording_client import FilePlace, Group

SLACK_S = 0.1
"""Files whose times meet within this are one piece: clocks are corrected by less from file to file."""


@dataclass(frozen=True, slots=True)
class RecordedFile:
    """A file with its index.

    `media_start_s` is the file's first picture on the clock that files of one `epoch` share; files of the same `init`
    begin with the same bytes. `damage` says why not all of it can be played, `is_away` that the disk does not give it.
    `open_bytes`: it was being written, and had so many bytes.
    """

    recording_id: str
    place: FilePlace
    epoch: tuple[str, int, int]
    mask_version: int
    started_at: datetime
    media_start_s: float
    init: str
    groups: Sequence[Group]
    damage: str | None = None
    is_away: bool = False
    open_bytes: int | None = None

    @property
    def is_spoilt(self) -> bool:
        """Whether its bytes are not those that were written; of one that is not to be had now nobody knows."""
        return self.damage is not None and not self.is_away

    def starts_at(self, number: int) -> datetime:
        """When a group begins, by our clock."""
        return self.started_at + timedelta(seconds=self.groups[number].time_s)

    def ends_at(self, number: int) -> datetime:
        """When a group ends, by our clock."""
        group = self.groups[number]
        return self.started_at + timedelta(seconds=group.time_s + group.duration_s)


@dataclass(frozen=True, slots=True)
class Piece:
    """The groups `first` to `last` of a file, both included: what a player asks for at once.

    `breaks`: the player's clock cannot run on from the piece before. `leads`: it is the first of its file, or the first
    behind damage in it.
    """

    file: RecordedFile
    first: int
    last: int
    breaks: bool
    leads: bool

    @property
    def starts_at(self) -> datetime:
        """When its first picture was taken, by our clock."""
        return self.file.starts_at(self.first)

    @property
    def ends_at(self) -> datetime:
        """When its last picture ends, by our clock."""
        return self.file.ends_at(self.last)

    @property
    def duration_s(self) -> float:
        """How long it plays."""
        last = self.file.groups[self.last]
        return last.time_s + last.duration_s - self.file.groups[self.first].time_s


def planned(files: Iterable[RecordedFile], start: datetime, end: datetime, target_s: float) -> Sequence[Piece]:
    """The pieces that show `start` to `end`, of about `target_s` each, each instant once.

    Files that overlap (a node that was replaced, a clock that was set back) are taken by their start, and of a later
    one only what is not shown yet.
    """
    pieces: list[Piece] = []
    for file in sorted(files, key=lambda file: (file.started_at, file.recording_id)):
        shown_to = pieces[-1].ends_at if pieces else None
        numbers = _wanted(file, start, end, shown_to)
        if numbers:
            breaks = bool(pieces) and not _runs_on(pieces[-1], file, numbers[0])
            pieces.extend(_cut(file, numbers[0], numbers[-1], target_s, breaks=breaks))
    return pieces


def _wanted(file: RecordedFile, start: datetime, end: datetime, shown_to: datetime | None) -> Sequence[int]:
    """The groups that show a part of the range and nothing that is shown already; one after the other."""
    begins = (start - file.started_at).total_seconds()
    ends = (end - file.started_at).total_seconds()
    free = (shown_to - file.started_at).total_seconds() - SLACK_S if shown_to else float("-inf")
    return [
        number
        for number, (time_s, duration_s) in enumerate(file.groups)
        if time_s < ends and time_s + duration_s > begins and time_s >= free
    ]


def _runs_on(before: Piece, file: RecordedFile, number: int) -> bool:
    if before.file.epoch != file.epoch or before.file.init != file.init:
        return False
    last = before.file.groups[before.last]
    ended_s = before.file.media_start_s + last.time_s + last.duration_s
    return abs(file.media_start_s + file.groups[number].time_s - ended_s) <= SLACK_S


def _cut(file: RecordedFile, first: int, last: int, target_s: float, *, breaks: bool) -> Iterator[Piece]:
    """Groups as pieces; one behind damage breaks and leads as if it were of another file, for time is missing there."""
    start, leads = first, True
    for number in range(first, last + 1):
        group = file.groups[number]
        ends_s = group.time_s + group.duration_s
        is_hole = number < last and file.groups[number + 1].time_s - ends_s > SLACK_S
        if number == last or is_hole or ends_s - file.groups[start].time_s >= target_s:
            yield Piece(file, start, number, breaks=breaks, leads=leads)
            start, breaks, leads = number + 1, is_hole, is_hole
