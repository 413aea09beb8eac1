"""The usual home-made way: a thread with a `VideoCapture` per camera, the whole picture to the detector at 5 fps."""

import os
import threading
import time

import cv2
import numpy as np

from benchmarks.peers.looker import FullFrameLooker
from benchmarks.peers.protocol import addresses, answer

_PERIOD_S = 0.2


def _watch(url: str, looker: FullFrameLooker) -> None:
    capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
    due_s = time.monotonic()
    while True:
        read, image = capture.read()
        if not read:
            time.sleep(1)
            capture.open(url)
        elif time.monotonic() >= due_s:
            due_s = max(due_s + _PERIOD_S, time.monotonic() - _PERIOD_S)
            looker.look(np.asarray(image, np.uint8))


def main() -> None:
    """One thread and one detector per camera."""
    os.environ.setdefault("OPENCV_FFMPEG_CAPTURE_OPTIONS", "rtsp_transport;tcp")
    cv2.setNumThreads(1)
    lookers = {url: FullFrameLooker() for url in addresses()}
    for watched in lookers.items():
        threading.Thread(target=_watch, args=watched, daemon=True).start()
    answer(lambda: [looker.judged for looker in lookers.values()])


if __name__ == "__main__":
    main()
