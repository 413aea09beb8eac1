"""Camera addresses, the honest and the hostile."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.address import HostPolicy, dial_target, parse_address
from ingest.camera import Credential
from ingest.errors import AddressRefused
from ingest.rtsp_source import resolve_host

SITE = HostPolicy()


@pytest.mark.parametrize(
    ("text", "address", "credential"),
    [
        ("rtsp://10.0.0.5/stream1", "rtsp://10.0.0.5/stream1", None),
        ("RTSP://Cam-1.Example:8554/a?ch=1&sub=0", "rtsp://cam-1.example:8554/a?ch=1&sub=0", None),
        ("rtsp://admin:se%40cret@10.0.0.5:554/", "rtsp://10.0.0.5/", Credential("admin", "se@cret")),
        ("rtsp://admin:a:b@10.0.0.5", "rtsp://10.0.0.5", Credential("admin", "a:b")),
        ("rtsps://u:@[2001:DB8::1]:9/x", "rtsps://[2001:db8::1]:9/x", Credential("u", "")),
        ("rtsp://10.0.0.5?ch=1", "rtsp://10.0.0.5?ch=1", None),
        ("rtsp://10.0.0.5/a@b", "rtsp://10.0.0.5/a@b", None),
    ],
)
def test_credentials_are_split_off(text: str, address: str, credential: Credential | None) -> None:
    """The address that is stored and shown holds no login; parsing it again changes nothing."""
    assert parse_address(text) == (address, credential)
    assert parse_address(address) == (address, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "10.0.0.5/stream",
        "file:///etc/passwd",
        "exec:id",
        "ffmpeg:rtsp://10.0.0.5#video=h264",
        "concat:a|b",
        "pipe:0",
        "http://169.254.169.254/",
        "rtmp://10.0.0.5/x",
        "rtsp:10.0.0.5",
        "rtsp://",
        "rtsp:///path",
        "rtsp://:554/path",
        "rtsp://trusted.example@evil.example/",
        "rtsp://:secret@10.0.0.5/",
        "rtsp://a:b@c@10.0.0.5/",
        "rtsp://10.0.0.5:0/",
        "rtsp://10.0.0.5:99999/",
        "rtsp://10.0.0.5:/",
        "rtsp://10.0.0.5:55x/",
        "rtsp://[::1/",
        "rtsp://[fe80::1%25eth0]/",
        "rtsp://10.0.0.5/a b",
        "rtsp://10.0.0.5/a\n",
        "rtsp://10.0.0.5/\0",
        "rtsp://10.0.0.5/a\\b",
        "rtsp://10.0.0.5/#fragment",
        "rtsp://摄像机.example/",
        "rtsp://-i/x",
        "rtsp://host;id/x",
        "rtsp://$(id)/x",
        "rtsp://10.0.0.5/" + "a" * 2000,
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    """No other scheme, no missing host, nothing that two parsers could read in two ways."""
    with pytest.raises(AddressRefused):
        parse_address(text)


@given(st.text())
def test_refusals_never_repeat_what_was_typed(secret: str) -> None:
    """A mistyped address may hold a password, so no message shows it."""
    try:
        parse_address(f"rtsp://admin:CANARY-{secret}@host@evil/")
    except AddressRefused as refused:
        assert "CANARY" not in str(refused)  # noqa: PT017 - the address may also be legal


@pytest.mark.parametrize("address", ["rtsp://10.0.0.5/x", "rtsps://cam.local:8554/a?b=1", "rtsp://[fd00::5]:1554"])
def test_requests_name_the_address_as_it_was_typed(address: str) -> None:
    """Host name, port and path: the camera at the other end may look at all of them."""
    assert dial_target(address).request_uri == address


@pytest.mark.parametrize("ip", ["10.1.2.3", "172.16.0.9", "192.168.1.64", "100.64.0.7", "203.0.113.9", "fd00::5"])
def test_camera_networks_are_dialled(ip: str) -> None:
    """Private networks are where cameras are."""
    assert str(SITE.pin([ip])) == ip


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1",
        "127.8.8.8",
        "::1",
        "0.0.0.0",
        "::",
        "169.254.169.254",
        "fe80::1",
        "224.0.0.1",
        "ff02::1",
        "255.255.255.255",
        "240.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_our_own_machine_and_its_surroundings_are_not(ip: str) -> None:
    """Loopback, metadata service and multicast are refused in every disguise."""
    with pytest.raises(AddressRefused):
        SITE.pin([ip])


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "localhost"])
def test_odd_spellings_are_resolved_before_they_are_checked(host: str) -> None:
    """Decimal, octal and hexadecimal addresses end up as what they mean."""
    with pytest.raises(AddressRefused):
        SITE.pin(resolve_host(dial_target(f"rtsp://{host}/").host, 554))


def test_the_operator_can_list_a_network() -> None:
    """A listed network is dialled although it is link-local; loopback has its own switch."""
    listed = HostPolicy(allowed_networks=(ip_network("169.254.7.0/24"),), allow_loopback=True)
    assert str(listed.pin(["224.0.0.1", "169.254.7.7"])) == "169.254.7.7"
    assert str(listed.pin(["127.0.0.1"])) == "127.0.0.1"
