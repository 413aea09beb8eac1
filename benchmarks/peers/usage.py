"""Processor time: of processes with all that descend from them, and of the rest of the machine."""

import os
from collections.abc import Sequence
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_IDLE_FIELDS = (3, 4)  # idle and iowait
_GUEST_FIELDS = 8  # what follows is counted in user and nice already


class Usage:
    """What is spent from now on. The first of the processes is measured, the others are known to run beside it."""

    def __init__(self, pids: Sequence[int]) -> None:
        self._pids = pids
        self._begun = [cpu_s(pid) for pid in pids]
        self._machine_s = _machine_s()

    def spent_s(self) -> Sequence[float]:
        """Processor seconds of each process."""
        return [cpu_s(pid) - begun_s for pid, begun_s in zip(self._pids, self._begun, strict=True)]

    def elsewhere(self, elapsed_s: float) -> float:
        """Share of the machine that other work took: while it is large, whoever falls behind may not be to blame."""
        others_s = _machine_s() - self._machine_s - sum(self.spent_s())
        return max(others_s, 0.0) / (elapsed_s * (os.cpu_count() or 1))


def cpu_s(pid: int) -> float:
    """User and system time of the process and all its descendants, in seconds (proc(5))."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        children = [int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in _children(task)]
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS + sum(cpu_s(child) for child in children)


def _children(task: Path) -> Sequence[str]:
    try:
        return (task / "children").read_text().split()
    except FileNotFoundError:
        return ()


def _machine_s() -> float:
    """Seconds in which any processor was busy, stolen time included (proc(5), /proc/stat)."""
    fields = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    return sum(ticks for place, ticks in enumerate(fields[:_GUEST_FIELDS]) if place not in _IDLE_FIELDS) / _TICKS
