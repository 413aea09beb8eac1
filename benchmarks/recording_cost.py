"""recording-cost: processor time of recording cameras of 2 Mbit/s, ours beside the muxer of PyAV.

Ours is the whole of it: taking packets off the cameras' threads, fragments, hashes, writing, flushing, index rows.
PyAV's is its `mp4` muxer alone, fed with the same packets, fragmented as ours, writing to the same disk.
"""

import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av

from benchmarks.recording_clip import RATE, make_clip
from benchmarks.report import Figure, Report

BITS_PER_S = 2_000_000
CAMERAS = 8
SECONDS = 24.0
LIMIT = 0.01
_CLIP_S = 4


def measure() -> Report:
    """Records, and muxes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip = make_clip(folder / "clip.mp4", BITS_PER_S, _CLIP_S, (640, 480))
        ours = _recorder(clip, folder)
        theirs = _muxer(clip, folder / "muxed.mp4")
        bits = clip.stat().st_size * 8 / _CLIP_S
    return Report(
        "recording-cost",
        (
            Figure("recording one camera", ours, "cores", LIMIT),
            Figure("PyAV's muxer alone", theirs, "cores"),
            Figure("bit rate of a camera", bits / 1e6, "Mbit/s"),
        ),
        (f"{CAMERAS} cameras of {RATE} pictures a second; the same process without recording is subtracted",),
    )


def _recorder(clip: Path, folder: Path) -> float:
    """Cores per camera: the process while it records, less the same process before."""
    target = folder / "recorded"
    target.mkdir()
    command = [sys.executable, "-m", "benchmarks.recording_child", str(clip), str(target), str(CAMERAS), str(SECONDS)]
    finished = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, text=True)
    return next(float(line.split()[1]) for line in finished.stdout.splitlines() if line.startswith("cores "))


def _muxer(clip: Path, target: Path, rounds: int = 30) -> float:
    """Cores per camera: processor time per second of pictures."""
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        base = stream.time_base or Fraction(1, 90_000)
        packets = [(bytes(p), p.pts or 0, p.dts or 0, p.is_keyframe) for p in container.demux(stream) if p.size]
        options = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "flush_packets": "1"}
        with av.open(str(target), "w", options=options) as out:
            copy = out.add_stream_from_template(stream)
            began_s = time.process_time()
            for turn in range(rounds):
                shift = round(turn * _CLIP_S / base)
                for data, pts, dts, is_keyframe in packets:
                    packet = av.Packet(data)
                    packet.stream, packet.time_base = copy, base
                    packet.pts, packet.dts, packet.is_keyframe = pts + shift, dts + shift, is_keyframe
                    out.mux(packet)
            spent_s = time.process_time() - began_s
    return spent_s / (rounds * _CLIP_S)
