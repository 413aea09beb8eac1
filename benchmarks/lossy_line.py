"""A bad line between a browser and a node: a UDP relay that loses and delays datagrams, the same ones for a seed."""

import heapq
import itertools
import random
import re
import selectors
import socket
import time
from dataclasses import dataclass
from threading import Event, Thread
from types import TracebackType
from typing import Self

_BUFFER_BYTES = 4 * 1024 * 1024
_IDLE_S = 0.05
_CANDIDATE = re.compile(r"^a=candidate:(\S+ \d+ udp \d+) (\S+) (\d+) typ host.*$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Weather:
    """Share of datagrams lost, and the most seconds that one is held back: chance says how long, so they overtake."""

    loss: float
    jitter_s: float


class LossyLine:
    """Stands in for one address of a node. Everything goes through it in both directions, on a thread of its own.

    `weather` may be changed while it runs.
    """

    def __init__(self, node: tuple[str, int], weather: Weather, seed: int) -> None:
        self._node = node
        self.weather = weather
        self._chance = random.Random(seed)
        self._front, self._back = _bound(), _bound()
        self._browser: tuple[str, int] | None = None
        self._waiting: list[tuple[float, int, bytes, bool]] = []
        self._order = itertools.count()
        self._over = Event()
        self._thread = Thread(target=self._run, name="lossy-line", daemon=True)
        self.passed_count = 0
        self.lost_count = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        self._front.close()
        self._back.close()

    @property
    def port(self) -> int:
        """Where the browser is to send to, on 127.0.0.1."""
        return int(self._front.getsockname()[1])

    def _run(self) -> None:
        with selectors.DefaultSelector() as ready:
            ready.register(self._front, selectors.EVENT_READ, data=True)
            ready.register(self._back, selectors.EVENT_READ, data=False)
            while not self._over.is_set():
                wait_s = self._waiting[0][0] - time.monotonic() if self._waiting else _IDLE_S
                for key, _ in ready.select(max(0.0, min(wait_s, _IDLE_S))):
                    self._take(self._front if key.data else self._back, is_upwards=key.data)
                self._send_due()

    def _take(self, side: socket.socket, *, is_upwards: bool) -> None:
        while True:
            try:
                datagram, address = side.recvfrom(65536)
            except BlockingIOError:
                return
            if is_upwards:
                self._browser = address
            if self._chance.random() < self.weather.loss:
                self.lost_count += 1
                continue
            due_s = time.monotonic() + self._chance.random() * self.weather.jitter_s
            heapq.heappush(self._waiting, (due_s, next(self._order), datagram, is_upwards))

    def _send_due(self) -> None:
        now_s = time.monotonic()
        while self._waiting and self._waiting[0][0] <= now_s:
            _, _, datagram, is_upwards = heapq.heappop(self._waiting)
            if is_upwards:
                self._back.sendto(datagram, self._node)
            elif self._browser is not None:
                self._front.sendto(datagram, self._browser)
            self.passed_count += 1


def _bound() -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        bound.setsockopt(socket.SOL_SOCKET, option, _BUFFER_BYTES)
    bound.bind(("127.0.0.1", 0))
    bound.setblocking(False)
    return bound


def node_address(answer: str) -> tuple[str, int]:
    """The node's first address in its SDP answer."""
    found = _CANDIDATE.search(answer)
    if found is None:
        raise ValueError("the answer has no candidate")
    return found[2], int(found[3])


def redirected(answer: str, port: int) -> str:
    """The answer with the line's end as the node's only address."""
    lines = [line for line in answer.splitlines() if not line.startswith("a=candidate:")]
    place = next(number for number, line in enumerate(lines) if line.startswith("a=ice-ufrag:"))
    lines.insert(place, f"a=candidate:1 1 udp 2130706431 127.0.0.1 {port} typ host")
    return "\r\n".join(lines) + "\r\n"
