"""Looks at pictures as a node tells of them, by hand."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

from analytics.quality.category import Category
from ingest.identifier import new_identifier

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
"""Twelve o'clock in Shanghai."""
JPEG = b"\xff\xd8\xff\xe0" + b"what was judged" + b"\xff\xd9"


def finding(category: Category, standing: str, state: str | None = None, **fields: Any) -> dict[str, Any]:
    score = {"ok": 96.0, "abnormal": 21.0, "unknown": None}[state or standing]
    known = {"category": category.value, "state": state or standing, "standing": standing, "score": score}
    return known | {"value": 3.0, "threshold": 2.0, "usual": 1.0, "confidence": 0.9, "reason": "", **fields}


def report(camera_id: str, *abnormal: Category, minutes: float = 0.0, **fields: Any) -> dict[str, Any]:
    """A look with every category judged; where the camera points is not known without a reference."""
    findings = [
        finding(one, "abnormal" if one in abnormal else "unknown" if one is Category.SHIFT else "ok")
        for one in Category
    ]
    return {
        "id": new_identifier(),
        "camera_id": camera_id,
        "checked_at": (NOON + timedelta(minutes=minutes)).isoformat(),
        "method_version": "7",
        "mask_version": 0,
        "reason": "",
        "findings": findings,
        "picture": base64.b64encode(JPEG).decode(),
        **fields,
    }


def blind(camera_id: str, reason: str = "offline", minutes: float = 0.0) -> dict[str, Any]:
    """A look that could see nothing."""
    return report(camera_id, minutes=minutes, reason=reason, findings=[], picture=None, mask_version=None)
