"""What the node takes of its machine, for the heartbeat."""

import os
from pathlib import Path
from typing import NamedTuple

_STATM = Path("/proc/self/statm")
_MEMINFO = Path("/proc/meminfo")


class Reading(NamedTuple):
    """Processor seconds that this process has used at a moment of a clock that only goes forward."""

    at_s: float
    used_s: float


def cpu_share(before: Reading, now: Reading, cores: int) -> float | None:
    """Share of all cores between two readings, 0 to 1; None when no time has passed."""
    passed_s = now.at_s - before.at_s
    if passed_s <= 0:
        return None
    return min(1.0, max(0.0, (now.used_s - before.used_s) / (passed_s * cores)))


class LoadMeter:
    """Reads the load of this process since the reading before. Memory is not known where there is no /proc."""

    def __init__(self, at_s: float) -> None:
        self._before = Reading(at_s, _used_s())
        self._cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

    def report(self, at_s: float) -> dict[str, float | int | None]:
        """The load as the heartbeat has it: share of all cores, and bytes of memory."""
        before, self._before = self._before, Reading(at_s, _used_s())
        return {
            "cpu_share": cpu_share(before, self._before, self._cores),
            "cores": self._cores,
            "memory_bytes": _memory_bytes(),
            "memory_total_bytes": _memory_total_bytes(),
        }


def _used_s() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _memory_bytes() -> int | None:
    """Resident memory, proc(5): the second figure of statm, in pages."""
    try:
        return int(_STATM.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return None


def _memory_total_bytes() -> int | None:
    """Memory of the machine, proc(5): MemTotal of meminfo, in KiB."""
    try:
        lines = _MEMINFO.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemTotal:")), None)
