"""A file that somebody put to an alert or a ticket: a picture from the place, a report."""

import re
from datetime import datetime
from typing import Literal

from pydantic import BaseModel

ATTACH = "attach"
"""The act, as history and audit log name it."""

MAX_BYTES = 20 * 1024 * 1024
MAX_FILES = 20
MAX_TOTAL_BYTES = 100 * 1024 * 1024
"""Of all files of one alert or ticket."""

MediaType = Literal["image/jpeg", "image/png", "image/webp", "application/pdf", "text/plain"]
ENDINGS: dict[str, str] = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "application/pdf": "pdf",
    "text/plain": "txt",
}
_UNSAFE = re.compile(r'[\x00-\x1f\x7f"\\/:*?<>|\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]')
"""What file systems and headers do not take, and marks that make a name read backwards."""
_ENDING = re.compile(r"\.\w{1,5}$")
_LONGEST_NAME = 100


class Attachment(BaseModel, frozen=True):
    """A file of an alert or of a ticket; the id of the other is null.

    `name` ends as its contents are; `sha256` is of the bytes as they came.
    """

    id: str
    alert_id: str | None = None
    ticket_id: str | None = None
    name: str
    media_type: MediaType
    size: int
    sha256: str
    added_at: datetime
    added_by: str | None
    url: str


def safe_name(told: str, media_type: str) -> str:
    """A name that no system takes for anything but what the contents are."""
    stem = _ENDING.sub("", _UNSAFE.sub("_", told.strip())).strip(". ")
    return f"{stem[:_LONGEST_NAME] or 'file'}.{ENDINGS[media_type]}"
