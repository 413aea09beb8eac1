"""Waiting, breaking, settling, and where receivers may be: pure."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vms_api.notify.delivery import Delivery, DeliveryState, Message
from vms_api.notify.outcome import ARRIVED, DeliveryFault, Outcome
from vms_api.notify.reach import ReachPolicy, Unreached
from vms_api.notify.receiver import QuietTime
from vms_api.notify.retry import LIFETIME, Breaker, wait_s
from vms_api.notify.settlement import settled
from vms_api.notify.syslog_line import octet_counted, syslog_line
from vms_api.notify.webhook_sender import is_webhook_secret, judged, new_webhook_secret

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CHANCE = st.floats(0, 1, exclude_max=True)


def delivery(**changes: object) -> Delivery:
    facts = {"camera_id": "c", "severity": "high", "camera": 'North "]\\\n', "area": "村", "state": "new"}
    message = Message("alert.raised", NOW, "east", "a", facts)
    return Delivery(
        **{"id": "d", "receiver_id": "r", "message": message, "next_at": NOW, "expires_at": NOW + LIFETIME, **changes}
    )  # type: ignore[arg-type]


@given(st.integers(1, 10_000), CHANCE)
def test_waits_grow_to_a_limit(attempts: int, chance: float) -> None:
    """Half of each wait is chance; none is longer than a quarter of an hour, however often it failed."""
    waited = wait_s(attempts, lambda: chance)
    assert 2.5 <= waited <= 900
    assert waited <= 2 * wait_s(attempts + 1, lambda: 0.0) or waited > 450


@given(st.lists(st.booleans(), max_size=60), CHANCE)
def test_breaker_opens_only_after_failures_in_a_row(happened: list[bool], chance: float) -> None:
    """Any success closes it; it never keeps a receiver away for longer than ten minutes."""
    breaker, row = Breaker(lambda: chance), 0
    for is_good in happened:
        row = 0 if is_good else row + 1
        breaker.succeed() if is_good else breaker.fail(NOW)
        assert breaker.is_open == (row >= Breaker.AFTER)
        opens_at = breaker.opens_at()
        assert (opens_at is None) == (not breaker.is_open)
        assert opens_at is None or timedelta(0) < opens_at - NOW <= timedelta(seconds=600)


@given(st.lists(st.sampled_from([None, *DeliveryFault]), min_size=1, max_size=30), CHANCE)
def test_settling_loses_nothing(faults: list[DeliveryFault | None], chance: float) -> None:
    """Each either arrived or is kept under its id, later than now and not beyond its end."""
    tried = [(delivery(id=str(n)), Outcome(fault)) for n, fault in enumerate(faults)]
    settlement = settled(tried, NOW, lambda: chance)
    assert sorted([*settlement.arrived, *(each.id for each in settlement.failed)]) == sorted(
        str(n) for n in range(len(faults))
    )
    for each in settlement.failed:
        assert NOW < each.next_at <= each.expires_at
        assert each.attempts == 1


def test_expired_and_unpermitted_are_dead() -> None:
    """After its lifetime, or when no later attempt could end otherwise."""
    old = delivery(expires_at=NOW)
    for each, outcome in (
        (old, Outcome(DeliveryFault.UNREACHABLE)),
        (delivery(), Outcome(DeliveryFault.RIGHT_MISSING)),
    ):
        [failed] = settled([(each, outcome)], NOW, lambda: 0.0).failed
        assert failed.state is DeliveryState.DEAD


def test_gone_outweighs_other_faults() -> None:
    """One 410 among other faults stops the receiver; a wait that was asked for is kept."""
    tried = [(delivery(id="1"), Outcome(DeliveryFault.GONE)), (delivery(id="2"), Outcome(DeliveryFault.UNREACHABLE))]
    assert settled(tried, NOW, lambda: 0.0).is_gone
    throttled = [(delivery(), Outcome(DeliveryFault.THROTTLED, "429", 7200.0)), (delivery(id="3"), ARRIVED)]
    settlement = settled(throttled, NOW, lambda: 0.0)
    assert settlement.retry_after_s == 7200.0
    assert settlement.failed[0].next_at == NOW + timedelta(hours=2)


@pytest.mark.parametrize(
    ("status", "retry_after", "outcome"),
    [
        (200, None, ARRIVED),
        (204, "5", ARRIVED),
        (301, None, Outcome(DeliveryFault.REDIRECTED, "301")),
        (404, None, Outcome(DeliveryFault.ANSWERED_ERROR, "404")),
        (410, None, Outcome(DeliveryFault.GONE, "410")),
        (429, "120", Outcome(DeliveryFault.THROTTLED, "429", 120.0)),
        (503, "Thu, 01 Jan 2026 00:01:00 GMT", Outcome(DeliveryFault.THROTTLED, "503", 60.0)),
        (429, "soon", Outcome(DeliveryFault.THROTTLED, "429", None)),
        (500, None, Outcome(DeliveryFault.ANSWERED_ERROR, "500")),
    ],
)
def test_answers_are_judged(status: int, retry_after: str | None, outcome: Outcome) -> None:
    """As Standard Webhooks and RFC 9110 have them."""
    assert judged(status, retry_after, NOW) == outcome


@pytest.mark.parametrize(
    ("address", "is_allowed"),
    [
        ("93.184.216.34", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("::1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("10.1.2.3", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("172.20.1.1", True),
    ],
)
def test_only_the_internet_and_named_networks_are_reached(address: str, is_allowed: bool) -> None:
    """However an address inside is written; 172.20.0.0/16 is named by the site."""
    assert ReachPolicy((ip_network("172.20.0.0/16"),)).allows(ip_address(address)) is is_allowed


async def test_name_of_an_inner_address_is_refused() -> None:
    """What counts is the address behind the name."""
    with pytest.raises(Unreached) as refused:
        await ReachPolicy().pinned("localhost", 80)
    assert refused.value.outcome.fault is DeliveryFault.ADDRESS_REFUSED
    with pytest.raises(Unreached) as unknown:
        await ReachPolicy().pinned("no-such-host.invalid", 80)
    assert unknown.value.outcome.fault is DeliveryFault.HOST_UNRESOLVED


@given(st.integers(0, 23), st.integers(0, 23), st.integers(0, 23))
def test_quiet_time_may_cross_midnight(starts: int, ends: int, at: int) -> None:
    """The start belongs to it, the end does not; equal ends are the whole day."""
    quiet = QuietTime(starts=f"{starts:02}:00", ends=f"{ends:02}:00")
    hours = [(starts + n) % 24 for n in range((ends - starts) % 24 or 24)]
    assert quiet.holds(datetime(2026, 1, 1, at).time()) == (at in hours)  # noqa: DTZ001


def test_secrets_have_the_standard_form() -> None:
    """Those that are made are taken; short ones and other texts are not."""
    assert is_webhook_secret(new_webhook_secret())
    assert not is_webhook_secret("whsec_c2hvcnQ=")
    assert not is_webhook_secret("hunter2")


def test_syslog_line_is_one_line() -> None:
    """RFC 5424: what would end a value is escaped, and a line break in a name does not begin a new message."""
    line = syslog_line(delivery(), "host name")
    assert line.startswith(b"<33>1 2026-01-01T00:00:00.000000Z hostname xueliang - alert.raised [xueliang@32473 ")
    assert b"\n" not in line
    assert line.decode().endswith('\ufeff村 | North "]\\  | new')
    assert octet_counted(b"abc") == b"3 abc"
