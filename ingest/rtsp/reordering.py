"""Datagrams put back into order: a few may overtake each other on the way."""

_HALF = 0x8000
_MOST = 64
"""Packets held back. More than that are not overtaken on any network; the one that is missed is lost."""
_PATIENCE_S = 0.1


class ReorderBuffer:
    """Gives packets out in the order of their sequence numbers; what is in order passes at once.

    A missing packet is waited for until 64 others wait behind it or the oldest of them is 0.1 s old; then the receiver
    is told by the gap.
    """

    def __init__(self) -> None:
        self._expected: int | None = None
        self._waiting: dict[int, tuple[float, bytes]] = {}

    def put(self, packet: bytes, now_s: float) -> list[bytes]:
        """The packets that can be received now, given this one. `packet` is RTP of at least four bytes."""
        sequence = packet[2] << 8 | packet[3]
        if self._expected is None or sequence == self._expected or sequence - self._expected & 0xFFFF >= _HALF:
            # Late or doubled ones pass too: the receiver counts them.
            if self._expected is None or sequence == self._expected:
                self._expected = sequence + 1 & 0xFFFF
            return [packet, *self._in_order()] if self._waiting else [packet]
        self._waiting[sequence] = now_s, packet
        return self.expire(now_s)

    def expire(self, now_s: float) -> list[bytes]:
        """The packets whose time to wait is over."""
        if not self._waiting or self._expected is None:
            return []
        oldest_s = min(at_s for at_s, _ in self._waiting.values())
        if len(self._waiting) < _MOST and now_s - oldest_s < _PATIENCE_S:
            return []
        expected = self._expected
        self._expected = min(self._waiting, key=lambda sequence: sequence - expected & 0xFFFF)
        return self._in_order()

    def _in_order(self) -> list[bytes]:
        ready = []
        while self._expected is not None and (held := self._waiting.pop(self._expected, None)):
            ready.append(held[1])
            self._expected = self._expected + 1 & 0xFFFF
        return ready
