"""One stream for many takers."""

from threading import Event, Thread

from hypothesis import given
from hypothesis import strategies as st

from ingest.fanout import PacketFanout
from ingest.packet import Packet
from tests.fakes.source import PacketSequence


@given(st.integers(0, 40), st.integers(1, 12), st.integers(0, 40))
def test_a_late_taker_gets_the_group_and_then_everything(before: int, gop: int, after: int) -> None:
    """Cached group plus deliveries are an unbroken run from a key frame on, without a gap or a repeat."""
    packets = PacketSequence(before + after, gop=gop).packets
    fanout, delivered = PacketFanout(), list[Packet]()
    for packet in packets[:before]:
        fanout.publish(packet)
    _, group = fanout.subscribe(delivered.append)
    for packet in packets[before:]:
        fanout.publish(packet)
    start = max((index for index in range(before) if packets[index].is_keyframe), default=before)
    assert [*group, *delivered] == packets[start:]


def test_subscribing_while_packets_flow_misses_nothing() -> None:
    """Whatever the moment, a taker's packets are consecutive."""
    fanout, done = PacketFanout(), Event()
    packets = PacketSequence(3000, gop=7).packets

    def publish() -> None:
        for packet in packets:
            fanout.publish(packet)
        done.set()

    camera = Thread(target=publish)
    camera.start()
    views: list[tuple[tuple[Packet, ...], list[Packet]]] = []
    while not done.is_set() and len(views) < 200:
        delivered: list[Packet] = []
        views.append((fanout.subscribe(delivered.append)[1], delivered))
    camera.join()
    for group, delivered in views:
        numbers = [packet.sequence for packet in (*group, *sorted(delivered, key=lambda packet: packet.sequence))]
        assert numbers == list(range(numbers[0], 3001)) if numbers else not delivered


def test_a_group_too_big_or_too_long_starts_nobody() -> None:
    """Beyond its limits the cache is empty until the next key frame."""
    small, short = PacketFanout(max_gop_bytes=100), PacketFanout(max_gop_s=0.5)
    for packet in PacketSequence(41, gop=20):
        small.publish(packet)
        short.publish(packet)
        if packet.sequence in {20, 40}:
            assert (small.gop(), short.gop()) == ((), ())
    assert [packet.sequence for packet in small.gop()] == [41]
    assert [packet.sequence for packet in short.gop()] == [41]


def test_a_new_epoch_empties_the_cache_and_outdated_packets_are_dropped() -> None:
    """After a reconnect nothing of the old connection is handed out, not even by a thread that wakes up late."""
    fanout, delivered = PacketFanout(), list[Packet]()
    old, new = PacketSequence(5, epoch=1), PacketSequence(5, epoch=2)
    for packet in old:
        fanout.publish(packet)
    fanout.publish(new.packets[1])
    assert fanout.gop() == ()
    fanout.subscribe(delivered.append)
    fanout.publish(old.packets[0])
    assert (delivered, fanout.gop()) == ([], ())


def test_a_failing_taker_is_removed_and_the_others_go_on() -> None:
    """One viewer's mistake costs nobody else a packet."""

    def fail(_: Packet) -> None:
        raise RuntimeError("the viewer is gone")

    fanout, delivered = PacketFanout(), list[Packet]()
    fanout.subscribe(fail)
    fanout.subscribe(delivered.append)
    for packet in PacketSequence(3):
        fanout.publish(packet)
    assert (len(delivered), fanout.subscriber_count) == (3, 1)


def test_a_taker_may_close_itself_while_it_is_served() -> None:
    """Closing from within `deliver` does not lock up, and closing twice is harmless."""
    fanout, delivered = PacketFanout(), list[Packet]()

    def once(packet: Packet) -> None:
        delivered.append(packet)
        subscription.close()
        subscription.close()

    subscription, _ = fanout.subscribe(once)
    for packet in PacketSequence(3):
        fanout.publish(packet)
    assert (len(delivered), fanout.subscriber_count) == (1, 0)
