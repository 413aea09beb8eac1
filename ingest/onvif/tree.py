"""XML as devices send it: parsed without entities or document types, read by local names.

Devices choose prefixes and even namespaces as they like; what a name means is clear from where it stands, so only
services are told apart by namespace.
"""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

MAX_DEPTH = 64
"""Levels of elements; ONVIF needs about a dozen."""

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*encoding=["']([\w.-]+)["']""")
_ROOT = re.compile(r"<[A-Za-z_][\w.:-]*")
_PREFIXES = re.compile(r"</?([A-Za-z_][\w.-]*):|\s([A-Za-z_][\w.-]*):[A-Za-z_][\w.-]*\s*=")
_DECLARED = re.compile(r"xmlns:([A-Za-z_][\w.-]*)\s*=")
_UNBOUND_PREFIX = 27  # XML_ERROR_UNBOUND_PREFIX of expat
_MAX_PREFIXES = 16
_CHINESE = ("gb2312", "gbk", "gb18030")


class MalformedXml(ValueError):
    """Bytes that are no XML, or XML that no honest device sends: entities, document types, bottomless nesting."""


class Tree:
    """One element and what is in it."""

    __slots__ = ("_element",)

    def __init__(self, element: Element) -> None:
        self._element = element

    @property
    def name(self) -> str:
        """The local name."""
        return self._element.tag.rpartition("}")[2]

    @property
    def namespace(self) -> str:
        """The namespace, empty for none."""
        return self._element.tag.rpartition("}")[0].removeprefix("{")

    def children(self) -> Iterator["Tree"]:
        """The elements directly below."""
        return (Tree(element) for element in self._element)

    def all(self, name: str) -> list["Tree"]:
        """The elements of that local name directly below."""
        return [child for child in self.children() if child.name == name]

    def first(self, *path: str) -> "Tree | None":
        """What is found by going down one name after the other, None where there is nothing."""
        found: Tree | None = self
        for name in path:
            if found is None:
                return None
            found = next((child for child in found.children() if child.name == name), None)
        return found

    def anywhere(self, name: str) -> list["Tree"]:
        """All elements of that local name, however deep, in the order they stand."""
        return [Tree(element) for element in self._element.iter() if element.tag.rpartition("}")[2] == name]

    def text(self, *path: str) -> str:
        """The text of what is found by the path, without the white space around it; empty for nothing."""
        found = self.first(*path)
        return (found._element.text or "").strip() if found else ""  # noqa: SLF001 - its own class

    def attribute(self, name: str) -> str:
        """An attribute by its local name; empty for none."""
        return next((v for key, v in self._element.attrib.items() if key.rpartition("}")[2] == name), "").strip()


def parse_tree(data: bytes) -> Tree:
    """The document's root.

    Raises:
        MalformedXml: not well-formed, with a document type or entities, or deeper than MAX_DEPTH.

    """
    text = _DECLARATION.sub("", _decoded(data), count=1)
    try:
        root = _parsed(text)
    except DefusedXmlException:
        raise MalformedXml("document types and entities are not let in") from None
    except (ParseError, ValueError) as error:
        raise MalformedXml(f"not well-formed XML ({type(error).__name__})") from None
    _refuse_depth(root)
    return Tree(root)


def _parsed(text: str) -> Element:
    """The root. Prefixes that a device forgot to declare are declared for it: names are read without them anyway."""
    try:
        return fromstring(text, forbid_dtd=True)
    except ParseError as error:
        if error.code != _UNBOUND_PREFIX:
            raise
    used = {prefix for pair in _PREFIXES.findall(text) for prefix in pair if prefix}
    missing = sorted(used - set(_DECLARED.findall(text)) - {"xml", "xmlns"})[:_MAX_PREFIXES]
    declared = "".join(f' xmlns:{prefix}="urn:undeclared:{prefix}"' for prefix in missing)
    return fromstring(_ROOT.sub(lambda found: found[0] + declared, text, count=1), forbid_dtd=True)


def _decoded(data: bytes) -> str:
    """Text of UTF-8 with or without mark, or of the Chinese encodings, declared or not."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16", "replace")
    declared = _ENCODING.match(data.removeprefix(b"\xef\xbb\xbf"))
    if declared and declared.group(1).decode().lower() in _CHINESE:
        return data.decode("gb18030", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")


def _refuse_depth(root: Element) -> None:
    level = [root]
    for _ in range(MAX_DEPTH):
        level = [child for element in level for child in element]
        if not level:
            return
    raise MalformedXml(f"elements are nested more than {MAX_DEPTH} deep")
