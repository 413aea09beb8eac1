"""SOAP 1.2 as a client speaks it: requests put together, answers taken apart."""

from dataclasses import dataclass
from html import escape

from ingest.onvif import namespaces as ns
from ingest.onvif.errors import AnswerMalformed, OperationRefused, OperationUnsupported
from ingest.onvif.tree import MalformedXml, Tree, parse_tree

MAX_TEXT = 128

_UNSUPPORTED = {"ActionNotSupported", "OptionalActionNotImplemented", "NoSuchService", "UnknownAction"}
_LOGIN_FAULTS = ("notauthorized", "not authorized", "failedauthentication", "unauthorized", "invalidsecurity")


@dataclass(frozen=True, slots=True)
class Fault:
    """A refusal as the device words it, cleaned."""

    subcode: str
    reason: str

    @property
    def is_about_login(self) -> bool:
        """Whether it means that the login was wrong or missing; devices word this in many ways."""
        words = f"{self.subcode} {self.reason}".lower()
        return any(word in words for word in _LOGIN_FAULTS)

    def error(self) -> OperationRefused | OperationUnsupported:
        """As it is raised."""
        if self.subcode in _UNSUPPORTED:
            return OperationUnsupported("The device does not support this.")
        return OperationRefused(f"The device refused: {self.reason or self.subcode or 'no reason'}", self.subcode)


def request_bytes(body: str, header: str = "") -> bytes:
    """The document. `body` and `header` are XML that declares its own prefixes."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{ns.SOAP}">'
        f"<s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def operation(namespace: str, name: str, inner: str = "") -> str:
    """An operation's element. Elements without a prefix in `inner` are in its namespace; `tt` is the ONVIF schema."""
    return f'<{name} xmlns="{namespace}" xmlns:tt="{ns.SCHEMA}">{inner}</{name}>'


def element(name: str, text: str) -> str:
    """An element with text."""
    return f"<{name}>{escape(text)}</{name.split(maxsplit=1)[0]}>"


def read_answer(body: bytes) -> Tree | Fault:
    """The answer's element, or why there is none.

    Raises:
        AnswerMalformed: not a SOAP answer.

    """
    try:
        document = parse_tree(body)
    except MalformedXml as error:
        raise AnswerMalformed(f"The device's answer cannot be read: {error}.") from None
    content = document.first("Body")
    answer = next(content.children(), None) if content and document.name == "Envelope" else None
    if answer is None:
        raise AnswerMalformed("The device's answer is not SOAP.")
    if answer.name != "Fault":
        return answer
    values = [code.text("Value") for code in answer.anywhere("Subcode")]
    subcode = (values[-1] if values else answer.text("Code", "Value")).rpartition(":")[2]
    reason = answer.text("Reason", "Text") or answer.text("faultstring")
    return Fault(clean(subcode), clean(reason))


def clean(text: str) -> str:
    """Text of a device, as far as it may be shown: printable, and short."""
    return "".join(letter for letter in text if letter.isprintable())[:MAX_TEXT].strip()
