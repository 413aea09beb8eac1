"""What the asking for purposes refuses."""

from typing import Any

from vms_api.errors import InvalidRequest, Problem
from vms_api.purposes.settings import Occasion


class PurposeRequired(Problem):
    """The person may look, but has to say why first (POST /purposes)."""

    status, code, title = 403, "purpose-required", "Please state a purpose first"

    def __init__(self, occasion: Occasion) -> None:
        super().__init__(f"a purpose is asked for: {occasion}")
        self.occasion = occasion

    def document(self) -> dict[str, Any]:
        """The refusal with what asks for a purpose."""
        return {**super().document(), "occasion": self.occasion}


class PurposeUnknown(InvalidRequest):
    """Not one of the site's list."""

    code, title = "purpose-unknown", "The purpose is not in the list"
