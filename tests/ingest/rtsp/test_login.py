"""Logins, compared with the examples of the standards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.camera import Credential
from ingest.rtsp.digest import Algorithm, DigestSum, read_parameters
from ingest.rtsp.login import Login, read_challenges

WHO = Credential("Mufasa", "Circle Of Life")
OLD = 'Digest realm="cam", nonce="n1"'


def test_the_sum_of_rfc_2617() -> None:
    """The example of clause 3.5."""
    sums = DigestSum(
        method="GET",
        uri="/dir/index.html",
        realm="testrealm@host.com",
        nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",
        qop="auth",
        nc="00000001",
        cnonce="0a4f113b",
    )
    assert sums.response(WHO) == "6629fae49393a05397450978507c4ef1"


def test_the_sum_of_rfc_7616() -> None:
    """The SHA-256 example of clause 3.9.1."""
    sums = DigestSum(
        method="GET",
        uri="/dir/index.html",
        realm="http-auth@example.org",
        nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        qop="auth",
        nc="00000001",
        cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
        algorithm=Algorithm.SHA256,
    )
    expected = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
    assert sums.response(Credential("Mufasa", "Circle of Life")) == expected


def test_the_strongest_offer_is_taken() -> None:
    """SHA-256 before MD5 before Basic, wherever they stand, in one header or in several."""
    login = Login(WHO)
    assert login.header("DESCRIBE", "rtsp://h/") is None
    assert login.learn(['Basic realm="b", Digest realm="m", nonce="1"', 'Digest realm="s",nonce="2",algorithm=SHA-256'])
    header = login.header("DESCRIBE", "rtsp://h/")
    assert header is not None
    values = read_parameters(header.partition(" ")[2])
    assert (values["realm"], values["algorithm"], len(values["response"])) == ("s", "SHA-256", 64)


def test_basic_is_the_last_resort() -> None:
    """The example of RFC 2617 clause 2."""
    login = Login(Credential("Aladdin", "open sesame"))
    assert login.learn(['Basic realm="WallyWorld"'])
    assert login.header("DESCRIBE", "rtsp://h/") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="


def test_each_request_of_a_nonce_has_its_number() -> None:
    """With qop the count rises, and a new nonce begins at one."""
    login = Login(WHO)
    login.learn(['Digest realm="r", nonce="1", qop="auth,auth-int", opaque="o"'])
    counts = [read_parameters(str(login.header("PLAY", "rtsp://h/")))["nc"] for _ in range(2)]
    login.learn(['Digest realm="r", nonce="2", qop="auth"'])
    counts.append(read_parameters(str(login.header("PLAY", "rtsp://h/")))["nc"])
    assert counts == ["00000001", "00000002", "00000001"]


def test_the_same_challenge_twice_has_no_new_answer() -> None:
    """The answer was wrong; a new nonce may be answered."""
    login = Login(WHO)
    assert login.learn([OLD])
    assert not login.learn([OLD])
    assert login.learn(['Digest realm="cam", nonce="n2"'])


@pytest.mark.parametrize(
    "header", ["", "Bearer x", "Digest", 'Digest realm="r", nonce="n", algorithm=SHA-512', OLD[7:]]
)
def test_what_cannot_be_answered_is_no_challenge(header: str) -> None:
    """Unknown schemes and hashes are left alone."""
    assert read_challenges(header) == []
    assert not Login(WHO).learn([header])


@given(st.text(max_size=200), st.lists(st.text(alphabet='Digestrealm=",\\ n1', max_size=60)))
def test_garbage_is_no_reason_to_fail(text: str, headers: list[str]) -> None:
    """A camera may ask for anything; what can be answered is answered."""
    login = Login(WHO)
    login.learn([text, *headers, f"Digest {text}"])
    login.header("PLAY", "rtsp://h/")


def test_without_a_credential_there_is_no_answer() -> None:
    """The camera then refuses, and the reason is shown."""
    assert not Login(None).learn([OLD])


def test_quotes_in_a_name_survive() -> None:
    """Quoted and read back it is the same."""
    login = Login(Credential('a"b\\c', "p"))
    login.learn([OLD])
    assert read_parameters(str(login.header("PLAY", "rtsp://h/")))["username"] == 'a"b\\c'
