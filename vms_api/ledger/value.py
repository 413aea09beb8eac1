"""What a typed or imported text is worth in a field: the one form in which it is stored, or why it is none. Pure."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address
from types import MappingProxyType

from vms_api.ledger.field import PLACEHOLDERS, LedgerField

Value = str | int | float | bool
"""A value as it is stored: dates are ISO 8601 (2026-05-01), choices their keys."""

Cell = str | int | float | bool | date | None
"""What a spreadsheet or a JSON body holds."""

MAX_EXACT = 10**15
"""Spreadsheets keep 15 digits of a number; what follows is lost."""

_EPOCH_1900 = date(1899, 12, 30)
"""Day 0 of spreadsheets, with their 29 February 1900 that never was (ECMA-376 part 1, 18.17.4.1)."""
_SERIALS = range(20_000, 80_000)
"""Serial numbers of 1954 to 2119: smaller or larger numbers are something else."""
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d{2}")
_WHOLE_FLOAT = re.compile(r"(\d+)\.0+")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f]+")
_YES = frozenset({"是", "有", "启用", "在用", "yes", "y", "true", "1", "√"})
_NO = frozenset({"否", "无", "停用", "不启用", "no", "n", "false", "0", "\u00d7"})
_NAMED_RESOLUTIONS = MappingProxyType(
    {
        "720p": "1280x720",
        "1080p": "1920x1080",
        "2k": "2560x1440",
        "1440p": "2560x1440",
        "4k": "3840x2160",
        "2160p": "3840x2160",
        "d1": "704x576",
        "cif": "352x288",
    }
)


class ValueUnfit(Exception):
    """The text is no value of the field. `code` is stable, `params` go into the words that explain it."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def value_of(field: LedgerField, cell: Cell) -> Value | None:
    """The value that a cell means; None for an empty one and for what only stands for nothing ("-", "无").

    Raises:
        ValueUnfit: it means none.

    """
    if isinstance(cell, str):
        cell = _UNSEEN.sub(" ", cell).strip().strip("\u200b\ufeff")
    if cell is None or cell == "":
        return None
    value = _KINDS[field.kind](field, cell)
    if isinstance(value, str) and field.max_length and len(value) > field.max_length:
        raise ValueUnfit("value-too-long", limit=field.max_length)
    return value


def _is_placeholder(cell: Cell) -> bool:
    return str(cell).lower() in PLACEHOLDERS


def _text(field: LedgerField, cell: Cell) -> str | None:
    if isinstance(cell, float) and not cell.is_integer():
        text = repr(cell)
    elif isinstance(cell, int | float) and not isinstance(cell, bool):
        if abs(cell) >= MAX_EXACT:
            raise ValueUnfit("digits-lost")
        text = str(int(cell))
    else:
        text = str(cell)
    if _is_placeholder(text):
        return None
    if _SCIENTIFIC.fullmatch(text):
        raise ValueUnfit("digits-lost")
    return _FORMS[field.form](text) if field.form else text


def _choice(field: LedgerField, cell: Cell) -> str | None:
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    whole = _WHOLE_FLOAT.fullmatch(text)
    found = field.choice(whole[1] if whole else text)
    if found is None and _is_placeholder(text):
        return None
    if found is None:
        raise ValueUnfit("choice-unknown")
    return found.key


def _flag(_field: LedgerField, cell: Cell) -> bool | None:
    text = str(int(cell)) if isinstance(cell, float | bool) else str(cell).lower()
    if text in _YES:
        return True
    if text in _NO:
        return False
    if _is_placeholder(text):
        return None
    raise ValueUnfit("flag-unknown")


def _date(_field: LedgerField, cell: Cell) -> str | None:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    text = str(cell)
    serial = _number_in(text)
    if serial is not None and int(serial) in _SERIALS:
        return (_EPOCH_1900 + timedelta(days=int(serial))).isoformat()
    if _is_placeholder(text):
        return None
    parts = _DATE.fullmatch(text) or _COMPACT_DATE.fullmatch(text)
    try:
        found = date(*map(int, parts.groups())) if parts else None
    except ValueError:
        found = None
    if found is None or not 1980 <= found.year <= 2100:  # noqa: PLR2004 - no camera is older, and 2100 is a typing error
        raise ValueUnfit("date-malformed")
    return found.isoformat()


def _number(field: LedgerField, cell: Cell) -> int | float | None:
    number = _number_in(unicodedata.normalize("NFKC", str(cell)).rstrip("°米天路m "))
    if number is None:
        if _is_placeholder(cell):
            return None
        raise ValueUnfit("number-malformed")
    low, high, is_whole = _RANGES[field.form or "number"]
    if not low <= number <= high:
        raise ValueUnfit("number-range", low=low, high=high)
    if is_whole and not number.is_integer():
        raise ValueUnfit("number-malformed")
    return int(number) if is_whole else round(number, 7)


def _number_in(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < MAX_EXACT else None


def _digits(text: str) -> str:
    """Without what keeps a spreadsheet from reading a number: an apostrophe, ="...", a fraction of nought."""
    plain = unicodedata.normalize("NFKC", text).strip("'\"= ")
    whole = _WHOLE_FLOAT.fullmatch(plain)
    return whole[1] if whole else plain


def _digits20(text: str) -> str:
    """A code of GB/T 28181-2022 annex E: centre 8, industry 2, type 3, network 1, number 6 digits."""
    code = _digits(text)
    if _SCIENTIFIC.fullmatch(code):
        raise ValueUnfit("digits-lost")
    if not (code.isascii() and code.isdigit()):
        raise ValueUnfit("code-malformed")
    if len(code) != 20:  # noqa: PLR2004 - the length of the code
        raise ValueUnfit("code-length", digits=len(code))
    if code.endswith("00000") and code[:15].strip("0"):
        raise ValueUnfit("digits-lost")
    return code


def _division(text: str) -> str:
    """A code of GB/T 2260 (6 digits) or, with townships and villages after it, GB/T 10114 (9, 12)."""
    code = _digits(text)
    if not (code.isascii() and code.isdigit()):
        raise ValueUnfit("division-malformed")
    if len(code) not in (2, 4, 6, 8, 9, 12):
        raise ValueUnfit("zeros-lost" if len(code) in (5, 11) else "division-malformed")
    return code


def _ipv4(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).replace("。", ".").replace(" ", "")
    parts = plain.split(".")
    if all(part.isascii() and part.isdigit() and len(part) <= 3 for part in parts):  # noqa: PLR2004 - 192.168.001.010
        plain = ".".join(str(int(part)) for part in parts)
    try:
        return str(IPv4Address(plain))
    except ValueError:
        raise ValueUnfit("ip-malformed") from None


def _ipv6(text: str) -> str:
    try:
        return str(IPv6Address(text))
    except ValueError:
        raise ValueUnfit("ip-malformed") from None


def _mac(text: str) -> str:
    digits = re.sub(r"[-:. ]", "", _digits(text)).lower()
    if digits.isdigit() and 6 <= len(digits) < 12:  # noqa: PLR2004 - leading zeros of a number are gone
        raise ValueUnfit("zeros-lost")
    if not re.fullmatch(r"[0-9a-f]{12}", digits) or set(digits) == {"0"}:
        raise ValueUnfit("mac-malformed")
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def _phone(text: str) -> str:
    phone = _digits(text)
    if not re.fullmatch(r"\+?\d[\d \-()转/,;]{4,28}", phone):
        raise ValueUnfit("phone-malformed")
    return phone


def _resolution(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).lower().replace(" ", "")
    if plain in _NAMED_RESOLUTIONS:
        return _NAMED_RESOLUTIONS[plain]
    size = re.fullmatch(r"(\d{3,5})[x*\u00d7](\d{3,5})", plain)
    if size is None:
        raise ValueUnfit("resolution-malformed")
    return f"{size[1]}x{size[2]}"


_KINDS: Mapping[str, Callable[[LedgerField, Cell], Value | None]] = MappingProxyType(
    {"text": _text, "choice": _choice, "flag": _flag, "date": _date, "number": _number}
)
_FORMS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "digits20": _digits20,
        "division": _division,
        "ipv4": _ipv4,
        "ipv6": _ipv6,
        "mac": _mac,
        "phone": _phone,
        "resolution": _resolution,
    }
)
_RANGES: Mapping[str, tuple[float, float, bool]] = MappingProxyType(
    {
        "number": (-MAX_EXACT, MAX_EXACT, False),
        "longitude": (-180, 180, False),
        "latitude": (-90, 90, False),
        "height": (0, 500, False),
        "port": (1, 65535, True),
        "channel": (1, 65535, True),
        "days": (1, 3650, True),
    }
)
