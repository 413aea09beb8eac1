"""Where a page of a list ends, as the opaque text of `next_cursor`."""

import base64
import binascii
import json
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel

from vms_api.errors import InvalidRequest

Item = TypeVar("Item")

Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str | None, Query(max_length=500)]


class Page(BaseModel, Generic[Item]):
    """One page of a list; `next_cursor` is null on the last one."""

    items: list[Item]
    next_cursor: str | None


def encode_cursor(*parts: str) -> str:
    """The place after the row with these sort keys."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def decode_cursor(text: str, size: int) -> tuple[str, ...]:
    """The `size` sort keys in a cursor.

    Raises:
        InvalidRequest: not a cursor of ours.

    """
    try:
        parts = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError):
        parts = None
    if not isinstance(parts, list) or len(parts) != size or not all(isinstance(part, str) for part in parts):
        raise InvalidRequest.field("cursor", "cursor-invalid", "not a cursor of this list")
    return tuple(parts)
