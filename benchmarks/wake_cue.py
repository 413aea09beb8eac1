"""wake-cue: what the sizes of packets tell of onsets on real pictures and what they miss; what sleep costs the demo."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av

from analytics.detector_choice import open_detector
from analytics.model import read_catalogue
from analytics.model_store import model_folders
from analytics.settings import AnalyticsSettings
from benchmarks.peers.clips import LOOP_S, MOTION_S, PASSES_S, calm_sub, calm_sub_constant
from benchmarks.peers.looker import MODEL
from benchmarks.report import Figure, Report, percentile
from benchmarks.slept_footage import play, rules_of
from ingest.packet_size_cue import PacketSizeCue
from ingest.settings import IngestSettings
from vms_api.demo.scenario import PLACES

LAPS = 20
MISSED_LIMIT, FALSE_LIMIT = 0.02, 6.0
_EARLY_S, _LATE_S = 0.5, 1.0
_SETTLED_S = 2.0
_DEMO_S, _SLEEP_AFTER_S = 120.0, 5.0


@dataclass(frozen=True, slots=True)
class Footage:
    """A clip, played over and over, and the seconds of each lap (from, to) in which something moves."""

    name: str
    path: Path
    visits: Sequence[tuple[float, float]]
    missed_limit: float | None = None
    false_limit: float | None = None


@dataclass(frozen=True, slots=True)
class Hearing:
    """Delays of the onsets that were told, how many were not, and false alarms per hour without motion."""

    delays_s: Sequence[float]
    missed: int
    false_per_hour: float

    @property
    def missed_share(self) -> float:
        """Of all onsets."""
        return self.missed / max(1, self.missed + len(self.delays_s))


def measure() -> Report:
    """Each clip's sizes to a fresh cue; the first lap is for learning."""
    media = Path(os.environ.get("XUELIANG_SHARED", "../shared")) / "media"
    passage = ((float(PASSES_S), float(PASSES_S + MOTION_S)),)
    figures: list[Figure] = []
    for one in (
        Footage("quality kept", calm_sub(media), passage, MISSED_LIMIT, FALSE_LIMIT),
        Footage("bit rate kept, noisy", calm_sub_constant(media), passage),
        Footage("car-park.mp4 itself", media / "car-park.mp4", ((5.0, 8.5), (15.0, 19.5), (25.0, 29.0))),
    ):
        heard = listen(one)
        figures += [
            Figure(f"{one.name}: onsets missed", heard.missed_share, "share", one.missed_limit),
            Figure(f"{one.name}: onset to cue, p50", percentile(heard.delays_s, 0.5), "s"),
            Figure(f"{one.name}: false alarms without motion", heard.false_per_hour, "1/h", one.false_limit),
        ]
    figures += _demo(media)
    return Report(
        "wake-cue",
        figures,
        [
            f"{LAPS} laps of each clip; an onset is told from {_EARLY_S} s before to {_LATE_S} s after it",
            f"the first two clips are the car park with one visit in {LOOP_S} s; what the cue misses waits for the",
            "motion gate on the next key frame, or on the picture a second after it where the cue has missed before",
        ],
    )


def _demo(media: Path) -> Sequence[Figure]:
    """The demo's four cameras, awake and with sleep where it is earned."""
    detector = open_detector(read_catalogue().entry(MODEL), model_folders(), AnalyticsSettings())
    awake = asleep = decoded = packets = 0
    for place in PLACES:
        clip, rules = media / f"{place.scene}.mp4", rules_of(place)
        always = play(clip, rules, detector, IngestSettings(sleep_after_s=0), _DEMO_S)
        slept = play(clip, rules, detector, IngestSettings(sleep_after_s=_SLEEP_AFTER_S), _DEMO_S)
        awake, asleep = awake + len(always.alerts), asleep + len(slept.alerts)
        decoded, packets = decoded + slept.decoded_count, packets + slept.packet_count
    detector.close()
    return [
        Figure(f"demo, {_DEMO_S:.0f} s of four cameras: alerts awake", float(awake), "alerts"),
        Figure("demo: alerts more or fewer with sleep", float(abs(awake - asleep)), "alerts", 0.0),
        Figure("demo: share of pictures decoded with sleep", decoded / packets, "share"),
    ]


def listen(footage: Footage) -> Hearing:
    """What the cue says of the clip."""
    pictures, lap_s = _sizes(footage.path)
    cue, told_s = PacketSizeCue(), []
    for lap in range(LAPS):
        for at_s, size, is_keyframe in pictures:
            if is_keyframe:
                cue.begin_group()
            elif cue.observe(size, lap * lap_s + at_s, quiet=not _is_busy(footage, at_s - 1.0)):
                told_s.append((lap, at_s))
    delays: list[float] = []
    missed = 0
    for lap in range(1, LAPS):
        for begins_s, _ in footage.visits:
            near = [
                at_s - begins_s for which, at_s in told_s if which == lap and -_EARLY_S <= at_s - begins_s <= _LATE_S
            ]
            delays.extend(near[:1])
            missed += not near
    busy_s = sum(to_s - from_s + _SETTLED_S for from_s, to_s in footage.visits)
    false = sum(lap > 0 and not _is_busy(footage, at_s) for lap, at_s in told_s)
    return Hearing(delays, missed, 3600 * false / ((LAPS - 1) * (lap_s - busy_s)))


def _is_busy(footage: Footage, at_s: float) -> bool:
    return any(from_s - _EARLY_S <= at_s <= to_s + _SETTLED_S for from_s, to_s in footage.visits)


def _sizes(path: Path) -> tuple[Sequence[tuple[float, int, bool]], float]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        packets = [packet for packet in container.demux(stream) if packet.size and packet.pts is not None]
        rows = [(float((packet.pts or 0) * packet.time_base), packet.size, packet.is_keyframe) for packet in packets]
    return rows, rows[-1][0] + rows[1][0] - 2 * rows[0][0]
