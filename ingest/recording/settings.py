"""What the recorder is told about files, flushes and buffers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RecorderSettings:
    """Durations are seconds, sizes bytes.

    A file ends at the first key frame after `segment_s`, and without one at `longest_segment_s` or
    `longest_segment_bytes`. Fragments are at most `part_s` long: that is what a killed node may lose. A file is flushed
    to disk at most every `sync_s`. `queue_*` bound what waits for a volume, `inbox_*` what waits of one camera, and
    `pre_roll_bytes` what is kept of one camera for the beginning of an event.
    """

    node_epoch: int
    segment_s: float = 60.0
    longest_segment_s: float = 90.0
    longest_segment_bytes: int = 256 << 20
    part_s: float = 1.0
    sync_s: float = 5.0
    queue_bytes: int = 64 << 20
    queue_s: float = 15.0
    inbox_bytes: int = 32 << 20
    pre_roll_bytes: int = 32 << 20
