"""One message of syslog (RFC 5424). Pure."""

from vms_api.notify.delivery import Delivery

_FACILITY = 4
"""Security and authorization messages (RFC 5424 clause 6.2.1)."""
_SEVERITIES = {"high": 1, "medium": 4, "low": 5}
"""Alert, warning, notice."""
_ENTERPRISE = "xueliang@32473"
"""RFC 5424 clause 6.3.2: a name of our own takes an enterprise number; 32473 is the one for examples (RFC 5612)."""
_BOM = "\ufeff"
_SHOWN = (
    *("alert_id", "ticket_id", "round_id", "plan_id", "area_id", "camera_id"),
    *("kind", "cause", "severity", "state", "verdict", "link"),
)


def syslog_line(delivery: Delivery, host: str) -> bytes:
    """Header, structured data and a message for people, in UTF-8."""
    message, facts = delivery.message, delivery.message.facts
    priority = _FACILITY * 8 + _SEVERITIES.get(str(facts.get("severity")), 6)
    at = message.at.strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"
    pairs = {"delivery_id": delivery.id, **{name: facts[name] for name in _SHOWN if facts.get(name) is not None}}
    data = "".join(f' {name}="{_escaped(str(value))}"' for name, value in pairs.items())
    told = [str(facts.get(name) or "") for name in ("area", "camera", "rule", "cause", "state")]
    text = _one_line(" | ".join(part for part in told if part))
    header = f"<{priority}>1 {at} {_token(host, 255)} xueliang - {_token(message.type, 32)}"
    return f"{header} [{_ENTERPRISE}{data}] {_BOM}{text}".encode()


def octet_counted(line: bytes) -> bytes:
    """The same as a frame of a stream (RFC 6587 clause 3.4.1)."""
    return b"%d %b" % (len(line), line)


def _escaped(value: str) -> str:
    """As the value of a parameter (RFC 5424 clause 6.3.3)."""
    return _one_line(value).replace("\\", "\\\\").replace('"', '\\"').replace("]", "\\]")


def _one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _token(text: str, longest: int) -> str:
    """Visible ASCII without spaces, or "-" for nothing (RFC 5424 clause 6)."""
    return "".join(letter for letter in text if "!" <= letter <= "~")[:longest] or "-"
