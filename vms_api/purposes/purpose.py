"""A purpose that somebody stated, as a value."""

from dataclasses import dataclass
from datetime import datetime

from vms_api.audit.entry import StatedPurpose


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why a person looks at some cameras, or at an area with all below it, until a time.

    `key` is one of the site's closed list. Either `area_id` is set or `camera_ids` is not empty.
    """

    id: str
    user_id: str
    key: str
    reference: str
    area_id: str | None
    camera_ids: tuple[str, ...]
    created_at: datetime
    expires_at: datetime

    def stated(self) -> StatedPurpose:
        """As audit rows show it."""
        return StatedPurpose(self.id, self.key, self.reference)
