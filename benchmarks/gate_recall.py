"""What the gate costs: tracks that a detector on every picture finds and the gated chain does not."""

from collections.abc import Iterator, Sequence

from analytics.geometry import Box, area_of, overlap_area
from analytics.track import TrackState, TrackUpdate

_SAME = 0.3  # overlap (intersection over union) from which two boxes of one picture are the same object


def kept_tracks(reference: Sequence[TrackUpdate], gated: Sequence[TrackUpdate]) -> tuple[int, int]:
    """How many confirmed tracks of the reference the gated run has too, and how many there are.

    A track is kept when at some picture of its life the gated run has a confirmed track at the same place.
    """
    there = {update.media_time_s: [box for _, box in _confirmed(update)] for update in gated}
    known: set[int] = set()
    kept: set[int] = set()
    for update in reference:
        for track_id, box in _confirmed(update):
            known.add(track_id)
            if any(_overlap(box, other) >= _SAME for other in there.get(update.media_time_s, ())):
                kept.add(track_id)
    return len(kept), len(known)


def _confirmed(update: TrackUpdate) -> Iterator[tuple[int, Box]]:
    return ((track.id, track.box) for track in update.tracks if track.state is TrackState.CONFIRMED)


def _overlap(one: Box, other: Box) -> float:
    shared = overlap_area(one, other)
    whole = area_of(one) + area_of(other) - shared
    return shared / whole if whole > 0 else 0.0
