"""Which passwords are refused; and the second factor's arithmetic."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vms_api.accounts.passwords import generated_password, weakness
from vms_api.accounts.totp import STEP_S, code_at, enrolment_uri, matching_step, new_secret, step_of


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "aaaaaaaaaaaaaaa",
        "123456789012",
        "password1234",
        "P@ssw0rd2026!",
        "Xueliang2026!!",
        "qwertyuiop12",
        "1q2w3e4r5t6y",
        "woaini520520520",
        "Hikvision12345",
        "abcdefabcdef",
        "correct horse battery staple",
        "guard-guard-1",
        "\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff441234",
    ],
)
def test_guessable_passwords_are_refused(password: str) -> None:
    """Too short, or made of common words, runs, repetitions and the user's own name."""
    assert weakness(password, "guard")


@pytest.mark.parametrize(
    "password", ["three wet umbrellas", "x7fkq9ds02lm", "834759201846", "木兰围场的秋天很美啊朋友们"]
)
def test_others_are_taken(password: str) -> None:
    """Length is enough; no kinds of characters are asked for."""
    assert weakness(password, "guard") is None


def test_generated_passwords_are_strong_and_differ() -> None:
    """Whoever lets the system choose gets one that the system would take."""
    passwords = {generated_password() for _ in range(200)}
    assert len(passwords) == 200
    assert not [password for password in passwords if weakness(password)]


RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize(
    ("at", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037"), (20000000000, "353130")],
)
def test_codes_are_those_of_the_standard(at: int, code: str) -> None:
    """RFC 6238 appendix B, SHA-1, the last six digits."""
    assert code_at(RFC_SECRET, at // STEP_S) == code


@given(st.integers(0, 4_000_000_000), st.integers(-5, 5))
def test_codes_hold_for_a_minute_and_a_half_and_once(at_s: int, offset: int) -> None:
    """The step before, the present one and the next are taken; none that is not later than the last one used."""
    secret, at = RFC_SECRET, datetime.fromtimestamp(at_s, UTC)
    step = step_of(at) + offset
    if step < 0:
        return
    code = code_at(secret, step)
    taken = matching_step(secret, code, at, None) if step_of(at) > 0 else None
    if abs(offset) <= 1 and taken is not None:
        assert code_at(secret, taken) == code
        assert matching_step(secret, code, at, taken) in {None, *range(taken + 1, taken + 3)}


def test_offer_is_what_apps_read() -> None:
    """The address names site and user, and each secret is new."""
    assert new_secret() != new_secret()
    uri = enrolment_uri(RFC_SECRET, "东镇", "anna b")
    assert uri.startswith("otpauth://totp/%E4%B8%9C%E9%95%87%3Aanna%20b?secret=GEZD")
