"""XML of strangers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.onvif.tree import MAX_DEPTH, MalformedXml, parse_tree


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_bytes_are_a_tree_or_malformed(data: bytes):
    """Nothing else comes of them."""
    try:
        parse_tree(b"<a " + data)
        parse_tree(data)
    except MalformedXml:
        return


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<a>",
        "<a b=c/>",
        '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        "<a>&undefined;</a>",
        "<a>" * (MAX_DEPTH + 2) + "</a>" * (MAX_DEPTH + 2),
        '<!DOCTYPE a [<!ENTITY b "c">]><x:a>&b;</x:a>',
    ],
)
def test_what_is_refused(text: str):
    """Cut short, unquoted, with a document type or entities, bottomless."""
    with pytest.raises(MalformedXml):
        parse_tree(text.encode())


def test_a_bottomless_tree_of_megabytes_is_refused_too():
    """Depth costs no recursion of ours."""
    with pytest.raises(MalformedXml):
        parse_tree(b"<a>" * 200_000 + b"</a>" * 200_000)


def test_undeclared_prefixes_are_declared_for_the_device():
    """Elements and attributes keep their local names; declared ones keep their namespace."""
    tree = parse_tree(b'<?xml version="1.0"?><s:a xmlns:s="urn:s"><p:b q:c="1">x</p:b></s:a>')
    assert (tree.namespace, tree.text("b")) == ("urn:s", "x")
    found = tree.first("b")
    assert found is not None
    assert found.attribute("c") == "1"


def test_chinese_encodings():
    """Declared, marked, or neither."""
    text = "<a>\u6751\u53e3</a>"
    for data in (
        text.encode(),
        b"\xef\xbb\xbf" + text.encode(),
        text.encode("gb18030"),
        b'<?xml version="1.0" encoding="GBK"?>' + text.encode("gbk"),
        text.encode("utf-16"),
    ):
        assert parse_tree(data).text() == "\u6751\u53e3"
