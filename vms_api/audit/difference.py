"""What a change changed, for the audit log."""

from collections.abc import Mapping
from typing import Any


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Mapping[str, Any]:
    """Field → [old value, new value] of all fields that differ. Secrets must not be among them."""
    return {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}
