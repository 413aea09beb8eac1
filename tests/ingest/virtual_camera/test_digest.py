"""Digest authentication lets in who knows the password, and nobody else."""

import hashlib
import re

import pytest

from ingest.camera import Credential
from ingest.virtual_camera.digest import NONCE_LIFETIME_S, DigestGate, Verdict
from tests.fakes.clock import ManualClock

URI = "rtsp://h/gate/main"
LOGIN = Credential("Mufasa", 'Circle "of" Life')


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _answer(challenge: str, login: Credential = LOGIN, method: str = "PLAY", qop: str = "", **override: str) -> str:
    """What a client answers to a challenge (RFC 2617 clause 3.2.2)."""
    asked = dict(re.findall(r'(\w+)="([^"]*)"', challenge)) | override
    secret = _md5(f"{login.username}:{asked['realm']}:{login.password}")
    between = f"{asked['nonce']}:00000001:0a4f113b:{qop}" if qop else asked["nonce"]
    response = _md5(f"{secret}:{between}:{_md5(f'{method}:{URI}')}")
    extra = f', qop={qop}, nc=00000001, cnonce="0a4f113b"' if qop else ""
    return (
        f'Digest username="{login.username}", realm="{asked["realm"]}", nonce="{asked["nonce"]}", '
        f'uri="{URI}", response="{response}"{extra}'
    )


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def gate(clock: ManualClock) -> DigestGate:
    return DigestGate("camera", clock.monotonic_s)


def _judge(gate: DigestGate, header: str) -> Verdict:
    return gate.judge(LOGIN, "PLAY", header, URI.__eq__)


@pytest.mark.parametrize("qop", ["", "auth"])
def test_right_password_is_accepted(gate: DigestGate, qop: str):
    """With and without quality of protection, which clients may choose."""
    assert _judge(gate, _answer(gate.challenge(), qop=qop)) is Verdict.ACCEPTED


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic TXVmYXNhOng=",
        "Digest",
        'Digest username="Mufasa"',
        _answer('Digest realm="other", nonce="00"'),
        _answer('Digest realm="camera", nonce="00"', Credential("Mufasa", "wrong")),
        _answer('Digest realm="camera", nonce="00"', Credential("mufasa", LOGIN.password)),
        _answer('Digest realm="camera", nonce="00"', method="DESCRIBE"),
        _answer('Digest realm="camera", nonce="00"') + ", algorithm=SHA-256",
        _answer('Digest realm="camera", nonce="00"', qop="auth-int"),
    ],
)
def test_others_are_refused(gate: DigestGate, header: str):
    """Wrong name, password, realm, method or scheme."""
    assert _judge(gate, header) is Verdict.REFUSED


def test_another_address_is_refused(gate: DigestGate):
    """An answer for one stream does not open another."""
    header = _answer(gate.challenge())
    assert gate.judge(LOGIN, "PLAY", header, "rtsp://h/bridge/main".__eq__) is Verdict.REFUSED


@pytest.mark.parametrize("nonce", ["", "zz", "0000000000000000" + "0" * 32, "é"])
def test_forged_nonce_is_stale(gate: DigestGate, nonce: str):
    """A nonce that this server never gave is not believed, even with the right password."""
    assert _judge(gate, _answer(gate.challenge(), nonce=nonce)) is Verdict.STALE


def test_nonce_expires(gate: DigestGate, clock: ManualClock):
    """An old nonce with the right password is stale, and a fresh challenge says so."""
    header = _answer(gate.challenge())
    clock.advance(NONCE_LIFETIME_S)
    assert _judge(gate, header) is Verdict.ACCEPTED
    clock.advance(1)
    assert _judge(gate, header) is Verdict.STALE
    assert 'stale="TRUE"' in gate.challenge(stale=True)
