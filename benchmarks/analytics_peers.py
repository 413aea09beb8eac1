"""analytics-peers: processor time per camera and second of ours and of other ways to analyse the same streams.

Peers that need packages of their own are looked for in `$XUELIANG_PEERS/NAME`, a virtual environment each:
`ultralytics` (torch, torchvision, ultralytics), `roboflow` (inference, onnxruntime), `ffmpeg` (imageio-ffmpeg).

Verdicts hold on a busy machine too, or are not given. A peer that fell behind five judged frames a second spent less
than its work costs: that ours is so many times cheaper is proved if it is so beside the understated time, and is not
disproved if it is not. Ours is judged by the frames that it drops, for its idle cameras sleep; where it dropped more
than a hundredth nothing is proved.
"""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers.clips import LOOP_S, MAIN, SUB, busy_sub, calm_main, calm_sub
from benchmarks.peers.contest import Contender, NotRun, Showing, Toll, find_ffmpeg, run
from benchmarks.peers.ours import LEARNING_S
from benchmarks.report import Figure, Report
from ingest.virtual_camera.clip_cache import default_cache_folder

WARM_UP_S, DURATION_S = 15.0, float(os.environ.get("XUELIANG_BENCH_SECONDS", "60"))
TOWN, MAIN_ONLY = 8, 3
"""Cameras of each load: few, for the machine is shared; what counts is the time per camera."""

_KEEPS_UP_FPS, _MOST_DROPPED = 4.5, 0.01


@dataclass(frozen=True, slots=True)
class Load:
    """Cameras and what each peer's time is at least, in times of ours."""

    name: str
    fps: int
    showings: Sequence[Showing]
    at_least: dict[str, float]


def measure() -> Report:
    """All contenders one after the other; each sees the same seconds of the same clips."""
    media = Path(os.environ.get("XUELIANG_SHARED", "../shared")) / "media"
    figures: list[Figure] = []
    notes = [
        f"{DURATION_S:.0f} s per contender after {WARM_UP_S:.0f} s of warm-up, ours after {LEARNING_S:.0f} s,",
        "in which its cameras earn their sleep; figures are those of one camera",
    ]
    for load in (_town(media), _main_only(media)):
        tolls = dict(_tolls(load, notes))
        figures.extend(_figures(load, tolls))
        notes.extend(_remarks(load, tolls))
    return Report("analytics-peers", figures, notes)


def _town(media: Path) -> Load:
    square, lane = busy_sub(media), calm_sub(media)
    calm = [Showing(lane, LOOP_S * number / (TOWN - 1)) for number in range(TOWN - 1)]
    return Load("town", SUB.fps, [Showing(square, 0.0), *calm], {"opencv": 3.0, "ultralytics": 3.0, "ffmpeg": 1.0})


def _main_only(media: Path) -> Load:
    lane = calm_main(media)
    showings = [Showing(lane, LOOP_S * number / MAIN_ONLY) for number in range(MAIN_ONLY)]
    return Load("main-only", MAIN.fps, showings, dict.fromkeys(("opencv", "ultralytics", "ffmpeg", "roboflow"), 4.0))


def _tolls(load: Load, notes: list[str]) -> Sequence[tuple[str, Toll]]:
    tolls: list[tuple[str, Toll]] = []
    for name, contender in CONTENDERS.items():
        try:
            tolls.append(
                (name, run(contender(load), load.showings, LEARNING_S if name == "ours" else WARM_UP_S, DURATION_S))
            )
        except NotRun as reason:
            notes.append(f"{load.name}: {name} not run: {reason}")
    return tolls


def _remarks(load: Load, tolls: dict[str, Toll]) -> Iterator[str]:
    rates = ", ".join(f"{name} {toll.judged_fps:.1f}" for name, toll in tolls.items())
    yield f"{load.name}: {len(load.showings)} cameras; frames a second of the camera that was judged least: {rates}"
    others = ", ".join(f"{name} {toll.elsewhere:.0%}" for name, toll in tolls.items())
    yield f"{load.name}: of the machine, other work took beside {others}"
    if "ours" in tolls:
        yield f"{load.name}: ours dropped {tolls['ours'].dropped_share:.1%} of its frames; idle cameras slept"
    for name, toll in tolls.items():
        if name != "ours" and toll.judged_fps < _KEEPS_UP_FPS:
            yield f"{load.name}: {name} fell behind, so that its time is understated"


def _figures(load: Load, tolls: dict[str, Toll]) -> Sequence[Figure]:
    ours = tolls.get("ours", Toll(float("nan"), 0.0))
    costs = [Figure(f"{load.name}: {name}", toll.cpu_ms, "ms/s") for name, toll in tolls.items()]
    return [*costs, *(_ratio(load, ours, name, toll) for name, toll in tolls.items() if name != "ours")]


def _ratio(load: Load, ours: Toll, name: str, toll: Toll) -> Figure:
    """Without a limit where the run can neither prove nor disprove it."""
    value, what = ours.cpu_ms / toll.cpu_ms, f"{load.name}: ours : {name}"
    if name not in load.at_least:
        return Figure(what, value, "ratio")
    limit, keeps_up = 1 / load.at_least[name], toll.judged_fps >= _KEEPS_UP_FPS
    proves = ours.dropped_share <= _MOST_DROPPED and (keeps_up or value <= limit)
    return Figure(what if proves else f"{what} (no verdict)", value, "ratio", limit if proves else None)


def _here(module: str) -> Sequence[str]:
    return sys.executable, "-m", f"benchmarks.peers.{module}"


def _elsewhere(environment: str, module: str) -> Sequence[str]:
    python = _peers_folder() / environment / "bin" / "python"
    if not python.exists():
        raise NotRun(f"there is no {python}")
    return str(python), "-m", f"benchmarks.peers.{module}"


def _peers_folder() -> Path:
    given = os.environ.get("XUELIANG_PEERS")
    return Path(given) if given else default_cache_folder().parent / "peers"


CONTENDERS: dict[str, Callable[[Load], Contender]] = {
    "ours": lambda _: Contender("ours", _here("ours")),
    "opencv": lambda _: Contender("opencv", _here("opencv_loop")),
    "ffmpeg": lambda _: Contender("ffmpeg", _here("ffmpeg_pipes"), [find_ffmpeg(_peers_folder())]),
    "ultralytics": lambda load: Contender(
        "ultralytics", _elsewhere("ultralytics", "ultralytics_stream"), [str(load.fps // 5)]
    ),
    "roboflow": lambda _: Contender("roboflow", _elsewhere("roboflow", "roboflow_pipeline")),
}
