"""One look at a camera's pictures, as it is told to the control process."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from analytics.quality.finding import Finding
from analytics.quality.standing import Standing
from vms_api.node.glance import Glance


@dataclass(frozen=True, slots=True)
class QualityLook:
    """What was found, or with a `reason` and no findings, why nothing could be."""

    camera_id: str
    checked_at: datetime
    method_version: str
    reason: str = ""
    findings: Sequence[Finding] = ()
    standing: Standing | None = None
    glance: Glance | None = None


def look_payload(entry_id: str, look: QualityLook) -> dict[str, Any]:
    """The look as JSON, its picture in base64."""
    jpeg = look.glance.jpeg() if look.glance is not None else None
    return {
        "id": entry_id,
        "camera_id": look.camera_id,
        "checked_at": look.checked_at.isoformat(),
        "method_version": look.method_version,
        "mask_version": look.glance.mask_version if look.glance is not None else None,
        "reason": look.reason,
        "findings": [
            finding.as_json() | {"standing": look.standing.state(finding.category).value}
            for finding in look.findings
            if look.standing is not None
        ],
        "picture": base64.b64encode(jpeg).decode() if jpeg is not None else None,
    }
