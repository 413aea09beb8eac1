"""viewers: what one more viewer costs the sending process, by our sender and by aiortc's own, in one run."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.audience import Theatre, theatre
from benchmarks.janus import installation, janus, own_address
from benchmarks.report import Figure, Report
from benchmarks.viewers_child import BITRATE_BPS
from vms_api.live.ice_addresses import offer_only

FEW, MANY, MOST = 32, 64, 128
WINDOW_S = 8.0
SETTLE_S = 1.5
CHEAPER_TIMES = 4.0
JANUS_TIMES = 2.0
MANY_CORES = 0.30
STALL_MS = 20.0
ROUNDS = 2


@dataclass(frozen=True, slots=True)
class Showing:
    """One window: share of a core, pictures that did not arrive (the worst viewer's), packets that did not (all)."""

    cores: float
    dropped: int
    lost_packets: int


def measure() -> Report:
    """Windows of a few seconds at rest, with few viewers and with many."""
    offer_only(("127.0.0.1",))
    return asyncio.run(_measured())


async def _measured() -> Report:
    own_few, stock_few, many, most, stalls = [], [], [], [], []
    for _ in range(ROUNDS):  # in turns, so that the neighbours on the machine disturb both alike
        async with theatre("own") as house:
            rest = (await _window(house)).cores
            await house.admit(FEW)
            own_few.append(((await _window(house)).cores - rest) / FEW)
            await house.admit(MANY)
            many.append(await _window(house))
            stalls.append((await house.ask(watch=WINDOW_S / 2))["stall_ms"])
            await house.admit(MOST)
            most.append(await _window(house))
        async with theatre("stock") as house:
            rest = (await _window(house)).cores
            await house.admit(FEW)
            stock_few.append(((await _window(house)).cores - rest) / FEW)
    own, stock = min(own_few), min(stock_few)
    beside = await _beside_janus(own)
    return Report(
        "viewers",
        [
            Figure("one viewer, of aiortc's sender", own / stock, "times", 1 / CHEAPER_TIMES),
            *beside,
            Figure(f"one viewer of {FEW}, own sender", 100 * own, "% of a core"),
            Figure(f"one viewer of {FEW}, aiortc's sender", 100 * stock, "% of a core"),
            *_of_many(MANY, many, MANY_CORES),
            Figure(f"{MANY} viewers, longest stall of the loop", min(stalls), "ms", STALL_MS),
            *_of_many(MOST, most),
        ],
        [
            f"one stream of {BITRATE_BPS / 1e6:.2f} Mbit/s at 25 fps, a key frame of 98 KB every 2 s",
            f"processor time of the sending process, windows of {WINDOW_S:.0f} s, the better of {ROUNDS} rounds each",
            "figures of one viewer are without what the process takes at rest",
            "viewers are aiortc peers (AES-256-GCM) in another process that only count",
            "everything is on loopback, where sending pays for some of the receiving too",
        ],
    )


def _of_many(count: int, rounds: Sequence[Showing], most_cores: float | None = None) -> list[Figure]:
    """The round with the fewest drops; what it took is a limit where `most_cores` is one."""
    best = min(rounds, key=lambda showing: (showing.dropped, showing.cores))
    return [
        Figure(f"{count} viewers, own sender", best.cores, "cores", most_cores),
        Figure(f"{count} viewers, pictures dropped", best.dropped, "of the worst viewer", 0),
        Figure(f"{count} viewers, packets lost", best.lost_packets, "of all viewers"),
    ]


async def _beside_janus(own: float) -> list[Figure]:
    """Nothing where Janus is not at hand."""
    found = installation()
    if found is None:
        return []
    offer_only((own_address(),))
    async with janus(*found) as house:
        rest_s = house.cpu_s
        await asyncio.sleep(WINDOW_S)
        rest_s = house.cpu_s - rest_s
        await house.admit(FEW)
        await asyncio.sleep(SETTLE_S)
        spent_s = house.cpu_s
        await asyncio.sleep(WINDOW_S)
        theirs = (house.cpu_s - spent_s - rest_s) / WINDOW_S / FEW
    return [
        Figure("one viewer, of Janus", own / theirs, "times", JANUS_TIMES),
        Figure(f"one viewer of {FEW}, Janus", 100 * theirs, "% of a core"),
    ]


async def _window(house: Theatre) -> Showing:
    await asyncio.sleep(SETTLE_S)
    for viewer in house.viewers:
        viewer.tally.begin()
    told = await house.ask(measure=WINDOW_S)
    counts = [viewer.tally.pictures for viewer in house.viewers]
    return Showing(
        cores=told["cpu_s"] / told["wall_s"],
        # One picture may be on its way at either end of the window.
        dropped=max(0, told["frames"] - min(counts) - 1) if counts else 0,
        lost_packets=sum(viewer.tally.lost for viewer in house.viewers),
    )
