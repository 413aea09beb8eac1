"""Turns and lines: nobody waits for the others, and datagrams arrive as they were cut."""

import asyncio
import contextlib
import socket
from collections.abc import Callable

import pytest

from vms_api.live.datagram_line import DatagramLine, LineBusy
from vms_api.live.fast_sender import FastSender
from vms_api.live.picture_extension import ExtensionIds
from vms_api.live.rtp_unit import MAX_RUN_PACKETS, RtpUnit, runs_of
from vms_api.live.send_pump import SendPump
from vms_api.live.settings import LiveSettings


class Talker:
    """Sends `count` pieces and notes each of its turns."""

    def __init__(self, name: str, count: int, turns: list[str], wait_s: float = 0.0) -> None:
        self.name, self.count, self.turns, self.wait_s = name, count, turns, wait_s

    def advance(self, now_s: float) -> float | None:
        self.turns.append(self.name)
        self.count -= 1
        return self.wait_s if self.count else None


class Stumbler(Talker):
    """Cannot send."""

    def advance(self, now_s: float) -> float | None:
        raise ValueError(self.name)

    def fail(self) -> None:
        self.turns.append("failed")


async def wait_for(condition) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.001)


def test_outlets_take_turns():
    """One that has much to send does not keep the other waiting."""

    async def scenario():
        turns: list[str] = []
        pump = SendPump()
        for talker in (Talker("a", 3, turns), Talker("b", 3, turns)):
            pump.ready(talker)
            pump.ready(talker)
        await wait_for(lambda: len(turns) == 6)
        await asyncio.sleep(0.01)
        return turns

    assert asyncio.run(scenario()) == ["a", "b", "a", "b", "a", "b"]


def test_who_becomes_ready_does_not_wait_for_who_waits():
    """A paced outlet's pause is its own."""

    async def scenario():
        turns: list[str] = []
        pump = SendPump()
        pump.ready(Talker("paced", 2, turns, wait_s=3600.0))
        await wait_for(lambda: turns)
        pump.ready(Talker("other", 1, turns))
        await wait_for(lambda: "other" in turns)

    asyncio.run(scenario())


def test_a_forgotten_outlet_has_no_more_turns():
    """A closed view is not asked again."""

    async def scenario():
        turns: list[str] = []
        pump, talker = SendPump(), Talker("a", 100, turns, wait_s=0.01)
        pump.ready(talker)
        await wait_for(lambda: turns)
        pump.forget(talker)
        pump.forget(talker)
        asked = len(turns)
        await asyncio.sleep(0.05)
        return asked, len(turns)

    asked, later = asyncio.run(scenario())
    assert asked == later


def test_one_that_cannot_send_does_not_stop_the_others():
    """It is told, and not asked again."""

    async def scenario():
        turns: list[str] = []
        pump = SendPump()
        for outlet in (Stumbler("a", 1, turns), Talker("b", 3, turns)):
            pump.ready(outlet)
        await wait_for(lambda: len(turns) == 4)
        return turns

    assert sorted(asyncio.run(scenario())) == ["b", "b", "b", "failed"]


@pytest.fixture
def receiver():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        bound.settimeout(5)
        yield bound


@pytest.mark.parametrize("segments", [True, False])
def test_datagrams_arrive_as_they_were_cut(receiver, segments):
    """One call for many where the system can, one call each elsewhere: the receiver sees no difference."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        line = DatagramLine(sender.fileno(), receiver.getsockname(), segments=segments)
        datagrams = [bytes([place]) * 1000 for place in range(10)] + [b"end"]
        line.send(datagrams)
        assert [receiver.recv(2000) for _ in datagrams] == datagrams
        line.close()
        line.close()
        sender.sendto(b"still open", receiver.getsockname())
        assert receiver.recv(100) == b"still open"


def test_a_full_buffer_is_told(tmp_path):
    """Nothing is lost silently: the same datagrams may be tried again."""
    ours, theirs = (socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(2))
    with ours, theirs:
        address = str(tmp_path / "socket")
        theirs.bind(address)
        line = DatagramLine(ours.fileno(), address, segments=False)
        with contextlib.closing(line), pytest.raises(LineBusy):
            line.send([bytes(1000)] * 10_000)


def test_what_the_network_refuses_is_counted(receiver):
    """An address that cannot be sent to costs datagrams, not the view."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        line = DatagramLine(sender.fileno(), ("255.255.255.255", 9))
        line.send([b"a", b"b"])
        assert line.refused_count == 2
        assert not line.segments
        line.close()


class Exit:
    """What a fast sender sends through: a protector that remembers its nonces, and a line that may be busy or gone."""

    ssrc, rtx_ssrc, payload_type, rtx_payload_type, extension_ids = 1, 2, 96, None, ExtensionIds(5, 6)

    def __init__(self) -> None:
        self.is_open, self.room = True, 1
        self.protected: dict[int, set[bytes]] = {}

    def protector(self, _ssrc: int) -> "Exit":
        return self

    def protect(self, index: int, _payload_type: int, _ticks: int, payloads, extension: bytes) -> list[bytes]:
        for place, payload in enumerate(payloads, index):
            self.protected.setdefault(place, set()).add(extension + payload.data)
        return [payload.data for payload in payloads]

    def listen(self, on_nack: Callable[[int], None], _on_keyframe_wanted: object) -> None:
        self.lose = on_nack

    def line(self, _present: object) -> "Exit | None":
        return self if self.is_open else None

    def send(self, _packets: list[bytes]) -> None:
        self.room -= 1
        if self.room < 0:
            raise LineBusy

    def report(self, *_: object) -> None:
        """Nobody reads."""


class NothingCached:
    """A stream whose group is of no use."""

    def group(self) -> list[RtpUnit]:
        return []

    def want_key_frame(self) -> None:
        """Nobody is asked."""


def test_no_nonce_comes_twice_with_other_contents():
    """A line that is busy, then gone, then back, and all is lost on it: what was protected stays spent.

    What is sent again without a format of its own is the same to the last byte, header and all (RFC 7714 clause 8.4).
    """

    async def scenario():
        exit_ = Exit()
        sender = FastSender(exit_, LiveSettings(), SendPump(), NothingCached(), lambda: None)
        runs = tuple(runs_of([bytes([number]) * 9 for number in range(2 * MAX_RUN_PACKETS)]))
        picture = RtpUnit(runs, 0, True, 1, 0, 2 * MAX_RUN_PACKETS, 18 * MAX_RUN_PACKETS)
        sender.push(picture)
        assert sender.advance(1.0) is not None
        exit_.is_open = False
        assert sender.advance(1.1) is None
        exit_.is_open, exit_.room = True, 100
        sender.push(RtpUnit(tuple(runs_of([b"another"])), 9000, True, 1, 0, 1, 7))
        sender.advance(1.2)
        for sequence_number in tuple(exit_.protected):
            exit_.lose(sequence_number & 0xFFFF)
        return exit_.protected, sender.repaired_count

    protected, repaired = asyncio.run(scenario())
    assert repaired > 1
    assert any(content.endswith(b"another") for contents in protected.values() for content in contents)
    assert {len(contents) for contents in protected.values()} == {1}
