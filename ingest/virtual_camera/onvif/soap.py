"""SOAP 1.2 as a device speaks it: requests taken apart, answers and faults put together."""

from dataclasses import dataclass
from typing import ClassVar

from ingest.onvif import namespaces as ns
from ingest.onvif.tree import MalformedXml, Tree, parse_tree

_PREFIXES = " ".join(
    f'xmlns:{prefix}="{name}"'
    for prefix, name in {
        "s": ns.SOAP,
        "wsa": ns.ADDRESSING,
        "wsnt": ns.NOTIFICATION,
        "tt": ns.SCHEMA,
        "tds": ns.DEVICE,
        "trt": ns.MEDIA,
        "tr2": ns.MEDIA2,
        "tptz": ns.PTZ,
        "tev": ns.EVENTS,
        "timg": ns.IMAGING,
        "ter": ns.ERRORS,
        "tns1": ns.TOPICS,
    }.items()
)


@dataclass(frozen=True, slots=True)
class SoapRequest:
    """What is asked: the operation's element, and the header."""

    operation: Tree
    header: Tree | None


class SoapFault(Exception):
    """A refusal. `subcode` is one of the ONVIF Core Specification, clause 5.8.2."""

    status: ClassVar[int] = 400

    def __init__(self, subcode: str, reason: str, *, is_receiver: bool = False) -> None:
        super().__init__(reason)
        self.subcode = subcode
        self.reason = reason
        self.is_receiver = is_receiver

    def body(self) -> str:
        """The fault's element (SOAP 1.2 part 1, clause 5.4)."""
        code = "s:Receiver" if self.is_receiver else "s:Sender"
        return (
            f"<s:Fault><s:Code><s:Value>{code}</s:Value><s:Subcode><s:Value>{self.subcode}</s:Value></s:Subcode>"
            f'</s:Code><s:Reason><s:Text xml:lang="en">{self.reason}</s:Text></s:Reason></s:Fault>'
        )


def read_request(body: bytes) -> SoapRequest:
    """What a client asks.

    Raises:
        SoapFault: not a SOAP request.

    """
    try:
        envelope = parse_tree(body)
    except MalformedXml:
        raise SoapFault("ter:WellFormed", "not well-formed") from None
    content = envelope.first("Body")
    operation = next(content.children(), None) if content else None
    if operation is None:
        raise SoapFault("ter:WellFormed", "an empty request")
    return SoapRequest(operation, envelope.first("Header"))


def envelope(body: str, header: str = "") -> str:
    """A whole document."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<s:Envelope {_PREFIXES}><s:Header>{header}</s:Header>'
        f"<s:Body>{body}</s:Body></s:Envelope>"
    )
