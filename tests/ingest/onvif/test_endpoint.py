"""Where addresses lead: never to a host that was not adopted."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.address import HostPolicy, dial_target
from ingest.errors import AddressRefused
from ingest.onvif.endpoint import Endpoint, reported_stream, typed_endpoint

ADOPTED = Endpoint("https", ip_address("192.0.2.7"), 443)


@given(st.text(max_size=60), st.sampled_from(["http://", "https://", "rtsp://", "", "file://", "http://x@"]))
def test_no_reported_address_leaves_the_host(text: str, scheme: str):
    """Whatever a device reports, the request goes to the adopted host, over TLS, or is refused."""
    try:
        found = ADOPTED.reported(scheme + text)
    except AddressRefused:
        return
    assert found.ip == ADOPTED.ip
    assert found.scheme == "https"
    assert found.url.startswith("https://192.0.2.7:")


@given(st.text(max_size=60))
def test_no_reported_stream_leaves_the_host(text: str):
    """The same for streams."""
    try:
        found = reported_stream("rtsp://" + text, ADOPTED)
    except AddressRefused:
        return
    assert dial_target(found.address).host == "192.0.2.7"


@pytest.mark.parametrize(
    ("reported", "url"),
    [
        ("https://10.0.0.5:8443/onvif/media?x=1", "https://192.0.2.7:8443/onvif/media?x=1"),
        ("http://10.0.0.5:8080/onvif/media", "https://192.0.2.7:443/onvif/media"),
        ("https://[fe80::1]/onvif", "https://192.0.2.7:443/onvif"),
    ],
)
def test_port_and_path_are_kept(reported: str, url: str):
    """Only the host is replaced; plain HTTP is not taken where TLS was adopted."""
    assert ADOPTED.reported(reported).url == url


@pytest.mark.parametrize("text", ["", "ftp://192.0.2.1/", "http://u:p@192.0.2.1/", "192.0.2.1:0", "http://a b/"])
def test_what_is_no_address(text: str):
    """Refused, and not repeated."""
    with pytest.raises(AddressRefused):
        typed_endpoint(text)


def test_a_typed_host_gets_the_usual_path():
    """A bare host, and one with a port and a path of its own."""
    assert typed_endpoint("192.0.2.1").path == "/onvif/device_service"
    assert typed_endpoint("http://192.0.2.1:2020/onvif/service").port == 2020
    with pytest.raises(AddressRefused):
        typed_endpoint("metadata.example").pinned(["169.254.169.254"], HostPolicy())
