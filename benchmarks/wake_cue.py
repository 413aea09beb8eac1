"""wake-cue: what sizes and quantisers tell of onsets on real pictures, what they miss, and what sleep costs."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analytics.detector import Detector
from analytics.detector_choice import open_detector
from analytics.model import read_catalogue
from analytics.model_store import model_folders
from analytics.settings import AnalyticsSettings
from benchmarks.peers.clips import LOOP_S, MOTION_S, PASSES_S, calm_main, calm_sub, calm_sub_constant
from benchmarks.peers.looker import MODEL
from benchmarks.report import Figure, Report, percentile
from benchmarks.slept_footage import lap, play, rules_of
from ingest.coding_cue import CodingCue
from ingest.settings import IngestSettings
from ingest.slice_qp import SliceQp
from vms_api.demo.scenario import PLACES

LAPS = 20
MISSED_LIMIT, FALSE_LIMIT = 0.02, 6.0
_EARLY_S, _LATE_S = 0.5, 1.0
_SETTLED_S = 2.0
_DEMO_S = 120.0
_SLEPT_LAPS = 12


@dataclass(frozen=True, slots=True)
class Footage:
    """A clip, played over and over, and the seconds of each lap (from, to) in which something moves."""

    name: str
    path: Path
    visits: Sequence[tuple[float, float]]


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
        Footage("quality kept", calm_sub(media), passage),
        Footage("bit rate kept, noisy", calm_sub_constant(media), passage),
        Footage("1080p", calm_main(media), passage),
        Footage("car-park.mp4 itself", media / "car-park.mp4", ((5.0, 8.5), (15.0, 19.5), (25.0, 29.0))),
    ):
        heard = listen(one)
        figures += [
            Figure(f"{one.name}: onsets missed", heard.missed_share, "share", MISSED_LIMIT),
            Figure(f"{one.name}: onset to cue, p50", percentile(heard.delays_s, 0.5), "s"),
            Figure(f"{one.name}: false alarms without motion", heard.false_per_hour, "1/h", FALSE_LIMIT),
        ]
    detector = open_detector(read_catalogue().entry(MODEL), model_folders(), AnalyticsSettings())
    figures += _demo(media, detector)
    for name, clip in (("quality kept", calm_sub(media)), ("bit rate kept, noisy", calm_sub_constant(media))):
        figures += _passages(name, clip, detector)
    detector.close()
    return Report(
        "wake-cue",
        figures,
        [
            f"{LAPS} laps of each clip; an onset is told from {_EARLY_S} s before to {_LATE_S} s after it",
            f"the first three clips are the car park with one visit in {LOOP_S} s; what the cue misses waits for the",
            "motion gate on the next key frame; one miss takes the camera's sleep until it is earned anew",
            f"asleep: {_SLEPT_LAPS} laps, of which it takes {IngestSettings().sleep_onsets} to earn it",
        ],
    )


def _demo(media: Path, detector: Detector) -> Sequence[Figure]:
    """The demo's four cameras, awake and with sleep where it is earned."""
    awake = asleep = decoded = packets = 0
    for place in PLACES:
        clip, rules = media / f"{place.scene}.mp4", rules_of(place)
        always = play(clip, rules, detector, IngestSettings(sleep_after_s=0), _DEMO_S)
        slept = play(clip, rules, detector, IngestSettings(), _DEMO_S)
        awake, asleep = awake + len(always.alerts), asleep + len(slept.alerts)
        decoded, packets = decoded + slept.decoded_count, packets + slept.packet_count
    return [
        Figure(f"demo, {_DEMO_S:.0f} s of four cameras: alerts awake", float(awake), "alerts"),
        Figure("demo: alerts more or fewer with sleep", float(abs(awake - asleep)), "alerts", 0.0),
        Figure("demo: share of pictures decoded with sleep", decoded / packets, "share"),
    ]


def _passages(name: str, clip: Path, detector: Detector) -> Sequence[Figure]:
    """Passages that nobody is told of, awake and with earned sleep."""
    rules = next(rules_of(place) for place in PLACES if place.scene == "car-park")
    untold: list[int] = []
    for sleep_after_s in (0.0, IngestSettings().sleep_after_s):
        night = play(clip, rules, detector, IngestSettings(sleep_after_s=sleep_after_s), _SLEPT_LAPS * float(LOOP_S))
        told = {int(at_s // LOOP_S) for at_s in night.told_s if at_s % LOOP_S >= PASSES_S}
        untold.append(_SLEPT_LAPS - len(told))
    return [
        Figure(f"{name}: passages not told awake", float(untold[0]), "passages"),
        Figure(f"{name}: passages not told with sleep", float(untold[1]), "passages", float(untold[0])),
        Figure(f"{name}: pictures decoded with sleep", night.decoded_count / night.packet_count, "share"),
    ]


def listen(footage: Footage) -> Hearing:
    """What the cue says of the clip."""
    pictures, lap_s = _pictures(footage.path)
    cue, told_s = CodingCue(), []
    for number in range(LAPS):
        for at_s, size, qp, is_keyframe in pictures:
            if is_keyframe:
                cue.begin_group()
            elif cue.observe(size, qp, number * lap_s + at_s, quiet=not _is_busy(footage, at_s - 1.0)):
                told_s.append((number, at_s))
    delays: list[float] = []
    missed = 0
    for number in range(1, LAPS):
        for begins_s, _ in footage.visits:
            near = [
                at_s - begins_s for which, at_s in told_s if which == number and -_EARLY_S <= at_s - begins_s <= _LATE_S
            ]
            delays.extend(near[:1])
            missed += not near
    busy_s = sum(to_s - from_s + _SETTLED_S for from_s, to_s in footage.visits)
    false = sum(number > 0 and not _is_busy(footage, at_s) for number, at_s in told_s)
    return Hearing(delays, missed, 3600 * false / ((LAPS - 1) * (lap_s - busy_s)))


def _is_busy(footage: Footage, at_s: float) -> bool:
    return any(from_s - _EARLY_S <= at_s <= to_s + _SETTLED_S for from_s, to_s in footage.visits)


def _pictures(path: Path) -> tuple[Sequence[tuple[float, int, int | None, bool]], float]:
    """Of each picture the seconds since the first, bytes, QP and whether it is a key frame; how long a lap takes."""
    quantiser = SliceQp()
    packets = list(lap(path))
    begun_s = packets[0].media_time_s
    rows = [
        (one.media_time_s - begun_s, len(one.data), quantiser.read(one.codec, one.data), one.is_keyframe)
        for one in packets
    ]
    return rows, rows[-1][0] + rows[1][0]
