"""Which parts of recorded files are played: each instant once, every piece decodable, no error over any overlap."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from vms_api.nodes.recording_client import FilePlace, Group
from vms_api.playback.plan import SLACK_S, Piece, RecordedFile, planned
from vms_api.playback.playlist import playlist

START = datetime(2026, 3, 1, 8, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def recorded(name: str, at_s: float, count: int = 3, **changes: Any) -> RecordedFile:
    """A file of groups of two seconds that begins `at_s` after START."""
    facts: dict[str, Any] = {
        "recording_id": name,
        "place": FilePlace(volume_id="volume", path=f"{name}.mp4"),
        "epoch": ("main", 1, 1),
        "mask_version": 0,
        "started_at": after(at_s),
        "media_start_s": at_s,
        "init": "one",
        "groups": [Group(2.0 * number, 2.0) for number in range(count)],
    }
    return RecordedFile(**facts | changes)


def told(pieces: list[Piece]) -> list[tuple[str, int, int, bool]]:
    return [(piece.file.recording_id, piece.first, piece.last, piece.breaks) for piece in pieces]


def plan(*files: RecordedFile, start_s: float = 0, end_s: float = 60, target_s: float = 4.0) -> list[Piece]:
    return list(planned(files, after(start_s), after(end_s), target_s))


def test_files_of_one_epoch_play_on() -> None:
    """Cut into pieces of the wanted length, none of them across two files."""
    assert told(plan(recorded("a", 0), recorded("b", 6))) == [
        ("a", 0, 1, False),
        ("a", 2, 2, False),
        ("b", 0, 1, False),
        ("b", 2, 2, False),
    ]


def test_playing_begins_with_the_group_that_shows_the_start() -> None:
    """And ends with the one that shows the last instant asked for."""
    assert told(plan(recorded("a", 0), recorded("b", 6), start_s=5, end_s=8)) == [
        ("a", 2, 2, False),
        ("b", 0, 0, False),
    ]


def test_a_hole_an_epoch_and_another_beginning_break_the_clock() -> None:
    """Each by itself."""
    first = recorded("a", 0)
    assert told(plan(first, recorded("b", 16)))[2] == ("b", 0, 1, True)
    assert told(plan(first, recorded("b", 6, epoch=("main", 1, 2))))[2] == ("b", 0, 1, True)
    assert told(plan(first, recorded("b", 6, epoch=("main", 2, 1))))[2] == ("b", 0, 1, True)
    assert told(plan(first, recorded("b", 6, init="two")))[2] == ("b", 0, 1, True)


def test_behind_damage_a_piece_breaks_the_clock() -> None:
    """Groups of one file between which one is lost: no piece spans the hole, and the playlist names the time behind."""
    groups = [Group(2.0 * number, 2.0) for number in (0, 1, 3, 4)]
    pieces = plan(recorded("a", 0, groups=groups, damage="no fragment at byte 7"), target_s=10)
    assert told(pieces) == [("a", 0, 1, False), ("a", 2, 3, True)]
    lines = playlist(pieces).splitlines()
    assert "#EXT-X-PROGRAM-DATE-TIME:2026-03-01T08:00:06.000Z" in lines[lines.index("#EXT-X-DISCONTINUITY") :]


def test_what_overlaps_is_shown_once() -> None:
    """Of the later file only what the earlier has not shown; a file inside another is not shown at all."""
    pieces = plan(recorded("a", 0, 5), recorded("b", 5, 5, epoch=("main", 2, 1)), recorded("c", 1, 2))
    assert told(pieces) == [("a", 0, 1, False), ("a", 2, 3, False), ("a", 4, 4, False), ("b", 3, 4, True)]


def test_nothing_recorded_is_an_empty_list() -> None:
    """No file, a file elsewhere, a file of which nothing can be played."""
    assert plan() == []
    assert plan(recorded("a", 100)) == []
    assert plan(recorded("a", 0, 0, damage="cut short")) == []
    assert playlist([]).splitlines()[-1] == "#EXT-X-ENDLIST"


files = st.builds(
    lambda number, at_s, durations, epoch, init: recorded(
        f"r{number}",
        at_s,
        epoch=("main", 1, epoch),
        init=init,
        groups=[Group(sum(durations[:place]), duration) for place, duration in enumerate(durations)],
    ),
    st.integers(0, 99),
    st.floats(-90_000, 90_000).map(lambda value: round(value, 3)),
    st.lists(st.sampled_from([0.4, 1.0, 2.0, 9.5]), max_size=8),
    st.integers(1, 2),
    st.sampled_from(["one", "two"]),
)


@given(st.lists(files, max_size=12), st.integers(-100, 100), st.integers(0, 200))
def test_any_files_give_a_playlist_in_order(given_files: list[RecordedFile], start_s: int, length_s: int) -> None:
    """Clocks a day off, files over one another: pieces never go back in time and lie in what was asked for."""
    pieces = plan(*given_files, start_s=start_s, end_s=start_s + length_s)
    for before, piece in itertools.pairwise(pieces):
        assert piece.starts_at >= before.ends_at - timedelta(seconds=SLACK_S)
        if piece.breaks:
            assert piece.leads
    for piece in pieces:
        assert piece.starts_at < after(start_s + length_s)
        assert piece.ends_at > after(start_s)
    lines = playlist(pieces).splitlines()
    target = next(int(line.split(":")[1]) for line in lines if line.startswith("#EXT-X-TARGETDURATION"))
    lengths = [float(line[8:-1]) for line in lines if line.startswith("#EXTINF:")]
    assert len(lengths) == len(pieces)
    assert all(round(length) <= target for length in lengths)


def test_the_playlist_says_time_beginning_and_break() -> None:
    """As a player needs them, in the order of RFC 8216."""
    text = playlist(plan(recorded("a", 0), recorded("b", 10.5, 1, init="two", epoch=("main", 1, 2))))
    assert text.splitlines() == [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        "#EXT-X-TARGETDURATION:4",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        '#EXT-X-MAP:URI="init-0.mp4"',
        "#EXT-X-PROGRAM-DATE-TIME:2026-03-01T08:00:00.000Z",
        "#EXTINF:4.00000,",
        "a/0-1.m4s",
        "#EXTINF:2.00000,",
        "a/2-2.m4s",
        "#EXT-X-DISCONTINUITY",
        '#EXT-X-MAP:URI="init-1.mp4"',
        "#EXT-X-PROGRAM-DATE-TIME:2026-03-01T08:00:10.500Z",
        "#EXTINF:2.00000,",
        "b/0-0.m4s",
        "#EXT-X-ENDLIST",
    ]
